//! Amazon Resource Names: `arn:aws:SERVICE:REGION:ACCOUNT:…`.

/// The Region of an ARN.
pub(crate) fn region(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

/// The account of an ARN.
pub(crate) fn account(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}
