//! Who is calling: STS GetCallerIdentity, the one call of another service.

use crate::connect::ConnectError;
use crate::exchange::{Aws, Exchange};

/// The account and the principal behind the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    /// Twelve digits.
    pub account: String,
    /// The principal.
    pub arn: String,
    /// Its unique id.
    pub user_id: String,
}

impl Aws {
    /// Asks STS who is calling.
    pub fn caller_identity(&self) -> Result<CallerIdentity, ConnectError> {
        let body = b"Action=GetCallerIdentity&Version=2011-06-15".to_vec();
        let headers = [("content-type", "application/x-www-form-urlencoded".to_owned())];
        let url = format!("{}/", self.sts_endpoint().trim_end_matches('/'));
        let exchange = Exchange { method: "POST", service: "sts", url: url.clone(), headers: &headers, body };
        let answer = self.block_on(self.send(exchange)).map_err(ConnectError)?;
        let (status, element) = (answer.status, |name: &str| answer.element(name));
        match (status, element("Account"), element("Arn"), element("UserId")) {
            (200, Some(account), Some(arn), Some(user_id)) => Ok(CallerIdentity { account, arn, user_id }),
            _ => Err(ConnectError(format!(
                "Asking {url} who is calling failed with status {status}: {}",
                element("Message").unwrap_or_else(|| "no reason was given".to_owned())
            ))),
        }
    }
}
