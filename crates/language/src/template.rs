//! Templates: text with interpolations and directives.

use poolform_value::{Content, Diagnostics, Span, Type, Value, convert};

use crate::evaluate::{Evaluated, evaluate, pairs, unknown_from};
use crate::open::is_open;
use crate::scope::{Frame, Scope};
use crate::syntax::{Part, error_at};

/// The text that `parts` make; a template of nothing but one interpolation is the value itself.
pub(crate) fn render(parts: &[Part], scope: Scope<'_, '_>, span: &Span) -> Evaluated {
    match parts {
        [] => return Ok(Value::from("").at(Some(span.clone()))),
        [Part::Text(text)] => return Ok(Value::from(text.as_str()).at(Some(span.clone()))),
        [Part::Interpolation(inner)] => return evaluate(inner, scope),
        _ => {}
    }
    let mut output = Output { text: String::new(), sensitive: false, open: None };
    output.append(parts, scope)?;
    let value = match output.open {
        Some(source) => unknown_from(&source, Type::String),
        None => output.text.into(),
    };
    Ok(value.marked(output.sensitive).at(Some(span.clone())))
}

struct Output {
    text: String,
    sensitive: bool,
    /// The first unknown met; then the text is unknown too, but mistakes after it are still found.
    open: Option<Value>,
}

impl Output {
    fn append(&mut self, parts: &[Part], scope: Scope<'_, '_>) -> Result<(), Diagnostics> {
        let mut failed = Diagnostics::new();
        for part in parts {
            if let Err(diagnostics) = self.append_part(part, scope) {
                failed.extend(diagnostics);
            }
        }
        if failed.is_empty() { Ok(()) } else { Err(failed) }
    }

    fn append_part(&mut self, part: &Part, scope: Scope<'_, '_>) -> Result<(), Diagnostics> {
        match part {
            Part::Text(text) => {
                scope.meter.charge_text(text.len())?;
                self.text.push_str(text);
                Ok(())
            }
            Part::Interpolation(inner) => {
                let value = scope.settle(evaluate(inner, scope)?, &Type::String);
                let wrong = |detail: String| error_at(&inner.span, "Invalid template interpolation value", detail);
                if value.is_null() {
                    return Err(wrong(
                        "The expression result is null. Cannot include a null value in a string template.".to_owned(),
                    ));
                }
                let text = convert(&value, &Type::String).map_err(|error| {
                    wrong(format!("Cannot include the given value in a string template: {}.", error.message))
                })?;
                self.sensitive |= text.sensitive;
                match &text.content {
                    Content::String(text) => {
                        scope.meter.charge_text(text.len())?;
                        self.text.push_str(text);
                    }
                    _ => self.open = self.open.take().or(Some(text)),
                }
                Ok(())
            }
            Part::If { condition, then, otherwise } => {
                let test = scope.settle(evaluate(condition, scope)?, &Type::Bool);
                let wrong = |problem: &str| {
                    let detail = format!("The condition of this 'if' directive must be of type bool: {problem}.");
                    error_at(&condition.span, "Incorrect condition type", detail)
                };
                if test.is_null() {
                    return Err(wrong("it is null"));
                }
                let test = convert(&test, &Type::Bool).map_err(|error| wrong(&error.message))?;
                self.sensitive |= test.sensitive;
                match test.as_bool() {
                    Some(true) => self.append(then, scope),
                    Some(false) => self.append(otherwise, scope),
                    None => {
                        self.open = self.open.take().or(Some(test));
                        Ok(())
                    }
                }
            }
            Part::For { key_name, value_name, collection, body } => {
                let value = scope.settle_collection(evaluate(collection, scope)?);
                if is_open(&value) {
                    self.open = self.open.take().or(Some(value));
                    return Ok(());
                }
                self.sensitive |= value.sensitive;
                let Some(pairs) = pairs(&value) else {
                    return Err(error_at(
                        &collection.span,
                        "Iteration over non-iterable value",
                        "Only lists, sets, maps, tuples and objects can be used in a 'for' directive, and never null.",
                    ));
                };
                for (key, item) in &pairs {
                    let frame = Frame { name: value_name, value: item, next: scope.names };
                    let outer = key_name.as_deref().map(|name| Frame { name, value: key, next: Some(&frame) });
                    let scope = Scope { names: outer.as_ref().or(Some(&frame)), ..scope };
                    self.append(body, scope)?;
                }
                Ok(())
            }
        }
    }
}
