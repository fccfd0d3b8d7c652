//! The keys of a pool: two for RS256 and one for encryption, made when they are first needed and kept in the store.
//!
//! One RSA key signs ID tokens, the other access tokens; jwks.json shows exactly these two [jwks.2025-08]. Making them
//! takes a tenth of a second or so, outside any transaction.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::forms::encryption;
use crate::forms::refusal::{Answer, fault};
use crate::kept::shelf::KEYS;
use crate::kept::store::{Reader, Store};

/// The keys as kept: PKCS #8 and raw bytes, in base64. No Debug.
#[derive(Deserialize, Serialize)]
struct Kept {
    id: String,
    access: String,
    #[serde(rename = "sealing")]
    encryption: String,
}

/// A key that signs.
pub(crate) struct SigningKey {
    /// 44 characters of standard base64, 32 bytes [jwks.2025-08]: here the digest of the public key.
    pub(crate) id: String,
    pair: RsaKeyPair,
}

/// The keys of a pool, ready for use.
pub(crate) struct Keys {
    /// Signs ID tokens.
    pub(crate) id: SigningKey,
    /// Signs access tokens.
    pub(crate) access: SigningKey,
    /// Encrypts what clients carry: sessions, secret blocks, refresh tokens.
    pub(crate) encryption: Vec<u8>,
}

impl SigningKey {
    fn read(kept: &str) -> Answer<SigningKey> {
        let der = STANDARD.decode(kept).map_err(fault)?;
        let pair = RsaKeyPair::from_pkcs8(&der).map_err(fault)?;
        let id = STANDARD.encode(digest(&SHA256, pair.public_key().as_ref()));
        Ok(SigningKey { id, pair })
    }

    /// Signs by RSASSA-PKCS1-v1_5 with SHA-256.
    pub(crate) fn sign(&self, message: &[u8]) -> Answer<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).map_err(fault)?;
        Ok(signature)
    }

    /// Whether this key made a signature.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let public = self.pair.public_key();
        let (n, e) = (public.modulus().big_endian_without_leading_zero(), public.exponent());
        let components = RsaPublicKeyComponents { n, e: e.big_endian_without_leading_zero() };
        components.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
    }

    /// As jwks.json shows it, members in the recorded order.
    fn shown(&self) -> Json {
        let public = self.pair.public_key();
        json!({
            "alg": "RS256",
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
            "kid": self.id,
            "kty": "RSA",
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "use": "sig",
        })
    }
}

impl Keys {
    /// jwks.json
    pub(crate) fn shown(&self) -> Json {
        json!({"keys": [self.id.shown(), self.access.shown()]})
    }
}

/// Keys that have been read, by pool: reading one checks it, which costs more than a signature.
#[derive(Default)]
pub(crate) struct KeyRing(Mutex<HashMap<String, Arc<Keys>>>);

impl KeyRing {
    /// A pool is gone.
    pub(crate) fn forget(&self, pool_id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(pool_id);
    }

    /// The keys of a pool that is there; made if it has none yet.
    pub(crate) fn of_pool(&self, store: &Store, pool_id: &str) -> Answer<Arc<Keys>> {
        if let Some(keys) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(pool_id) {
            return Ok(Arc::clone(keys));
        }
        let found: Option<Kept> = store.read(|reader: &dyn Reader| reader.get(KEYS, pool_id, ""))?;
        let kept = match found {
            Some(kept) => kept,
            None => {
                let fresh = make()?;
                // Another thread may have been faster.
                store.write(|writer| match writer.reader().get::<Kept>(KEYS, pool_id, "")? {
                    Some(kept) => Ok(kept),
                    None => writer.put(KEYS, pool_id, "", &fresh).map(|()| fresh),
                })?
            }
        };
        let keys = Arc::new(Keys {
            id: SigningKey::read(&kept.id)?,
            access: SigningKey::read(&kept.access)?,
            encryption: STANDARD.decode(&kept.encryption).map_err(fault)?,
        });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(pool_id.to_owned(), Arc::clone(&keys));
        Ok(keys)
    }
}

fn make() -> Answer<Kept> {
    let rsa = || -> Answer<String> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(fault)?;
        let der: Pkcs8V1Der<'static> = pair.as_der().map_err(fault)?;
        Ok(STANDARD.encode(der.as_ref()))
    };
    let mut secret = [0; encryption::KEY_LENGTH];
    aws_lc_rs::rand::fill(&mut secret).map_err(fault)?;
    Ok(Kept { id: rsa()?, access: rsa()?, encryption: STANDARD.encode(secret) })
}
