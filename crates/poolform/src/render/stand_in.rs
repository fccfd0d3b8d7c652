//! What stands in for values that only AWS knows: said with every local plan, with how to give the real ones.

use std::fmt::Write as _;

use poolform_language::StandIn;
use poolform_value::to_json;
use serde_json::{Value as Json, json};

use super::value;

/// Prints them on standard error, where there are any.
pub fn print(stand_ins: &[StandIn]) {
    if stand_ins.is_empty() {
        return;
    }
    let count = stand_ins.len();
    let mut text = format!(
        "{count} {} made up for what only AWS or you know (-stand-ins=false refuses instead):",
        if count == 1 { "value is" } else { "values are" }
    );
    for StandIn { reference, value, hint, .. } in stand_ins {
        let _ = write!(text, "\n    {reference} = {}\n        the real one: {hint}", value::show(value));
    }
    say!("{text}\n");
}

/// For machines; sensitive ones without their value.
pub fn json(stand_ins: &[StandIn]) -> Json {
    let one = |stand_in: &StandIn| {
        let hidden = stand_in.value.contains_sensitive();
        let value = if hidden { Json::Null } else { to_json(&stand_in.value).unwrap_or(Json::Null) };
        json!({"reference": stand_in.reference, "value": value, "sensitive": hidden, "give": stand_in.hint})
    };
    stand_ins.iter().map(one).collect()
}
