//! Reading the members of JSON objects whose types the model has already checked.

use poolform_model::Object;
use serde_json::Value as Json;

/// Typed looks at the members of an object. What is absent, null or of another type is None or empty.
pub(crate) trait Members {
    fn member(&self, name: &str) -> Option<&Json>;

    fn text(&self, name: &str) -> Option<&str> {
        self.member(name)?.as_str()
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.member(name)?.as_bool()
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.member(name)?.as_i64()
    }

    fn object(&self, name: &str) -> Option<&Object> {
        self.member(name)?.as_object()
    }

    fn list(&self, name: &str) -> &[Json] {
        self.member(name).and_then(Json::as_array).map_or(&[], Vec::as_slice)
    }

    fn texts(&self, name: &str) -> Vec<&str> {
        self.list(name).iter().filter_map(Json::as_str).collect()
    }
}

impl Members for Object {
    fn member(&self, name: &str) -> Option<&Json> {
        self.get(name).filter(|value| !value.is_null())
    }
}

impl Members for Json {
    fn member(&self, name: &str) -> Option<&Json> {
        self.get(name).filter(|value| !value.is_null())
    }
}

/// An object of one member.
pub(crate) fn only(name: &str, value: impl Into<Json>) -> Object {
    Object::from_iter([(name.to_owned(), value.into())])
}

/// The members in the order of the model's shape; members the shape lacks are left out.
pub(crate) fn in_model_order(shape: &str, mut object: Object) -> Object {
    let Some(shape) = poolform_model::shape(shape) else { return object };
    shape.member_names().filter_map(|name| Some((name.to_owned(), object.remove(name)?))).collect()
}

/// Whether a value is worth keeping: the service leaves unset members out, and an empty list, map or text is unset.
pub(crate) fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// The object without members that are null, at any depth.
pub(crate) fn without_nulls(object: &Object) -> Object {
    fn clean(value: &Json) -> Json {
        match value {
            Json::Object(members) => Json::Object(without_nulls(members)),
            Json::Array(items) => Json::Array(items.iter().map(clean).collect()),
            other => other.clone(),
        }
    }
    object.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), clean(value))).collect()
}
