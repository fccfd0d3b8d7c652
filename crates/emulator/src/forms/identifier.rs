//! Ids and secrets in the service's forms (recorded/README.md, "Ids and secrets").

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// The hex digits 2, 4, 6 and 8 of a `sub` by region, each read from recordings. Other regions are not known and get
/// those of us-east-1.
const SUB_DIGITS: &[(&str, &str)] = &[
    ("us-east-1", "4848"),
    ("us-east-2", "1b50"),
    ("us-west-2", "8130"),
    ("eu-west-1", "2544"),
    ("eu-west-2", "6224"),
    ("eu-central-1", "3482"),
    ("ap-northeast-1", "74a8"),
    ("af-south-1", "1c28"),
];

/// The region in a pool's id, `eu-west-1` of `eu-west-1_AbCdEfGhI`.
pub(crate) fn region_of(pool: &str) -> &str {
    pool.split_once('_').map_or("", |(region, _)| region)
}

/// Whether a text has the form of a region's name: it becomes a part of ids.
pub(crate) fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let area = parts.next().is_some_and(|area| area.len() == 2 && area.bytes().all(|one| one.is_ascii_lowercase()));
    let number = parts.next_back().is_some_and(|last| last.len() == 1 && last.bytes().all(|one| one.is_ascii_digit()));
    let middle: Vec<&str> = parts.collect();
    let plain = |part: &&str| !part.is_empty() && part.bytes().all(|one| one.is_ascii_lowercase());
    area && number && !middle.is_empty() && middle.iter().all(plain)
}

/// Whether a text has the form of a pool's id (UserPoolIdType of the API model: `[\w-]+_[0-9a-zA-Z]+`, at most 55 characters).
pub(crate) fn is_pool(text: &str) -> bool {
    let form =
        |(region, rest): (&str, &str)| is_region(region) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 55 && text.split_once('_').is_some_and(form)
}

/// Whether a host, in lower case and without a port, is this machine: `localhost`, a name under it (RFC 6761, 6.3), or an
/// address of the loopback.
pub(crate) fn is_this_machine(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// The alphabet of base 32 as `java.math.BigInteger.toString(32)` prints it.
const BASE_32: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
const ALPHANUMERIC: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Random bytes from the operating system, fetched a page at a time: a system call for each id would cost more than
/// the rest of a request.
static POOL: Mutex<(Vec<u8>, u32)> = Mutex::new((Vec::new(), 0));

fn random(length: usize) -> Vec<u8> {
    let mut pool = POOL.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // A forked child must not repeat its parent's bytes.
    let process = std::process::id();
    if pool.0.len() < length || pool.1 != process {
        let mut fresh = vec![0; 4096.max(length)];
        if getrandom::fill(&mut fresh).is_err() {
            // No randomness at all: fall back on the hasher's keys, which the standard library seeds by other means.
            use std::hash::{BuildHasher, RandomState};
            for (position, byte) in fresh.iter_mut().enumerate() {
                *byte = RandomState::new().hash_one(position) as u8;
            }
        }
        *pool = (fresh, process);
    }
    let rest = pool.0.len() - length;
    pool.0.split_off(rest)
}

/// `length` letters of an alphabet.
fn letters(alphabet: &[u8], length: usize) -> String {
    // Bytes beyond the largest multiple of the alphabet's size are thrown away, so that every letter is as likely.
    let limit = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    while text.len() < length {
        for byte in random(length) {
            if usize::from(byte) < limit && text.len() < length {
                text.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
            }
        }
    }
    text
}

/// A number of `bits` in base 32, leading zeros dropped.
fn number(bits: u32, top: Option<u8>) -> String {
    let digits = bits.div_ceil(5) as usize;
    let mut bytes = letters(BASE_32, digits).into_bytes();
    let lead = bits % 5;
    if lead > 0 {
        bytes[0] = BASE_32[usize::from(random(1)[0]) % (1 << lead)];
    }
    if let Some(top) = top {
        bytes[0] = top;
    }
    let text: String = bytes.into_iter().map(char::from).collect();
    let trimmed = text.trim_start_matches('0');
    if trimmed.is_empty() { "0".to_owned() } else { trimmed.to_owned() }
}

/// `us-east-1_` and nine letters or digits.
pub(crate) fn pool(region: &str) -> String {
    format!("{region}_{}", letters(ALPHANUMERIC, 9))
}

/// A 128-bit number in base 32: 26 digits of which leading zeros are dropped, so now and then 25, seldom fewer.
pub(crate) fn client() -> String {
    number(128, None)
}

/// 256 bits in base 32: 52 digits, the first a 1.
pub(crate) fn secret() -> String {
    number(256, Some(b'1'))
}

/// `CLIENT--TIME`, time in milliseconds (API reference, ClientSecretDescriptorType).
pub(crate) fn secret_id(client: &str, now: i64) -> String {
    format!("{client}--{now}")
}

/// A random UUID.
pub(crate) fn uuid() -> String {
    let mut digits = letters(HEX, 32).into_bytes();
    digits[12] = b'4';
    digits[16] = HEX[8 + usize::from(random(1)[0] % 4)];
    dashed(&digits)
}

/// A UUID of version 7 (RFC 9562): the time in milliseconds, then random digits. Ids of tokens are such, because the times
/// in tokens are whole seconds and signing out everywhere must tell the tokens before it from those after.
pub(crate) fn timed_uuid(now: i64) -> String {
    let mut digits = format!("{:012x}{}", now.max(0), letters(HEX, 20)).into_bytes();
    digits[12] = b'7';
    digits[16] = HEX[8 + usize::from(random(1)[0] % 4)];
    dashed(&digits)
}

/// The time in a UUID of version 7.
pub(crate) fn time_of(uuid: &str) -> Option<i64> {
    let digits: String = uuid.chars().filter(|letter| *letter != '-').take(12).collect();
    i64::from_str_radix(&digits, 16).ok()
}

/// A name that sorts after all that were made before it, in this process and, by the time, in others.
pub(crate) fn serial(now: i64) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{now:013}-{:010}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// So many hex digits.
pub(crate) fn hex(length: usize) -> String {
    letters(HEX, length)
}

/// A code as it is sent: six digits.
pub(crate) fn code() -> String {
    letters(b"0123456789", 6)
}

/// A temporary password of a length, at least 4: one of each kind of character in front, so that any policy is met.
pub(crate) fn password(length: usize) -> String {
    let kinds: [&[u8]; 4] = [b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"abcdefghijkmnopqrstuvwxyz", b"23456789", b"!#$%&*+-?@"];
    let mut password: String = kinds.iter().map(|kind| letters(kind, 1)).collect();
    password.push_str(&letters(ALPHANUMERIC, length.saturating_sub(password.len())));
    password
}

/// The key of a device: the Region and a random UUID [AdminInitiateAuth.2022-07.device].
pub(crate) fn device(region: &str) -> String {
    format!("{region}_{}", uuid())
}

/// The secret of an authenticator app: 52 characters of base 32, of which the last has one bit only (recorded/README.md).
pub(crate) fn totp_secret() -> String {
    const RFC_4648: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    letters(RFC_4648, 51) + if random(1)[0] & 1 == 0 { "A" } else { "Q" }
}

/// The id of a user, in the form of new pools since 2024-09: `04080408-00x1-70xx-…` in us-east-1.
pub(crate) fn sub(region: &str) -> String {
    sub_of(region, &letters(HEX, 32))
}

/// The same of 32 hex digits that are given.
pub(crate) fn sub_of(region: &str, digits: &str) -> String {
    let fixed = SUB_DIGITS.iter().find(|(name, _)| *name == region).map_or("4848", |(_, digits)| *digits);
    let mut digits = digits.as_bytes().to_vec();
    for (position, digit) in fixed.bytes().enumerate() {
        digits[position * 2 + 1] = digit;
    }
    digits[9] = b'0';
    digits[11] = b'1';
    digits[12] = b'7';
    digits[13] = b'0';
    dashed(&digits)
}

fn dashed(digits: &[u8]) -> String {
    let text: String = digits.iter().map(|digit| char::from(*digit)).collect();
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..32])
}

