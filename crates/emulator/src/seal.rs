//! Things that a client carries and must not read or change: sessions, secret blocks, refresh tokens. Sealed with AES-256
//! in GCM by a key of the pool that never leaves the store.

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::refusal::fault;

/// Bytes of a sealing key.
pub(crate) const KEY_LENGTH: usize = 32;
/// Bytes of a nonce.
const NONCE: usize = 12;

/// Seals a value for one purpose: what was sealed for one cannot be opened for another. Base64url.
pub(crate) fn seal<T: Serialize>(key: &[u8], purpose: &str, value: &T) -> Result<String, poolform_model::Refusal> {
    Ok(URL_SAFE_NO_PAD.encode(seal_bytes(key, purpose, &serde_json::to_vec(value).map_err(fault)?)?))
}

/// Nonce, then what was sealed with its tag.
pub(crate) fn seal_bytes(key: &[u8], purpose: &str, value: &[u8]) -> Result<Vec<u8>, poolform_model::Refusal> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(fault)?;
    let mut sealed = value.to_vec();
    let nonce = key.seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut sealed).map_err(fault)?;
    Ok([nonce.as_ref().as_slice(), &sealed].concat())
}

/// What was sealed; None for anything else.
pub(crate) fn open<T: DeserializeOwned>(key: &[u8], purpose: &str, sealed: &str) -> Option<T> {
    open_bytes(key, purpose, &URL_SAFE_NO_PAD.decode(sealed).ok()?)
}

/// As [`open`], of bytes.
pub(crate) fn open_bytes<T: DeserializeOwned>(key: &[u8], purpose: &str, sealed: &[u8]) -> Option<T> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).ok()?;
    let mut opened = sealed.to_vec();
    let plain = key.open_in_place(nonce.into(), Aad::from(purpose.as_bytes()), &mut opened).ok()?;
    serde_json::from_slice(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_for_the_purpose_is_opened() {
        let key = [7; KEY_LENGTH];
        let sealed = seal(&key, "session", &"secret").unwrap();
        assert_eq!(open::<String>(&key, "session", &sealed).as_deref(), Some("secret"));
        assert_eq!(open::<String>(&key, "refresh", &sealed), None);
        assert_eq!(open::<String>(&[8; KEY_LENGTH], "session", &sealed), None);
        let mut changed = sealed.into_bytes();
        changed[30] ^= 1;
        assert_eq!(open::<String>(&key, "session", std::str::from_utf8(&changed).unwrap()), None);
        for short in ["", "AYABe", "%"] {
            assert_eq!(open::<String>(&key, "session", short), None);
        }
    }
}
