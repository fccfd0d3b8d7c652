//! Trees of settings: JSON in the shape of the create request, and paths into them.

use poolform_model::Object;
use serde_json::Value as Json;

/// Whether a value says nothing: null, or empty text, list or object. Cognito shows what is unset by leaving it out.
pub fn is_empty(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.values().all(is_empty),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

/// The value at a path like `Policies.PasswordPolicy.MinimumLength`; null where there is none.
pub fn get<'t>(tree: &'t Object, path: &str) -> &'t Json {
    let mut parts = path.split('.');
    let mut at = parts.next().and_then(|name| tree.get(name)).unwrap_or(&Json::Null);
    for part in parts {
        at = at.get(part).unwrap_or(&Json::Null);
    }
    at
}

/// Puts a value at a path, making the objects on the way.
pub fn put(tree: &mut Object, path: &str, value: Json) {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    match rest {
        None => {
            tree.insert(first.to_owned(), value);
        }
        Some(rest) => {
            let inner = tree.entry(first.to_owned()).or_insert_with(|| Json::Object(Object::new()));
            if !inner.is_object() {
                *inner = Json::Object(Object::new());
            }
            if let Json::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// Takes a value away, and the objects on the way that it leaves empty.
pub fn remove(tree: &mut Object, path: &str) {
    match path.split_once('.') {
        None => {
            tree.remove(path);
        }
        Some((first, rest)) => {
            let Some(Json::Object(inner)) = tree.get_mut(first) else { return };
            remove(inner, rest);
            if inner.is_empty() {
                tree.remove(first);
            }
        }
    }
}

/// Without nulls and without lists and objects that are empty, at any depth. Empty texts stay: a tag may have one.
pub fn compact(tree: &Object) -> Object {
    fn inner(json: &Json) -> Option<Json> {
        match json {
            Json::Null => None,
            Json::Object(members) => Some(compact(members)).filter(|members| !members.is_empty()).map(Json::Object),
            Json::Array(items) if items.is_empty() => None,
            Json::Array(items) => Some(Json::Array(items.iter().filter_map(inner).collect())),
            other => Some(other.clone()),
        }
    }
    tree.iter().filter_map(|(name, value)| Some((name.clone(), inner(value)?))).collect()
}

/// A list of texts in order, so that sets compare and read alike.
pub fn sorted(json: &Json) -> Json {
    match json {
        Json::Array(items) => {
            let mut items = items.clone();
            items.sort_by_key(Json::to_string);
            Json::Array(items)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn puts_gets_and_removes_by_path() {
        let mut tree = Object::new();
        put(&mut tree, "A.B.C", json!(1));
        assert_eq!(get(&tree, "A.B.C"), &json!(1));
        assert_eq!(get(&tree, "A.X.C"), &Json::Null);
        remove(&mut tree, "A.B.C");
        assert!(tree.is_empty());
    }

    #[test]
    fn compacting_keeps_empty_texts() {
        let tree = json!({"Tags": {"a": ""}, "List": [], "Inner": {"Null": null}});
        assert_eq!(Json::Object(compact(tree.as_object().unwrap())), json!({"Tags": {"a": ""}}));
    }

    #[test]
    fn emptiness_is_deep() {
        assert!(is_empty(&json!({"A": {"B": []}})));
        assert!(!is_empty(&json!({"A": false})));
    }
}
