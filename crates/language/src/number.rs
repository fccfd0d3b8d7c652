//! Arithmetic as Terraform does it: exact decimals here, binary numbers of 512 bits there, the same digits to see.

use bigdecimal::num_bigint::{BigInt, BigUint, Sign};
use bigdecimal::{BigDecimal, RoundingMode, Signed, Zero};

/// The bits of Terraform's numbers.
const PRECISION: u64 = 512;

/// So many decimal digits always fit into [`PRECISION`] bits.
const EXACT_DIGITS: u64 = 154;

/// Numbers beyond 1e±10,000 would only exhaust memory.
const MOST_DIGITS: i64 = 10_000;

/// A binary number, `mantissa * 2^exponent`.
struct Binary {
    mantissa: BigInt,
    exponent: i64,
}

impl Binary {
    /// The number of [`PRECISION`] bits that a decimal stands for: the shortest digits denote exactly one.
    fn of(number: &BigDecimal) -> Self {
        let (digits, scale) = number.normalized().into_bigint_and_exponent();
        let power = ten_to(scale.unsigned_abs());
        if scale >= 0 {
            nearest(&digits, &power, PRECISION)
        } else {
            nearest(&(digits * power), &BigInt::from(1), PRECISION)
        }
    }

    /// The mantissa as it is with a lower exponent.
    fn with_exponent(&self, exponent: i64) -> BigInt {
        &self.mantissa << (self.exponent - exponent).unsigned_abs()
    }

    /// The digits that Terraform shows of this, rounded. None when there are too many to write out.
    fn settled(&self) -> Option<BigDecimal> {
        let (numerator, denominator) = if self.exponent >= 0 {
            (self.with_exponent(0), BigInt::from(1))
        } else {
            (self.mantissa.clone(), BigInt::from(1) << self.exponent.unsigned_abs())
        };
        bounded(shortest(&nearest(&numerator, &denominator, PRECISION), PRECISION))
    }
}

/// `number` with the digits that Terraform keeps of it. None when it is too large or too small to be written out.
pub(crate) fn settle(number: BigDecimal) -> Option<BigDecimal> {
    let number = bounded(number)?;
    if number.digits() <= EXACT_DIGITS { Some(number) } else { Binary::of(&number).settled() }
}

fn bounded(number: BigDecimal) -> Option<BigDecimal> {
    let number = number.normalized();
    let scale = number.fractional_digit_count();
    let fits = scale.abs() <= MOST_DIGITS + EXACT_DIGITS as i64 && number.digits() as i64 - scale <= MOST_DIGITS;
    fits.then_some(number)
}

/// Whether arithmetic with both is the same in decimal and in binary.
fn whole(left: &BigDecimal, right: &BigDecimal) -> bool {
    [left, right].iter().all(|number| number.is_integer() && number.digits() <= EXACT_DIGITS / 2)
}

/// `left + right`, None out of bounds.
pub(crate) fn add(left: &BigDecimal, right: &BigDecimal) -> Option<BigDecimal> {
    if whole(left, right) {
        return settle(left + right);
    }
    let (left, right) = (Binary::of(left), Binary::of(right));
    let exponent = left.exponent.min(right.exponent);
    Binary { mantissa: left.with_exponent(exponent) + right.with_exponent(exponent), exponent }.settled()
}

/// `left - right`, None out of bounds.
pub(crate) fn subtract(left: &BigDecimal, right: &BigDecimal) -> Option<BigDecimal> {
    add(left, &-right)
}

/// `left * right`, None out of bounds.
pub(crate) fn multiply(left: &BigDecimal, right: &BigDecimal) -> Option<BigDecimal> {
    if whole(left, right) {
        return settle(left * right);
    }
    let (left, right) = (Binary::of(left), Binary::of(right));
    Binary { mantissa: left.mantissa * right.mantissa, exponent: left.exponent + right.exponent }.settled()
}

/// `dividend / divisor`, None for a divisor of zero or a result out of bounds.
pub(crate) fn divide(dividend: &BigDecimal, divisor: &BigDecimal) -> Option<BigDecimal> {
    if divisor.is_zero() {
        return None;
    }
    let (a, b) = (Binary::of(dividend), Binary::of(divisor));
    let exponent = a.exponent.min(b.exponent);
    let result = nearest(&a.with_exponent(exponent), &b.with_exponent(exponent), PRECISION);
    bounded(shortest(&result, PRECISION))
}

/// The remainder of truncated division, None for a divisor of zero.
pub(crate) fn remainder(dividend: &BigDecimal, divisor: &BigDecimal) -> Option<BigDecimal> {
    let quotient = divide(dividend, divisor)?.with_scale_round(0, RoundingMode::Down);
    subtract(dividend, &multiply(divisor, &quotient)?)
}

