//! `format` and `formatlist`: Go's verbs.

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode, Signed, ToPrimitive};
use poolform_value::{Content, Type, Value, convert, number_text};
use unicode_segmentation::UnicodeSegmentation;

use super::encoding::json_text;
use super::{Context, Failure, text};

type Outcome = Result<Value, Failure>;

/// How wide or precise a verb may be.
const WIDEST: usize = 10_000;

pub(super) fn format(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let result = formatted(text(arguments, 0), &arguments[1..])?;
    context.scope.meter.charge_text(result.len())?;
    Ok(result.into())
}

pub(super) fn formatlist(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let mut length = None;
    for (position, argument) in arguments.iter().enumerate().skip(1) {
        let Some(items) = argument.items() else { continue };
        match length {
            Some((known, first)) if known != items.len() => {
                return Failure::argument(
                    position,
                    format!(
                        "argument {position} has length {}, which is inconsistent with argument {first} of length {known}",
                        items.len()
                    ),
                );
            }
            _ => length = Some((items.len(), position)),
        }
    }
    let rounds = length.map_or(1, |(length, _)| length);
    let mut results = Vec::new();
    for round in 0..rounds {
        let row: Vec<Value> = arguments[1..]
            .iter()
            .map(|argument| match argument.items() {
                Some(items) => items.get(round).cloned().unwrap_or_else(Value::null),
                None => argument.clone(),
            })
            .collect();
        let result = formatted(text(arguments, 0), &row)?;
        context.scope.meter.charge_text(result.len() + 64)?;
        results.push(Value::from(result));
    }
    Ok(Content::List(Type::String, results).into())
}

#[derive(Default)]
struct Verb {
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

fn formatted(spec: &str, arguments: &[Value]) -> Result<String, Failure> {
    let mut output = String::new();
    let mut rest = spec;
    let mut next = 0;
    let mut highest = 0;
    let mut indexed = false;
    while let Some(at) = rest.find('%') {
        output.push_str(&rest[..at]);
        let start = &rest[at..];
        rest = &rest[at + 1..];
        let mut verb = Verb::default();
        while let Some(flag) = rest.chars().next().filter(|flag| "-+# 0".contains(*flag)) {
            match flag {
                '-' => verb.minus = true,
                '+' => verb.plus = true,
                '#' => verb.sharp = true,
                ' ' => verb.space = true,
                _ => verb.zero = true,
            }
            rest = &rest[1..];
        }
        verb.width = number(&mut rest)?;
        if let Some(after) = rest.strip_prefix('.') {
            rest = after;
            verb.precision = Some(number(&mut rest)?.unwrap_or(0));
        }
        if let Some(after) = rest.strip_prefix('[') {
            rest = after;
            let position = number(&mut rest)?.unwrap_or(0);
            rest = match rest.strip_prefix(']') {
                Some(after) if position > 0 => after,
                _ => return Failure::argument(0, "argument positions are written %[1]s, counted from 1"),
            };
            next = position - 1;
            indexed = true;
        }
        let Some(mode) = rest.chars().next() else {
            return Failure::argument(0, format!("unterminated format verb {start:?}"));
        };
        rest = &rest[mode.len_utf8()..];
        if mode == '%' {
            output.push('%');
            continue;
        }
        let Some(argument) = arguments.get(next) else {
            let verb = &start[..start.len() - rest.len()];
            return Failure::whole(format!(
                "not enough arguments for {verb:?}: need index {next} but have {} total",
                arguments.len()
            ));
        };
        next += 1;
        highest = highest.max(next);
        output.push_str(&one(mode, &verb, argument, next)?);
    }
    output.push_str(rest);
    if highest < arguments.len() && !indexed {
        return Failure::argument(highest + 1, format!("too many arguments; only {highest} used by format string"));
    }
    Ok(output)
}

fn number(rest: &mut &str) -> Result<Option<usize>, Failure> {
    let length = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, after) = rest.split_at(length);
    *rest = after;
    if digits.is_empty() {
        return Ok(None);
    }
    match digits.parse() {
        Ok(number) if number <= WIDEST => Ok(Some(number)),
        _ => Failure::argument(0, format!("widths and precisions go up to {WIDEST}")),
    }
}

