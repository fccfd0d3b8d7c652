//! What `terraform show -json` knows.

use poolform_value::{Content, Value, from_json};
use serde_json::Value as Json;

use crate::instance::Repetition;

/// The resource or data source `address` of the module at `module`: one object, or a tuple or object of instances.
pub(crate) fn resource(state: &Json, module: &str, address: &str) -> Option<Value> {
    let found = find_module(state.get("values")?.get("root_module")?, module, 0)?;
    let instances: Vec<&Json> = found
        .get("resources")?
        .as_array()?
        .iter()
        .filter(|resource| {
            let text = |name: &str| resource.get(name).and_then(Json::as_str).unwrap_or_default();
            let plain = format!("{}.{}", text("type"), text("name"));
            match text("mode") {
                "managed" => plain == address,
                mode => format!("{mode}.{plain}") == address,
            }
        })
        .collect();
    let first = instances.first()?;
    match first.get("index") {
        None | Some(Json::Null) => Some(attributes(first)),
        Some(Json::Number(_)) => {
            let mut numbered: Vec<(u64, Value)> = instances
                .iter()
                .filter_map(|instance| Some((instance.get("index")?.as_u64()?, attributes(instance))))
                .collect();
            numbered.sort_by_key(|(index, _)| *index);
            Some(Value::tuple(numbered.into_iter().map(|(_, value)| value).collect()))
        }
        Some(_) => Some(Value::object(
            instances
                .iter()
                .filter_map(|instance| Some((instance.get("index")?.as_str()?.to_owned(), attributes(instance)))),
        )),
    }
}

/// One instance of the resource or data source `address` of the module at `module`.
pub(crate) fn instance(state: &Json, module: &str, address: &str, repetition: &Repetition) -> Option<Value> {
    let whole = resource(state, module, address)?;
    match repetition {
        Repetition::Single => Some(whole),
        Repetition::Count(index) => whole.items()?.get(*index).cloned(),
        Repetition::Each(key, _) => whole.members()?.get(key).cloned(),
    }
}

/// Whether there is an instance with this address anywhere.
pub(crate) fn names(state: &Json, address: &str) -> bool {
    fn in_module(module: &Json, address: &str, depth: usize) -> bool {
        let list = |name: &str| module.get(name).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        let is = |resource: &Json| resource.get("address").and_then(Json::as_str) == Some(address);
        depth < 50
            && (list("resources").iter().any(is)
                || list("child_modules").iter().any(|child| in_module(child, address, depth + 1)))
    }
    state.get("values").and_then(|values| values.get("root_module")).is_some_and(|root| in_module(root, address, 0))
}

/// The output `name` of the root module.
pub(crate) fn output(state: &Json, name: &str) -> Option<Value> {
    let output = state.get("values")?.get("outputs")?.get(name)?;
    let sensitive = output.get("sensitive").and_then(Json::as_bool).unwrap_or_default();
    Some(from_json(output.get("value")?).marked(sensitive))
}

fn find_module<'j>(module: &'j Json, address: &str, depth: usize) -> Option<&'j Json> {
    let own = module.get("address").and_then(Json::as_str).unwrap_or_default();
    if own == address {
        return Some(module);
    }
    if depth > 50 {
        return None;
    }
    module.get("child_modules")?.as_array()?.iter().find_map(|child| find_module(child, address, depth + 1))
}

fn attributes(resource: &Json) -> Value {
    let mut value = resource.get("values").map_or_else(Value::null, from_json);
    if let Some(marks) = resource.get("sensitive_values") {
        mark(&mut value, marks);
    }
    value
}

/// Marks what `marks`, a tree of the same shape, says is sensitive.
fn mark(value: &mut Value, marks: &Json) {
    match (marks, &mut value.content) {
        (Json::Bool(true), _) => value.sensitive = true,
        (Json::Array(marks), Content::Tuple(items)) => {
            items.iter_mut().zip(marks).for_each(|(item, marks)| mark(item, marks));
        }
        (Json::Object(marks), Content::Object(members)) => {
            for (name, member) in members {
                if let Some(marks) = marks.get(name) {
                    mark(member, marks);
                }
            }
        }
        _ => {}
    }
}
