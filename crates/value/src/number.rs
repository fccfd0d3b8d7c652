//! Numbers between text and exact decimals.

use bigdecimal::BigDecimal;
use std::str::FromStr;

/// The largest power of ten, up or down, that a number may have. Terraform's own bound is near 1e646456993; numbers that
/// long would only serve to exhaust memory, because they are written out in full.
const MOST_DIGITS: i64 = 10_000;

/// The number that `text` writes in decimal, as Terraform reads numbers in strings: a sign, digits, a fraction, an
/// exponent. None when it is anything else, or has more than 10,000 places.
pub fn parse_number(text: &str) -> Option<BigDecimal> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    let power: i64 = match exponent {
        None => 0,
        Some(exponent) => {
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if unsigned.is_empty() || !digits(unsigned) {
                return None;
            }
            exponent.parse().ok()?
        }
    };
    if power.abs() > MOST_DIGITS || whole.len() + fraction.len() > MOST_DIGITS as usize {
        return None;
    }
    let mut plain = String::with_capacity(whole.len() + fraction.len() + 2);
    if text.starts_with('-') {
        plain.push('-');
    }
    plain.push_str(if whole.is_empty() { "0" } else { whole });
    plain.push_str(fraction);
    let number = BigDecimal::from_str(&plain).ok()?;
    let (digits, _) = number.into_bigint_and_exponent();
    Some(BigDecimal::new(digits, fraction.len() as i64 - power).normalized())
}

/// How Terraform writes `number`: in full, without an exponent.
pub fn number_text(number: &BigDecimal) -> String {
    number.normalized().to_plain_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_terraform_reads() {
        for (text, expected) in [
            ("1", "1"),
            ("-0", "0"),
            ("+2.50", "2.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1e3", "1000"),
            ("1E-3", "0.001"),
            ("12345678901234567890123.000000000000000000001", "12345678901234567890123.000000000000000000001"),
        ] {
            assert_eq!(parse_number(text).map(|number| number_text(&number)).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest_without_hanging() {
        for text in [
            "",
            "-",
            ".",
            "e5",
            "1e",
            "1e+",
            "0x10",
            "1_000",
            " 1",
            "1 ",
            "Inf",
            "NaN",
            "1e999999999",
            "1e-99999999999999999999",
        ] {
            assert_eq!(parse_number(text), None, "{text}");
        }
    }
}