/// The number that a double denotes, by the digits that Go shows of it. None for infinities and NaN.
pub(crate) fn from_double(double: f64) -> Option<BigDecimal> {
    if !double.is_finite() {
        return None;
    }
    let exact = BigDecimal::try_from(double).ok()?;
    let (digits, scale) = exact.into_bigint_and_exponent();
    let power = ten_to(scale.unsigned_abs());
    let bits = u64::from(f64::MANTISSA_DIGITS);
    let nearest =
        if scale >= 0 { nearest(&digits, &power, bits) } else { nearest(&(digits * power), &BigInt::from(1), bits) };
    Some(shortest(&nearest, bits))
}

fn ten_to(power: u64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(power).unwrap_or(u32::MAX))
}

/// The binary number of `precision` bits that is nearest to `numerator / denominator`, half to even.
fn nearest(numerator: &BigInt, denominator: &BigInt, precision: u64) -> Binary {
    let negative = numerator.is_negative() != denominator.is_negative();
    let (n, d) = (numerator.magnitude(), denominator.magnitude());
    if n.is_zero() || d.is_zero() {
        return Binary { mantissa: BigInt::zero(), exponent: 0 };
    }
    let mut exponent = n.bits() as i64 - d.bits() as i64 - precision as i64;
    let quotient = |exponent: i64| {
        let shift = exponent.unsigned_abs();
        if exponent >= 0 { divided(n.clone(), d << shift) } else { divided(n << shift, d.clone()) }
    };
    let (mut mantissa, mut rest, mut divisor) = quotient(exponent);
    if mantissa.bits() > precision {
        exponent += 1;
        (mantissa, rest, divisor) = quotient(exponent);
    }
    let twice = rest << 1u32;
    if twice > divisor || twice == divisor && mantissa.bit(0) {
        mantissa += 1u32;
    }
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    Binary { mantissa: BigInt::from_biguint(sign, mantissa), exponent }
}

/// The decimal by which Terraform shows a number of `precision` bits: the shortest that only this number rounds to,
/// chosen digit by digit as Go does.
fn shortest(number: &Binary, precision: u64) -> BigDecimal {
    if number.mantissa.is_zero() {
        return BigDecimal::zero();
    }
    let negative = number.mantissa.is_negative();
    // All the bits there may be, and one more for the halves.
    let magnitude = number.mantissa.magnitude();
    let missing = precision.saturating_sub(magnitude.bits());
    let mantissa = magnitude << missing;
    let even = !mantissa.bit(0);
    let exponent = number.exponent - missing as i64;
    // In halves of the last bit: the number itself and the bounds between which everything rounds to it.
    let halves: BigUint = mantissa << 1u32;
    let exponent = exponent - 1;
    let (scale, factor) = if exponent >= 0 {
        (0, BigUint::from(1u32) << exponent.unsigned_abs())
    } else {
        (-exponent, BigUint::from(5u32).pow(u32::try_from(-exponent).unwrap_or(u32::MAX)))
    };
    let digits = |number: BigUint| (number * &factor).to_string().into_bytes();
    let exact = digits(halves.clone());
    let (lower, upper) = (digits(&halves - 1u32), digits(halves + 1u32));
    let trimmed = |digits: &[u8]| digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    let (lower_length, upper_length) = (trimmed(&lower), trimmed(&upper));
    let whole = trimmed(&exact);
    let (mut length, mut up) = (whole, false);
    for at in 0..whole {
        let (m, l, u) = (exact[at], lower.get(at).copied().unwrap_or(b'0'), upper.get(at).copied().unwrap_or(b'0'));
        let down_is_fine = l != m || even && at + 1 == lower_length;
        let up_is_fine = m != u && (even || m + 1 < u || at + 1 < upper_length);
        if down_is_fine || up_is_fine {
            if at + 1 < whole {
                let next = exact[at + 1];
                let nearer_up = next > b'5' || next == b'5' && (at + 2 < whole || (m - b'0') % 2 == 1);
                up = if down_is_fine && up_is_fine { nearer_up } else { up_is_fine };
                length = at + 1;
            }
            break;
        }
    }
    let dropped = exact.len() - length;
    let mut kept = BigUint::parse_bytes(&exact[..length], 10).unwrap_or_default();
    if up {
        kept += 1u32;
    }
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    BigDecimal::new(BigInt::from_biguint(sign, kept), scale - dropped as i64).normalized()
}

fn divided(n: BigUint, d: BigUint) -> (BigUint, BigUint, BigUint) {
    let quotient = &n / &d;
    let rest = n - &quotient * &d;
    (quotient, rest, d)
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolform_value::{number_text, parse_number};

    #[test]
    fn shows_the_digits_that_terraform_shows() {
        let number = |text| parse_number(text).expect("a number");
        let divided = |a, b| number_text(&divide(&number(a), &number(b)).expect("in bounds"));
        assert_eq!(divided("1", "3"), format!("0.{}5", "3".repeat(154)));
        assert_eq!(divided("2", "3"), format!("0.{}7", "6".repeat(153)));
        assert_eq!(divided("-1", "8"), "-0.125");
        assert_eq!(divide(&number("1"), &number("0")), None);
        assert_eq!(divide(&number("1e9999"), &number("1e-9999")), None);
    }
}
