//! Functions of numbers.

use bigdecimal::{BigDecimal, RoundingMode, Signed, ToPrimitive, Zero};
use poolform_value::Value;

use super::{Context, Failure, text, whole};
use crate::number::{add, from_double, settle};

type Outcome = Result<Value, Failure>;

fn number(arguments: &[Value], position: usize) -> BigDecimal {
    arguments.get(position).and_then(Value::as_number).cloned().unwrap_or_default()
}

fn double(arguments: &[Value], position: usize) -> f64 {
    number(arguments, position).to_f64().unwrap_or(f64::NAN)
}

fn settled(number: BigDecimal) -> Outcome {
    settle(number).map(Value::from).ok_or_else(|| Failure::Whole("the result has too many digits".to_owned()))
}

pub(super) fn abs(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(number(arguments, 0).abs().into())
}

pub(super) fn ceil(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    settled(number(arguments, 0).with_scale_round(0, RoundingMode::Ceiling))
}

pub(super) fn floor(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    settled(number(arguments, 0).with_scale_round(0, RoundingMode::Floor))
}

pub(super) fn log(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let (number, base) = (double(arguments, 0), double(arguments, 1));
    // As Terraform divides: doubles, and no special cases.
    from_double(number.ln() / base.ln())
        .map(Value::from)
        .ok_or_else(|| Failure::Whole("there is no such logarithm".to_owned()))
}

pub(super) fn pow(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let result = double(arguments, 0).powf(double(arguments, 1));
    if !result.is_finite() {
        return Failure::whole("the result is not a number that can be written out");
    }
    Ok(from_double(result).unwrap_or_default().into())
}

pub(super) fn max(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    extreme(arguments, |numbers| numbers.max())
}

pub(super) fn min(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    extreme(arguments, |numbers| numbers.min())
}

fn extreme(arguments: &[Value], choose: fn(&mut dyn Iterator<Item = BigDecimal>) -> Option<BigDecimal>) -> Outcome {
    let mut numbers = arguments.iter().filter_map(|argument| argument.as_number().cloned());
    match choose(&mut numbers) {
        Some(number) => Ok(number.into()),
        None => Failure::whole("must pass at least one number"),
    }
}

pub(super) fn parseint(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let base: u32 = whole(arguments, 1)?;
    if !(2..=62).contains(&base) {
        return Failure::argument(1, "base must be a whole number between 2 and 62 inclusive");
    }
    let Some(given) = arguments[0].as_str() else {
        return Failure::argument(0, format!("first argument must be a string, not {}", arguments[0].ty()));
    };
    let digits = given.strip_prefix(['-', '+']).unwrap_or(given);
    let mut result = BigDecimal::zero();
    let invalid = || Failure::Argument(0, format!("cannot parse {given:?} as a base {base} integer"));
    if digits.is_empty() || digits.len() > 5_000 {
        return Err(invalid());
    }
    for digit in digits.chars() {
        let worth = match digit {
            '0'..='9' => digit as u32 - '0' as u32,
            'a'..='z' => digit as u32 - 'a' as u32 + 10,
            // Letter case counts only where there are more digits than letters in one case.
            'A'..='Z' if base <= 36 => digit as u32 - 'A' as u32 + 10,
            'A'..='Z' => digit as u32 - 'A' as u32 + 36,
            _ => return Err(invalid()),
        };
        if worth >= base {
            return Err(invalid());
        }
        result = result * BigDecimal::from(base) + BigDecimal::from(worth);
    }
    settled(if text(arguments, 0).starts_with('-') { -result } else { result })
}

pub(super) fn signum(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let number = number(arguments, 0);
    Ok(Value::from(i64::from(number.is_positive()) - i64::from(number.is_negative())))
}

pub(super) fn sum(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let items = super::items(arguments, 0);
    if items.is_empty() {
        return Failure::argument(0, "cannot sum an empty list");
    }
    let mut total = BigDecimal::zero();
    for item in items {
        match item.as_number() {
            Some(number) => {
                total =
                    add(&total, number).ok_or_else(|| Failure::Whole("the result has too many digits".to_owned()))?;
            }
            None => return Failure::argument(0, "argument must be list, set, or tuple of number values"),
        }
    }
    Ok(total.into())
}
