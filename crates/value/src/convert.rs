//! Conversion between types, as Terraform converts.

use crate::{AttributePath, Type, Value};

/// Why a value does not fit a type, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertError {
    /// From the value that was to be converted to the part that does not fit.
    pub path: AttributePath,
    /// `a bool is required`, `attribute "sns_caller_arn" is required`.
    pub message: String,
}

/// `value` as `ty`, with Terraform's rules.
pub fn convert(value: &Value, ty: &Type) -> Result<Value, ConvertError> {
    let _ = (value, ty);
    todo!()
}

/// The type that all of `types` convert to, if there is one.
pub fn unify(types: &[Type]) -> Option<Type> {
    let _ = types;
    todo!()
}
