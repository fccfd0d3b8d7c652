//! Conditions with a message: `validation`, `precondition`, `postcondition`, `assert`.

use poolform_value::{Diagnostic, Diagnostics, Span, Type, convert};

use crate::evaluate::evaluate;
use crate::scope::Scope;
use crate::syntax::{Block, error_at};

/// A condition that does not hold.
pub(crate) struct Broken<'b> {
    /// Its message, without secrets.
    pub message: String,
    /// The condition.
    pub span: &'b Span,
}

/// Whether the condition of `rule` holds. `wrong` is the summary of what is said of one that is neither true nor false. One
/// that hangs on something unknown is taken to hold.
pub(crate) fn check<'b>(rule: &'b Block, scope: Scope<'_, '_>, wrong: &str) -> Result<Option<Broken<'b>>, Diagnostics> {
    let (Some(condition), Some(message)) = (rule.body.attribute("condition"), rule.body.attribute("error_message"))
    else {
        // Said already where the kind of block requires both.
        return Ok(None);
    };
    let span = &condition.expression.span;
    let outcome = scope.settle(evaluate(&condition.expression, scope)?, &Type::Bool);
    let outcome = match convert(&outcome, &Type::Bool) {
        Ok(outcome) if !outcome.is_null() => outcome,
        failed => {
            let problem = failed.map_or_else(|error| error.message, |_| "it is null".to_owned());
            let what = rule.kind.replace("assert", "assertion");
            let what = if what == "validation" { "validation rule".to_owned() } else { what };
            let detail = format!("The condition of a {what} must be true or false: {problem}.");
            return Err(error_at(span, wrong, detail));
        }
    };
    if outcome.as_bool() != Some(false) {
        return Ok(None);
    }
    let text = evaluate(&message.expression, scope)?;
    let message = if text.contains_sensitive() {
        "The error message included a sensitive value, so it will not be displayed.".to_owned()
    } else {
        convert(&text, &Type::String).ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    };
    Ok(Some(Broken { message: message.trim_end().to_owned(), span }))
}

/// What is wrong with the `rules`: `failed` is the summary where one does not hold.
pub(crate) fn check_all<'b>(rules: impl Iterator<Item = &'b Block>, scope: Scope<'_, '_>, failed: &str) -> Diagnostics {
    let mut found = Diagnostics::new();
    for rule in rules {
        match check(rule, scope, "Invalid condition result") {
            Ok(None) => {}
            Ok(Some(broken)) if scope.stands_in() => {
                let detail = format!(
                    "{}\n\nThis may be so on account of a value that stands in for what only AWS knows, and stops nothing here.",
                    broken.message
                );
                found.push(Diagnostic::warning(failed, detail).at(Some(broken.span)));
            }
            Ok(Some(broken)) => found.push(Diagnostic::error(failed, broken.message).at(Some(broken.span))),
            Err(diagnostics) => found.extend(diagnostics),
        }
    }
    found
}