fn one(mode: char, verb: &Verb, argument: &Value, position: usize) -> Result<String, Failure> {
    let to = |ty: &Type| -> Result<Value, Failure> {
        if argument.is_null() {
            return Failure::argument(
                position,
                format!("unsupported value for \"%{mode}\" at {}: null value cannot be formatted", position - 1),
            );
        }
        convert(argument, ty).or_else(|error| {
            Failure::argument(
                position,
                format!("unsupported value for \"%{mode}\" at {}: {}", position - 1, error.message),
            )
        })
    };
    let number = || to(&Type::Number).map(|value| value.as_number().cloned().unwrap_or_default());
    let whole = || -> Result<BigInt, Failure> {
        let number = number()?;
        if !number.is_integer() {
            return Failure::argument(
                position,
                format!("unsupported value for \"%{mode}\" at {}: an integer is required", position - 1),
            );
        }
        Ok(number.with_scale(0).into_bigint_and_exponent().0)
    };
    Ok(match mode {
        'v' => match &argument.content {
            Content::Null(_) => padded(verb, "null"),
            Content::String(text) if verb.sharp => padded(verb, &json_text(&text.as_str().into(), true)),
            Content::String(text) => padded(verb, text),
            Content::Bool(truth) => padded(verb, &truth.to_string()),
            Content::Number(number) if verb.sharp => padded(verb, &number_text(number)),
            Content::Number(number) => signed(verb, &number_text(&number.abs()), number.is_negative()),
            _ => padded(verb, &json_text(argument, true)),
        },
        // Without its width: so it is there.
        't' => to(&Type::Bool)?.as_bool().unwrap_or_default().to_string(),
        'd' => integer(verb, &whole()?, 10, ""),
        'b' => integer(verb, &whole()?, 2, "0b"),
        'o' => integer(verb, &whole()?, 8, "0"),
        'x' => integer(verb, &whole()?, 16, "0x"),
        'X' => integer(verb, &whole()?, 16, "0X").to_uppercase(),
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => float(mode, verb, &number()?),
        's' | 'q' => {
            let value = to(&Type::String)?;
            let text = value.as_str().unwrap_or_default();
            let cut: String = match verb.precision {
                Some(precision) => text.graphemes(true).take(precision).collect(),
                None => text.to_owned(),
            };
            padded(verb, &if mode == 'q' { json_text(&cut.into(), true) } else { cut })
        }
        other => {
            return Failure::argument(0, format!("unsupported format verb {other:?}"));
        }
    })
}

/// Text, filled up to its width.
fn padded(verb: &Verb, text: &str) -> String {
    let missing = verb.width.unwrap_or(0).saturating_sub(text.graphemes(true).count());
    let fill = if verb.zero && !verb.minus { "0" } else { " " }.repeat(missing);
    if verb.minus { format!("{text}{fill}") } else { format!("{fill}{text}") }
}

/// The digits of a number with its sign, filled up to its width.
fn signed(verb: &Verb, digits: &str, negative: bool) -> String {
    let sign = match (negative, verb.plus, verb.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (.., true) => " ",
        _ => "",
    };
    if verb.zero && !verb.minus {
        let missing = verb.width.unwrap_or(0).saturating_sub(sign.len() + digits.len());
        return format!("{sign}{}{digits}", "0".repeat(missing));
    }
    padded(&Verb { width: verb.width, minus: verb.minus, ..Verb::default() }, &format!("{sign}{digits}"))
}

fn integer(verb: &Verb, number: &BigInt, base: u32, prefix: &str) -> String {
    let mut digits = number.magnitude().to_str_radix(base);
    if let Some(precision) = verb.precision {
        digits = format!("{}{digits}", "0".repeat(precision.saturating_sub(digits.len())));
    }
    if verb.sharp {
        digits = format!("{prefix}{digits}");
    }
    signed(verb, &digits, number.is_negative())
}

fn float(mode: char, verb: &Verb, number: &BigDecimal) -> String {
    let magnitude = number.abs();
    let lower = mode.to_ascii_lowercase();
    let digits = match lower {
        'f' => plain(&magnitude, verb.precision.unwrap_or(6)),
        'e' => scientific(&magnitude, Some(verb.precision.unwrap_or(6))),
        _ => {
            let precision = verb.precision.map(|precision| precision.max(1));
            let rounded = match precision {
                Some(precision) => magnitude.with_prec(precision as u64).normalized(),
                None => magnitude.normalized(),
            };
            let count = rounded.digits() as i64;
            let exponent = if rounded.digits() == 0 { 0 } else { count - rounded.fractional_digit_count() - 1 };
            let limit = match precision {
                Some(precision) => precision as i64,
                None if count > 21 => count,
                None => 21,
            };
            if exponent < -4 || exponent >= limit { scientific(&rounded, None) } else { rounded.to_plain_string() }
        }
    };
    let digits = if mode.is_ascii_uppercase() { digits.to_uppercase() } else { digits };
    signed(verb, &digits, number.is_negative())
}

fn plain(number: &BigDecimal, precision: usize) -> String {
    number.with_scale_round(precision as i64, RoundingMode::HalfEven).to_plain_string()
}

fn scientific(number: &BigDecimal, precision: Option<usize>) -> String {
    let rounded = match precision {
        Some(precision) => number.with_precision_round(
            std::num::NonZeroU64::new(precision as u64 + 1).unwrap_or(std::num::NonZeroU64::MIN),
            RoundingMode::HalfEven,
        ),
        None => number.normalized(),
    };
    let (digits, scale) = rounded.into_bigint_and_exponent();
    let mut digits = digits.to_string();
    let mut exponent = digits.len() as i64 - scale - 1;
    if digits == "0" {
        exponent = 0;
    }
    if let Some(precision) = precision {
        digits.push_str(&"0".repeat((precision + 1).saturating_sub(digits.len())));
        digits.truncate(precision + 1);
    }
    let fraction = if digits.len() > 1 { format!(".{}", &digits[1..]) } else { String::new() };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}{fraction}e{sign}{:02}", &digits[..1], exponent.to_u64().unwrap_or(exponent.unsigned_abs()))
}
