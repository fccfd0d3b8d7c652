//! What a kind does beyond its rows. Each method has an answer for kinds that have nothing to say.

use poolform_model::Object;
use poolform_value::Diagnostics;
use serde_json::{Value as Json, json};

use super::Kind;
use crate::argument::{Argument, Kind as Type};
use crate::change::SettingChange;
use crate::decode::Decoded;
use crate::fold::Fold;
use crate::output::Endpoints;
use crate::plan::{self, Draft, Drafting, Phase, Request, Siblings};
use crate::resource::{Address, Desired, Form, Observed};
use crate::setting;

/// A setting, and why it is as it is.
pub(crate) type Reasoned = (&'static str, &'static str);

/// What a kind does beyond its rows, in the order of a plan: declaring, comparing, planning, showing.
pub(crate) trait Rules: Sync {
    /// Fills in what the module says where its arguments do not, and no row can.
    fn complete(&self, _decoded: &mut Decoded) {}

    /// Places what rows cannot. `tags` are all those of the pool, the provider's beneath.
    fn place(&self, _decoded: &Decoded, _tags: &Object, _form: Form, _settings: &mut Object) {}

    /// The rules between the arguments of one.
    fn check(&self, _decoded: &Decoded, _desired: &Desired, _diagnostics: &mut Diagnostics) {}

    /// The rules between all of one pool, as far as they are declared together.
    fn check_together(&self, _all: &[Desired], _complete: &dyn Fn(&Kind) -> bool, _diagnostics: &mut Diagnostics) {}

    /// What the module makes of a name before it registers it.
    fn registered(&self) -> Fold {
        Fold::Not
    }

    /// What Cognito makes of names that it compares.
    fn alike(&self) -> Fold {
        Fold::Not
    }

    /// What is said of two elements of a list that have one name, spelt in the same way or not.
    fn why_same_name(&self, list: &str, name: &str, _exactly: bool) -> String {
        format!("Two elements of \"{list}\" are called \"{name}\". Rename or remove one of them.")
    }

    /// What an answer to a look says about the one of `identity`; None where it is not there.
    fn found(&self, _identity: &Object, answer: Object) -> Option<Object> {
        (!answer.is_empty()).then_some(answer)
    }

    /// From an answer to settings in the shape of the create request.
    fn settle(&self, answer: &Object) -> Object {
        setting::compact(answer)
    }

    /// Whether two values of a setting are the same to Cognito, where that is not plain equality.
    fn same(&self, _path: &str, _desired: &Json, _observed: &Json) -> Option<bool> {
        None
    }

    /// Whether what no answer shows is known to be missing all the same.
    fn is_wanting(&self, _path: &str, _observed: &Observed) -> bool {
        false
    }

    /// Of a setting that only grows: why `desired` cannot be had from what is there. `was` are its elements that were
    /// declared before. None for any other setting.
    fn refusals_of_growth(
        &self,
        _path: &str,
        _desired: &Json,
        _observed: &Json,
        _was: &[String],
    ) -> Option<Vec<String>> {
        None
    }

    /// Of a setting that only grows: the elements that come. None for any other setting.
    fn grown_by(&self, _path: &str, _desired: &Json, _observed: &Json) -> Option<Vec<Json>> {
        None
    }

    /// Of a setting that only grows: the elements of an answer that `desired` does not name. None for any other setting.
    fn undeclared_elements(&self, _path: &str, _desired: Option<&Json>, _observed: &Json) -> Option<Vec<String>> {
        None
    }

    /// What nobody declares and cannot stay beside what is declared.
    fn goes_along(&self, _desired: &Object, _observed: &Object) -> Vec<Reasoned> {
        Vec::new()
    }

    /// What is said for a new one although it is not declared.
    fn for_a_new_one(&self, _settings: &Object) -> Vec<(&'static str, Json, &'static str)> {
        Vec::new()
    }

    /// Whether a setting only says again what another one says.
    fn is_twin(&self, _path: &str) -> bool {
        false
    }

    /// Whether a change of the setting at `changed` also changes what is at `path`.
    fn moves_with(&self, _changed: &str, _path: &str) -> bool {
        false
    }

    /// The paths at which requests and answers have a setting.
    fn sent_as(&self, path: &str) -> Vec<String> {
        vec![path.to_owned()]
    }

    /// Whether Cognito makes up an entry of a map.
    fn derives(&self, _settings: &Object, _path: &str, _key: &str) -> bool {
        false
    }

