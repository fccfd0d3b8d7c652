//! Secure Remote Password as Cognito speaks it: SRP-6a over the 3072-bit group with SHA-256, numbers hashed as Java's
//! `BigInteger.toByteArray` writes them, the key derived by HKDF with the label of amazon-cognito-identity-js. No crate
//! has this variant (docs/decisions/0012).
//!
//! One verifier serves every way to sign in: a password that arrives in the clear is checked by making the verifier
//! again, so that nothing else about it is kept.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::hmac;
use num_bigint::BigUint;

/// The prime of the 3072-bit group of RFC 3526 (number 15), whose generator is 2: what Cognito's clients have.
const PRIME: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F2411\
7C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D\
670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497C\
EA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0\
BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

/// The label with which clients derive the key.
const LABEL: &[u8] = b"Caldera Derived Key";
/// Bytes of the derived key.
const KEY_LENGTH: usize = 16;

/// Bits of an exponent that one multiplication takes.
const WINDOW: usize = 5;
/// Bits of the exponents that are raised most: digests.
const DIGEST: usize = 256;

struct Group {
    prime: BigUint,
    generator: BigUint,
    /// H(N | g)
    multiplier: BigUint,
}

/// Powers of the generator: row `i` has those of 1 to 31 times 32^i. Every password that is set or arrives in the clear
/// raises the generator to a digest; with these, 600 kB made at the first one, it takes 52 multiplications instead of 320.
static POWERS: LazyLock<Vec<Vec<BigUint>>> = LazyLock::new(|| {
    let group = &*GROUP;
    let mut rows = Vec::new();
    let mut first = group.generator.clone();
    for _ in 0..DIGEST.div_ceil(WINDOW) {
        let mut row = vec![first.clone()];
        for _ in 2..1 << WINDOW {
            let next = row.last().unwrap_or(&first) * &first % &group.prime;
            row.push(next);
        }
        first = row.last().unwrap_or(&first) * &first % &group.prime;
        rows.push(row);
    }
    rows
});

/// The generator raised to an exponent.
fn raised(exponent: &BigUint) -> BigUint {
    let group = &*GROUP;
    if exponent.bits() > DIGEST as u64 {
        return group.generator.modpow(exponent, &group.prime);
    }
    let digits = exponent.to_radix_le(1 << WINDOW);
    let mut product = BigUint::from(1_u8);
    for (row, digit) in POWERS.iter().zip(digits) {
        if let Some(power) = usize::from(digit).checked_sub(1).and_then(|index| row.get(index)) {
            product = product * power % &group.prime;
        }
    }
    product
}

static GROUP: LazyLock<Group> = LazyLock::new(|| {
    let prime = BigUint::parse_bytes(PRIME.as_bytes(), 16).unwrap_or_default();
    let generator = BigUint::from(2_u8);
    let multiplier = hash(&[&padded(&prime), &padded(&generator)]);
    Group { prime, generator, multiplier }
});

/// A positive number as Java writes it: big-endian, with a zero in front where the first bit is set.
fn padded(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    bytes
}

fn hash(parts: &[&[u8]]) -> BigUint {
    BigUint::from_bytes_be(digest(&SHA256, &parts.concat()).as_ref())
}

/// A salt of these hex digits, without a leading zero: clients that take it for a number (amazon-cognito-identity-js, as the
/// service does) leave leading zeros out, and those that take it for a text (pycognito) do not, so that a proof of one in 512
/// would fail. The names of nobody have such salts too.
pub(crate) fn salt(digits: &str) -> String {
    digits.strip_prefix('0').map_or_else(|| digits.to_owned(), |rest| format!("1{rest}"))
}

/// What is kept of a password: g^x, x made of the salt (hex), and of who (pool and user name, or device group and
/// device) with the password.
pub(crate) fn verifier(salt: &str, group: &str, user: &str, password: &str) -> Option<String> {
    let salt = number(salt)?;
    let identity = digest(&SHA256, format!("{group}{user}:{password}").as_bytes());
    let x = hash(&[&padded(&salt), identity.as_ref()]);
    Some(raised(&x).to_str_radix(16))
}