/// The host of a domain's distribution, the same for the same seed: `d` and 13 letters or digits.
pub(crate) fn distribution(seed: &str) -> String {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut host = String::from("d");
    for round in 0..13_u8 {
        for byte in seed.bytes().chain([round]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        host.push(char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[(state >> 33) as usize % 36]));
    }
    host.push_str(".cloudfront.net");
    host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions() {
        for good in ["eu-west-1", "us-gov-east-1", "ap-southeast-2"] {
            assert!(is_region(good), "{good}");
        }
        for bad in ["", "eu", "eu-west", "eu-1", "eu-west-10", "EU-west-1", "eu--1", "eu-west_-1", "x/y-z-1"] {
            assert!(!is_region(bad), "{bad}");
        }
        assert_eq!(region_of("eu-west-1_AbC"), "eu-west-1");
    }

    #[test]
    fn forms() {
        for _ in 0..200 {
            let pool = pool("eu-west-1");
            assert!(pool.starts_with("eu-west-1_") && pool.len() == 19, "{pool}");
            let client = client();
            assert!(matches!(client.len(), 20..=26), "{client}");
            assert!(client.len() < 26 || (b'1'..=b'7').contains(&client.as_bytes()[0]), "{client}");
            let secret = secret();
            assert!(secret.len() == 52 && secret.starts_with('1'), "a secret of {} characters", secret.len());
            let sub = sub("us-east-1");
            let digits = sub.as_bytes();
            assert_eq!([digits[1], digits[3], digits[5], digits[7]], *b"4848", "{sub}");
            assert_eq!(&sub[14..16], "70", "{sub}");
            assert_eq!(uuid().as_bytes()[14], b'4');
            let timed = timed_uuid(1_795_413_600_123);
            assert_eq!((timed.len(), time_of(&timed)), (36, Some(1_795_413_600_123)));
        }
        assert_eq!(distribution("a"), distribution("a"));
        assert_ne!(distribution("a"), distribution("b"));
        assert_eq!(distribution("auth.example.com").len(), 29);
    }
}
