//! Functions of time. A moment keeps the offset that it was written with.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use poolform_value::Value;

use super::{Context, Failure, text};

type Outcome = Result<Value, Failure>;

/// A moment as RFC 3339 writes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    local: DateTime,
    offset: Offset,
}

impl Moment {
    /// RFC 3339 and nothing else.
    pub fn parse(given: &str) -> Option<Self> {
        let bytes = given.as_bytes();
        let digits =
            |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
        let shaped = digits(0..4)
            && digits(5..7)
            && digits(8..10)
            && bytes.get(10) == Some(&b'T')
            && digits(11..13)
            && digits(14..16)
            && digits(17..19);
        if !shaped {
            return None;
        }
        let zone = 19 + given.get(19..)?.find(['Z', '+', '-'])?;
        let local: DateTime = given[..zone].parse().ok()?;
        let offset = match &given[zone..] {
            "Z" => Offset::UTC,
            written => {
                let (hours, minutes) = written.get(1..)?.split_once(':')?;
                if hours.len() != 2 || minutes.len() != 2 {
                    return None;
                }
                let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
                Offset::from_seconds(if written.starts_with('-') { -seconds } else { seconds }).ok()?
            }
        };
        Some(Moment { local, offset })
    }

    fn zone(self, colon: &str) -> String {
        let minutes = self.offset.seconds() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        format!("{sign}{:02}{colon}{:02}", minutes.abs() / 60, minutes.abs() % 60)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.local)?;
        if self.offset == Offset::UTC { f.write_str("Z") } else { f.write_str(&self.zone(":")) }
    }
}

fn moment(arguments: &[Value], position: usize) -> Result<Moment, Failure> {
    let given = text(arguments, position);
    Moment::parse(given).ok_or_else(|| {
        Failure::Argument(
            position,
            format!("not a valid RFC3339 timestamp: {given:?} should look like \"2006-01-02T15:04:05Z\""),
        )
    })
}

pub(super) fn timestamp(context: &Context<'_, '_>, _: &[Value]) -> Outcome {
    match context.scope.instance {
        Some(instance) => Ok(instance.evaluator.inputs.now.as_str().into()),
        None => Failure::whole("there is no time here"),
    }
}

pub(super) fn timecmp(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let instant = |position| {
        let moment = moment(arguments, position)?;
        moment.offset.to_timestamp(moment.local).or_else(|_| Failure::argument(position, "this is out of bounds"))
    };
    Ok(Value::from(instant(0)?.cmp(&instant(1)?) as i64))
}

pub(super) fn timeadd(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let moment = moment(arguments, 0)?;
    let Some(duration) = duration(text(arguments, 1)) else {
        return Failure::argument(
            1,
            format!(
                "invalid duration {:?}: use numbers with h, m, s, ms, us or ns, like \"1h30m\"",
                text(arguments, 1)
            ),
        );
    };
    match moment.local.checked_add(duration) {
        Ok(local) => {
            let whole = local.with().subsec_nanosecond(0).build().unwrap_or(local);
            Ok(Moment { local: whole, ..moment }.to_string().into())
        }
        Err(_) => Failure::whole("the result is out of bounds"),
    }
}

/// A duration as Go writes them: `-1h30m`, `1.5h`.
fn duration(given: &str) -> Option<SignedDuration> {
    let (negative, mut rest) = match given.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, given.strip_prefix('+').unwrap_or(given)),
    };
    if rest == "0" {
        return Some(SignedDuration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: f64 = 0.0;
    while !rest.is_empty() {
        let length = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let number: f64 = rest[..length].parse().ok()?;
        let unit_length = rest[length..].find(|character: char| character.is_ascii_digit() || character == '.');
        let unit_end = unit_length.map_or(rest.len(), |unit| length + unit);
        total += number
            * match &rest[length..unit_end] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 1e-3,
                "us" | "µs" | "μs" => 1e-6,
                "ns" => 1e-9,
                _ => return None,
            };
        rest = &rest[unit_end..];
    }
    // Two hundred years and more do not fit into Go's durations.
    if total > 9_223_372_036.0 {
        return None;
    }
    SignedDuration::try_from_secs_f64(if negative { -total } else { total }).ok()
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

pub(super) fn formatdate(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let moment = moment(arguments, 1)?;
    let local = moment.local;
    let mut output = String::new();
    let mut rest = text(arguments, 0);
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            // Quoted text; two quotes in it are one.
            let mut end = 1;
            loop {
                match rest[end..].find('\'') {
                    None => return Failure::argument(0, "unterminated literal: a closing quote ' is missing"),
                    Some(at) if rest[end + at + 1..].starts_with('\'') => {
                        output.push_str(&rest[end..=end + at]);
                        end += at + 2;
                    }
                    Some(at) => {
                        output.push_str(&rest[end..end + at]);
                        end += at + 1;
                        break;
                    }
                }
            }
            rest = &rest[end..];
            continue;
        }
        let length = rest.len() - rest.trim_start_matches(first).len();
        let verb = &rest[..length];
        rest = &rest[length..];
        let hour12 = match local.hour() % 12 {
            0 => 12,
            hour => hour,
        };
        let month = MONTHS[usize::from(local.month().unsigned_abs().saturating_sub(1)).min(11)];
        let day = DAYS[usize::from(local.weekday().to_monday_zero_offset().unsigned_abs()).min(6)];
        let noon = if local.hour() < 12 { "am" } else { "pm" };
        output.push_str(&match verb {
            "YYYY" => format!("{:04}", local.year()),
            "YY" => format!("{:02}", local.year() % 100),
            "MMMM" => month.to_owned(),
            "MMM" => month[..3].to_owned(),
            "MM" => format!("{:02}", local.month()),
            "M" => local.month().to_string(),
            "DD" => format!("{:02}", local.day()),
            "D" => local.day().to_string(),
            "EEEE" => day.to_owned(),
            "EEE" => day[..3].to_owned(),
            "hh" => format!("{:02}", local.hour()),
            "h" => local.hour().to_string(),
            "HH" => format!("{hour12:02}"),
            "H" => hour12.to_string(),
            "AA" => noon.to_uppercase(),
            "aa" => noon.to_owned(),
            "mm" => format!("{:02}", local.minute()),
            "m" => local.minute().to_string(),
            "ss" => format!("{:02}", local.second()),
            "s" => local.second().to_string(),
            "ZZZZZ" => moment.zone(":"),
            "ZZZZ" => moment.zone(""),
            "ZZZ" if moment.offset == Offset::UTC => "UTC".to_owned(),
            "ZZZ" => moment.zone(""),
            "Z" if moment.offset == Offset::UTC => "Z".to_owned(),
            "Z" => moment.zone(":"),
            _ if first.is_ascii_alphabetic() => {
                return Failure::argument(0, format!("invalid date format verb {verb:?}: quote literal text with '"));
            }
            other => other.to_owned(),
        });
    }
    Ok(output.into())
}
