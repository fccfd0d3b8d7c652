//! Codes of authenticator apps: RFC 6238 with SHA-1, six digits, steps of 30 seconds, which is what such apps assume. Ten
//! lines on a HMAC that is there already (docs/decisions/0012).

use aws_lc_rs::hmac;
use data_encoding::BASE32_NOPAD;

/// Seconds of a step.
const STEP: i64 = 30;
/// Steps by which a clock may be off, before or after.
const DRIFT: i64 = 1;

/// The code of a step.
fn code(secret: &[u8], step: i64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes[bytes.len() - 1] & 0xf);
    let word = u32::from_be_bytes([bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]]);
    (word & 0x7fff_ffff) % 1_000_000
}

/// The step whose code this is, near a time in milliseconds.
pub(crate) fn step_of(secret: &str, given: &str, now: i64) -> Option<i64> {
    let secret = BASE32_NOPAD.decode(secret.as_bytes()).ok()?;
    let current = now / 1000 / STEP;
    (current - DRIFT..=current + DRIFT).find(|step| {
        let right = format!("{:06}", code(&secret, *step));
        aws_lc_rs::constant_time::verify_slices_are_equal(right.as_bytes(), given.as_bytes()).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_rfc() {
        // RFC 6238, appendix B, SHA-1, cut to six digits.
        for (seconds, right) in [(59, 287_082), (1_111_111_109, 81_804), (20_000_000_000_i64, 353_130)] {
            assert_eq!(code(b"12345678901234567890", seconds / STEP), right);
        }
    }

    #[test]
    fn secrets_of_users_can_be_read_and_clocks_may_drift() {
        let secret = crate::forms::identifier::totp_secret();
        let bytes = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
        let now = 1_795_413_600_000;
        let step = now / 1000 / STEP;
        for (off, known) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let given = format!("{:06}", code(&bytes, step + off));
            assert_eq!(step_of(&secret, &given, now).is_some(), known, "{off}");
        }
        assert_eq!(step_of(&secret, "no code", now), None);
    }
}
