//! Tests of [`crate::convert`] and [`crate::unify`].

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::*;

fn number(number: i64) -> Value {
    number.into()
}

fn list(inner: Type) -> Type {
    Type::List(Box::new(inner))
}

fn object(attributes: &[(&str, Type)]) -> Type {
    Type::Object(
        attributes.iter().map(|(name, ty)| ((*name).to_owned(), ObjectAttribute::required(ty.clone()))).collect(),
    )
}

fn message(value: Value, ty: Type) -> (String, String) {
    let error = convert(&value, &ty).expect_err("does not fit");
    (error.path.to_string(), error.message)
}

fn pair(path: &str, message: &str) -> (String, String) {
    (path.to_owned(), message.to_owned())
}

#[test]
fn primitives() {
    assert_eq!(convert(&"12".into(), &Type::Number), Ok(number(12)));
    assert_eq!(convert(&number(100), &Type::String), Ok("100".into()));
    assert_eq!(convert(&true.into(), &Type::String), Ok("true".into()));
    assert_eq!(convert(&"1".into(), &Type::Bool), Ok(true.into()));
    assert_eq!(message("x".into(), Type::Bool), pair("", "a bool is required"));
    assert_eq!(message("x".into(), Type::Number), pair("", "a number is required"));
    assert_eq!(message(Value::tuple(vec![]), Type::String), pair("", "string required"));
    assert_eq!(message(number(1), Type::Bool), pair("", "bool required"));
    assert_eq!(message("a".into(), list(Type::String)), pair("", "list of string required"));
}

#[test]
fn paths_are_in_messages_and_in_data() {
    let bad = Value::tuple(vec![Value::object([("a", Value::tuple(vec![]))])]);
    let error = convert(&bad, &list(object(&[("a", Type::Bool)]))).expect_err("does not fit");
    assert_eq!(error.message, "element 0: attribute \"a\": bool required");
    assert_eq!(error.path.segments, [Segment::Index(0), Segment::Attribute("a".into())]);
    assert_eq!(
        message(Value::object([("a", Value::tuple(vec![]))]), Type::Map(Box::new(Type::String))).1,
        "element \"a\": string required"
    );
    let wanted = object(&[("a", Type::Bool), ("b", Type::Bool), ("c", Type::Bool)]);
    assert_eq!(
        message(Value::object([("a", true.into()), ("b", true.into())]), wanted.clone()).1,
        "attribute \"c\" is required"
    );
    assert_eq!(message(Value::object::<&str>([]), wanted).1, "attributes \"a\", \"b\", and \"c\" are required");
}

#[test]
fn any_unifies_elements() {
    let mixed = Value::tuple(vec![number(1), "a".into()]);
    let converted = convert(&mixed, &list(Type::Any)).expect("unifies");
    assert_eq!(converted.content, Content::List(Type::String, vec!["1".into(), "a".into()]));
    assert_eq!(
        message(Value::tuple(vec!["a".into(), Value::tuple(vec![])]), list(Type::Any)).1,
        "all list elements must have the same type"
    );
    let nulls = convert(&Value::tuple(vec![Value::null(), "a".into()]), &list(Type::Any)).expect("unifies");
    assert_eq!(nulls.items().expect("items")[0].content, Content::Null(Type::String));
}

#[test]
fn sets_are_sorted_and_without_duplicates() {
    let set = |items| convert(&Value::tuple(items), &Type::Set(Box::new(Type::Any))).expect("a set");
    assert_eq!(set(vec!["b".into(), "a".into(), "b".into()]).items(), Some(&["a".into(), "b".into()][..]));
    assert_eq!(set(vec![number(10), number(9), number(10)]).items(), Some(&[number(9), number(10)][..]));
    let secret = set(vec![Value::from("b").marked(true), "a".into()]);
    assert!(secret.sensitive);
    assert!(secret.items().expect("items").iter().all(|item| !item.sensitive));
}

#[test]
fn optional_attributes_take_their_defaults_deep() {
    let inner = Type::Object(BTreeMap::from([(
        "days".to_owned(),
        ObjectAttribute { ty: Type::Number, optional: true, default: Some("7".into()) },
    )]));
    let outer = Type::Object(BTreeMap::from([
        ("inner".to_owned(), ObjectAttribute { ty: inner, optional: true, default: Some(Value::object::<&str>([])) }),
        ("none".to_owned(), ObjectAttribute { ty: Type::Bool, optional: true, default: None }),
    ]));
    let expected =
        Value::object([("inner", Value::object([("days", number(7))])), ("none", Content::Null(Type::Bool).into())]);
    assert_eq!(convert(&Value::object([("extra", true.into())]), &outer), Ok(expected.clone()));
    assert_eq!(convert(&Value::object([("inner", Value::null())]), &outer), Ok(expected));
}

#[test]
fn unknowns_keep_their_origin_and_marks_and_places_stay() {
    let file: Arc<str> = "main.tf".into();
    let span = Span::new(&file, 1, 2);
    let mut unknown = Value::unknown("module.a.b", Some(span.clone())).marked(true);
    unknown.name_span = Some(span.clone());
    let converted = convert(&unknown, &Type::String).expect("fits");
    assert!(converted.sensitive);
    assert_eq!(converted.name_span, Some(span));
    let Content::Unknown(Type::String, Some(origin)) = converted.content else { panic!("{converted:?}") };
    assert_eq!(origin.reference, "module.a.b");
}

#[test]
fn unification_prefers_strings_and_turns_unlike_objects_to_maps() {
    assert_eq!(unify(&[Type::Number, Type::String]), Some(Type::String));
    assert_eq!(unify(&[Type::Bool, Type::Number]), None);
    assert_eq!(unify(&[Type::Any, Type::Number]), Some(Type::Number));
    assert_eq!(unify(&[]), None);
    assert_eq!(
        unify(&[object(&[("a", Type::Number)]), object(&[("b", Type::String)])]),
        Some(Type::Map(Box::new(Type::String)))
    );
    assert_eq!(
        unify(&[Type::Tuple(vec![Type::Number]), Type::Tuple(vec![Type::String, Type::String])]),
        Some(list(Type::String))
    );
    assert_eq!(unify(&[object(&[]), Type::Tuple(vec![])]), None);
}

#[test]
fn deep_nesting_with_open_types_is_not_exponential() {
    let mut value = Value::tuple(vec![Value::null()]);
    let mut ty = list(Type::Any);
    for _ in 0..60 {
        value = Value::tuple(vec![value, Value::tuple(vec![])]);
        ty = list(ty);
    }
    assert!(convert(&value, &ty).is_ok());
}