    /// What Cognito refuses together although each by itself is fine: the setting, a summary, and what to do.
    fn impossible(&self, _observed: &Object, _changes: &[SettingChange]) -> Vec<(&'static str, &'static str, String)> {
        Vec::new()
    }

    /// The rules between one and what its pool has or gets.
    fn check_siblings(&self, _siblings: &Siblings<'_>, _diagnostics: &mut Diagnostics) {}

    /// What is lost when another takes its place.
    fn lost_with(&self, _observed: &Observed) -> Option<String> {
        None
    }

    /// What a reader should know of one that makes room for another because its name changes.
    fn lost_by_renaming(&self) -> Option<String> {
        None
    }

    /// What is at stake where a change is not possible in place, and what it is to make another all the same.
    fn stake(&self, _observed: &Observed) -> Option<(String, &'static str)> {
        None
    }

    /// What a reader should know of one that goes alone.
    fn gone(&self, _observed: &Observed) -> Option<String> {
        None
    }

    /// The requests that a change takes.
    fn draft(&self, drafting: &Drafting<'_>) -> Vec<Draft> {
        plan::part(drafting, Phase::Part, Phase::PartRemoval)
    }

    /// Rearranges the drafts of a whole plan.
    fn arrange(&self, _drafts: &mut Vec<(Address, Draft)>, _request: &Request<'_>) {}

    /// The argument that leads to what is there, where its row cannot say: Some(None) leaves it out.
    fn describe(&self, _name: &str, _settings: &Object) -> Option<Option<Json>> {
        None
    }

    /// Attributes of its Terraform resource whose value follows from what is declared, before it is there.
    fn foretold(&self, _settings: &Object) -> Object {
        Object::new()
    }

    /// The attributes of its Terraform resource, from what Cognito answered. `elements` are those of the setting that only
    /// grows which are to be shown, `own_tags` a pool's tags without the provider's.
    fn attributes(
        &self,
        kind: &Kind,
        observed: &Observed,
        _elements: &Json,
        _own_tags: &Json,
        _endpoints: &Endpoints<'_>,
    ) -> Object {
        shown_attributes(kind, observed)
    }
}

/// A part of a pool that does nothing beyond its rows.
pub(super) struct Part;

impl Rules for Part {}

/// A member of an answer as an attribute: empty where it is not there.
pub(crate) fn text_of(answer: &Object, member: &str) -> Json {
    answer.get(member).cloned().unwrap_or_else(|| json!(""))
}

/// A time of an answer as an attribute.
pub(crate) fn date_of(answer: &Object, member: &str, endpoints: &Endpoints<'_>) -> Json {
    json!((endpoints.date)(answer.get(member).and_then(Json::as_f64).unwrap_or(0.0)))
}

/// The attributes of a part of a pool by its rows.
pub(crate) fn shown_attributes(kind: &Kind, observed: &Observed) -> Object {
    let mut found = resource_object(kind.arguments, &observed.settings);
    let pool = setting::get(&observed.answer, "UserPoolId").as_str().unwrap_or_default();
    found.insert("user_pool_id".to_owned(), json!(pool));
    found
}

/// Settings as the attributes that rows have in a resource: what stands in a block is in a list of one object.
fn resource_object(rows: &[Argument], settings: &Object) -> Object {
    let mut found = Object::new();
    for row in rows {
        let there = setting::get(settings, row.api);
        let value = match (row.kind, there) {
            (Type::Record(inner), _) => {
                let object = resource_object(inner, settings);
                if object.values().all(Json::is_null) { Json::Null } else { json!([object]) }
            }
            (Type::Records(inner), Json::Array(items)) if !items.is_empty() => items
                .iter()
                .filter_map(Json::as_object)
                .map(|item| Json::Object(resource_object(inner, item)))
                .collect(),
            _ => crate::describe::given(row, there).unwrap_or(Json::Null),
        };
        place(&mut found, row.resource_path(), value);
    }
    found
}

/// Puts a value at a path of names whose outer parts are lists of one object. A block that nothing stands in is null.
fn place(members: &mut Object, path: &str, value: Json) {
    let Some((block, rest)) = path.split_once('.') else {
        members.insert(path.to_owned(), value);
        return;
    };
    let block = members.entry(block).or_insert(Json::Null);
    if value.is_null() && block.is_null() {
        return;
    }
    if block.is_null() {
        *block = json!([{}]);
    }
    if let Some(inner) = block.get_mut(0).and_then(Json::as_object_mut) {
        place(inner, rest, value);
    }
}
