//! What a declaration allows that its owner may not know of, from the rows of its kinds.

use poolform_value::{Diagnostic, Diagnostics};

use crate::declaration::Declaration;
use crate::kinds;
use crate::resource::Form;
use crate::setting;
use crate::terraform::block::in_resource_words;

/// Advice on a declaration, as warnings at their arguments.
pub fn advice(declaration: &Declaration) -> Diagnostics {
    let mut found = Diagnostics::new();
    for desired in &declaration.desired {
        for advice in kinds::kind(desired.kind).map_or(&[][..], |kind| kind.advice) {
            if (advice.applies)(setting::get(&desired.settings, advice.path)) {
                let detail = match desired.form {
                    Form::Module => advice.detail.to_owned(),
                    Form::Resource => in_resource_words(advice.detail),
                };
                let warning = Diagnostic::warning(advice.summary, detail);
                found.push(warning.about(&desired.call, &desired.place(advice.path)));
            }
        }
    }
    found
}
