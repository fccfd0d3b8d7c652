//! Things that a client carries and must not read or change: sessions, secret blocks, refresh tokens. Encrypted with AES-256
//! in GCM by a key of the pool that never leaves the store.

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::forms::refusal::fault;

/// Bytes of a key.
pub(crate) const KEY_LENGTH: usize = 32;
/// Bytes of a nonce.
const NONCE: usize = 12;

/// Encrypts a value for one purpose: what was encrypted for one cannot be read for another. Base64url.
pub(crate) fn encrypt<T: Serialize>(key: &[u8], purpose: &str, value: &T) -> Result<String, poolform_model::Refusal> {
    Ok(URL_SAFE_NO_PAD.encode(encrypt_bytes(key, purpose, &serde_json::to_vec(value).map_err(fault)?)?))
}

/// Nonce, then the encrypted text with its tag.
pub(crate) fn encrypt_bytes(key: &[u8], purpose: &str, value: &[u8]) -> Result<Vec<u8>, poolform_model::Refusal> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(fault)?;
    let mut encrypted = value.to_vec();
    let nonce = key.seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut encrypted).map_err(fault)?;
    Ok([nonce.as_ref().as_slice(), &encrypted].concat())
}

/// What was encrypted; None for anything else.
pub(crate) fn decrypt<T: DeserializeOwned>(key: &[u8], purpose: &str, encrypted: &str) -> Option<T> {
    decrypt_bytes(key, purpose, &URL_SAFE_NO_PAD.decode(encrypted).ok()?)
}

/// As [`decrypt`], of bytes.
pub(crate) fn decrypt_bytes<T: DeserializeOwned>(key: &[u8], purpose: &str, encrypted: &[u8]) -> Option<T> {
    let (nonce, encrypted) = encrypted.split_first_chunk::<NONCE>()?;
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).ok()?;
    let mut buffer = encrypted.to_vec();
    let plain = key.open_in_place(nonce.into(), Aad::from(purpose.as_bytes()), &mut buffer).ok()?;
    serde_json::from_slice(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_encrypted_for_the_purpose_is_read() {
        let key = [7; KEY_LENGTH];
        let encrypted = encrypt(&key, "session", &"secret").unwrap();
        assert_eq!(decrypt::<String>(&key, "session", &encrypted).as_deref(), Some("secret"));
        assert_eq!(decrypt::<String>(&key, "refresh", &encrypted), None);
        assert_eq!(decrypt::<String>(&[8; KEY_LENGTH], "session", &encrypted), None);
        let mut changed = encrypted.into_bytes();
        changed[30] ^= 1;
        assert_eq!(decrypt::<String>(&key, "session", std::str::from_utf8(&changed).unwrap()), None);
        for short in ["", "AYABe", "%"] {
            assert_eq!(decrypt::<String>(&key, "session", short), None);
        }
    }
}