/// A number in hex.
pub(crate) fn number(hex: &str) -> Option<BigUint> {
    // The parser takes signs and underscores too.
    BigUint::parse_bytes(hex.as_bytes(), 16).filter(|_| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A client's public value A; None when it is no number, or one that would give the game away (0 modulo the prime).
pub(crate) fn public_value(hex: &str) -> Option<BigUint> {
    let value = number(hex)?;
    (&value % &GROUP.prime != BigUint::ZERO).then_some(value)
}

/// The server's public value B for its secret `b` (hex), in hex.
pub(crate) fn server_value(verifier: &str, secret: &str) -> Option<String> {
    let group = &*GROUP;
    let (verifier, secret) = (number(verifier)?, number(secret)?);
    let value = (&group.multiplier * verifier + raised(&secret)) % &group.prime;
    Some(value.to_str_radix(16))
}

/// The key both sides derive.
pub(crate) fn key(client_value: &BigUint, verifier: &str, secret: &str) -> Option<[u8; KEY_LENGTH]> {
    let group = &*GROUP;
    let server_value = number(&server_value(verifier, secret)?)?;
    let (verifier, secret) = (number(verifier)?, number(secret)?);
    let scrambler = hash(&[&padded(client_value), &padded(&server_value)]);
    let shared = (client_value * verifier.modpow(&scrambler, &group.prime)).modpow(&secret, &group.prime);
    let mut key = [0; KEY_LENGTH];
    Salt::new(HKDF_SHA256, &padded(&scrambler))
        .extract(&padded(&shared))
        .expand(&[LABEL], Length)
        .and_then(|expanded| expanded.fill(&mut key))
        .ok()?;
    Some(key)
}

struct Length;

impl KeyType for Length {
    fn len(&self) -> usize {
        KEY_LENGTH
    }
}

/// Whether a client's signature shows that it has the key.
pub(crate) fn is_signed(key: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::verify(&key, &parts.concat(), signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_salt_has_no_leading_zero() {
        for (digits, kept) in [("0012ab", "1012ab"), ("00", "10"), ("a0", "a0")] {
            assert_eq!(salt(digits), kept);
        }
    }

    #[test]
    fn a_client_that_knows_the_password_derives_the_same_key() {
        let salt = "c62d635d0234687ea78851cdd66eb377";
        let verifier = verifier(salt, "abc123DEF", "anna", "Secret-1").unwrap();
        let server_secret = "5bcafe";
        let server_value = number(&server_value(&verifier, server_secret).unwrap()).unwrap();
        // The client's half, by the book.
        let group = &*GROUP;
        let a = number("77beef").unwrap();
        let client_value = group.generator.modpow(&a, &group.prime);
        let x = |password: &str| {
            let identity = digest(&SHA256, format!("abc123DEFanna:{password}").as_bytes());
            hash(&[&padded(&number(salt).unwrap()), identity.as_ref()])
        };
        let derived = |password: &str| {
            let u = hash(&[&padded(&client_value), &padded(&server_value)]);
            let x = x(password);
            let base = (&server_value + &group.prime
                - (&group.multiplier * group.generator.modpow(&x, &group.prime)) % &group.prime)
                % &group.prime;
            let shared = base.modpow(&(&a + &u * &x), &group.prime);
            let mut key = [0; KEY_LENGTH];
            Salt::new(HKDF_SHA256, &padded(&u))
                .extract(&padded(&shared))
                .expand(&[LABEL], Length)
                .and_then(|expanded| expanded.fill(&mut key))
                .unwrap();
            key
        };
        let server = key(&client_value, &verifier, server_secret).unwrap();
        assert!(server == derived("Secret-1"), "the same key");
        assert!(server != derived("Secret-2"), "another password, another key");
    }

    #[test]
    fn powers_of_the_table_are_powers() {
        let group = &*GROUP;
        let one = BigUint::from(1_u8);
        let most = (&one << DIGEST) - &one;
        for exponent in [
            BigUint::ZERO,
            one.clone(),
            BigUint::from(31_u8),
            BigUint::from(32_u8),
            &most - &one,
            most.clone(),
            most + one,
        ] {
            assert_eq!(raised(&exponent), group.generator.modpow(&exponent, &group.prime), "{exponent}");
        }
        for number in 0..20_u8 {
            let exponent = hash(&[&[number]]);
            assert_eq!(raised(&exponent), group.generator.modpow(&exponent, &group.prime), "{exponent}");
        }
    }

    #[test]
    fn values_that_give_the_game_away() {
        assert!(public_value("0").is_none() && public_value(PRIME).is_none() && public_value("no").is_none());
        assert!(public_value("2").is_some());
    }
}
