//! Where identity providers are played.

use std::collections::BTreeMap;

/// Where identity providers are played.
#[derive(Clone, Debug, Default)]
pub struct Providers(BTreeMap<String, String>);

impl Providers {
    /// Reads `Google=http://127.0.0.1:9229/eu-west-1_AbCdEfGhI`: a provider's name and the issuer that plays it.
    ///
    /// # Errors
    /// When there is no name, or the issuer is not at a plain HTTP address.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        match text.split_once('=') {
            Some((name, issuer)) if !name.is_empty() && issuer.starts_with("http://") => {
                self.0.insert(name.to_owned(), issuer.trim_end_matches('/').to_owned());
                Ok(())
            }
            _ => Err(format!("{text}: expected NAME=http://…, the issuer that plays the identity provider")),
        }
    }

    /// The issuer that plays a provider, without a slash at its end.
    pub(crate) fn issuer_of(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_plays_a_provider_is_read() {
        let mut providers = Providers::default();
        assert!(providers.add("Google=http://127.0.0.1:9229/eu-west-1_A=B/").is_ok());
        assert_eq!(providers.0["Google"], "http://127.0.0.1:9229/eu-west-1_A=B");
        for wrong in ["Google", "=http://127.0.0.1", "Google=https://accounts.google.com", ""] {
            assert!(providers.add(wrong).is_err(), "{wrong}");
        }
    }
}
