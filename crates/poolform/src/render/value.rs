//! Values for people, as Terraform shows outputs.

use poolform_value::{Content, Value};

/// A value over as many lines as it takes.
pub fn show(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    if value.sensitive {
        text.push_str("(sensitive)");
        return;
    }
    let indent = "  ".repeat(depth + 1);
    let close = "  ".repeat(depth);
    match &value.content {
        Content::Null(_) => text.push_str("null"),
        Content::Unknown(..) => text.push_str("(known after apply)"),
        Content::Bool(value) => text.push_str(&value.to_string()),
        Content::Number(number) => text.push_str(&number.to_plain_string()),
        Content::String(string) => text.push_str(&serde_json::Value::from(string.as_str()).to_string()),
        Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) if items.is_empty() => {
            text.push_str("[]")
        }
        Content::Map(_, members) | Content::Object(members) if members.is_empty() => text.push_str("{}"),
        Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
            text.push_str("[\n");
            for item in items {
                text.push_str(&indent);
                write(item, depth + 1, text);
                text.push_str(",\n");
            }
            text.push_str(&close);
            text.push(']');
        }
        Content::Map(_, members) | Content::Object(members) => {
            let width = members.keys().map(|name| name.chars().count() + 2).max().unwrap_or(0);
            text.push_str("{\n");
            for (name, member) in members {
                let name = serde_json::Value::from(name.as_str()).to_string();
                text.push_str(&format!("{indent}{name:width$} = "));
                write(member, depth + 1, text);
                text.push('\n');
            }
            text.push_str(&close);
            text.push('}');
        }
    }
}
