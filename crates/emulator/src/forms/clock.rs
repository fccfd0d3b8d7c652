//! Time: where it comes from, and the forms in which Cognito shows it.

use std::fmt::Debug;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Number, Value as Json};

/// Tells the time, in milliseconds since 1970 (UTC).
pub trait Clock: Debug + Send + Sync {
    /// Now.
    fn now(&self) -> i64;

    /// Moves it forward by so many milliseconds; false when it cannot be moved.
    fn forward(&self, milliseconds: i64) -> bool {
        let _ = milliseconds;
        false
    }
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0))
    }
}

/// The machine's clock, which can be moved forward: what takes days can be tried at once.
#[derive(Debug, Default)]
pub struct MovableClock(AtomicI64);

impl Clock for MovableClock {
    fn now(&self) -> i64 {
        SystemClock.now().saturating_add(self.0.load(Ordering::SeqCst))
    }

    fn forward(&self, milliseconds: i64) -> bool {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
        true
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now`, in milliseconds since 1970.
    pub fn new(now: i64) -> Self {
        ManualClock(AtomicI64::new(now))
    }

    /// Moves it forward.
    pub fn advance(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn forward(&self, milliseconds: i64) -> bool {
        self.advance(milliseconds);
        true
    }
}

/// A date as answers carry it: seconds since 1970 with three decimals (recorded/README.md, wire format).
pub(crate) fn stamp(milliseconds: i64) -> Json {
    // Dividing by 1000 gives the double nearest to the decimal text, so it prints with at most three decimals.
    Number::from_f64(milliseconds as f64 / 1000.0).map_or(Json::Null, Json::Number)
}

/// Year, month, day, hour, minute, second in UTC.
fn civil(milliseconds: i64) -> (i64, i64, i64, i64, i64, i64) {
    let seconds = milliseconds.div_euclid(1000);
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Counted from 1 March of year 0, so that the leap day is the last of its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day, rest / 3600, rest / 60 % 60, rest % 60)
}

/// `20250702011951`: the Version of a domain is its creation time in UTC [DescribeUserPoolDomain.2017-11.prefix].
pub(crate) fn version(milliseconds: i64) -> String {
    let (year, month, day, hour, minute, second) = civil(milliseconds);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

/// `2026-11-24T06:00:00.123Z`
pub(crate) fn iso(milliseconds: i64) -> String {
    let (year, month, day, hour, minute, second) = civil(milliseconds);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", milliseconds.rem_euclid(1000))
}

/// Year, month and day in UTC.
pub(crate) fn date(milliseconds: i64) -> (i64, i64, i64) {
    let (year, month, day, ..) = civil(milliseconds);
    (year, month, day)
}

/// `Tue, 14 Nov 2017 16:23:16 GMT`, as HTTP shows dates.
pub(crate) fn http_date(milliseconds: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day, hour, minute, second) = civil(milliseconds);
    let weekday = DAYS[milliseconds.div_euclid(86_400_000).rem_euclid(7) as usize];
    let month = MONTHS[(month - 1).rem_euclid(12) as usize];
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Reads `2026-11-23T06:36:00.970000+00:00` (a date as Python prints it), or a number of seconds.
pub(crate) fn read(value: &Json) -> Option<i64> {
    if let Some(seconds) = value.as_f64() {
        return Some((seconds * 1000.0).round() as i64);
    }
    let text = value.as_str()?;
    let (date, time) = text.split_once('T')?;
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let zone_at = time.find(['+', '-', 'Z']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let mut parts = clock.split(':');
    let (hour, minute) = (parts.next()?.parse::<i64>().ok()?, parts.next()?.parse::<i64>().ok()?);
    let seconds = parts.next().map_or(Some(0.0), |part| part.parse::<f64>().ok())?;
    let offset = match zone.as_bytes().first() {
        Some(sign @ (b'+' | b'-')) => {
            let (hours, minutes) = zone[1..].split_once(':')?;
            let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
            if *sign == b'+' { minutes } else { -minutes }
        }
        _ => 0,
    };
    let shifted_year = year - i64::from(month <= 2);
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    Some((days * 86_400 + hour * 3600 + (minute - offset) * 60) * 1000 + (seconds * 1000.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_in_every_form() {
        let moment = read(&json!("2017-11-14T16:23:16.027000+00:00")).unwrap();
        assert_eq!(version(moment), "20171114162316");
        assert_eq!(http_date(moment), "Tue, 14 Nov 2017 16:23:16 GMT");
        assert_eq!(stamp(moment).to_string(), "1510676596.027");
        assert_eq!(read(&stamp(moment)), Some(moment));
        assert_eq!(read(&json!("2024-02-29T23:30:00-01:00")).map(date), Some((2024, 3, 1)));
        assert_eq!(read(&json!("1970-01-01T00:00:00")), Some(0));
        assert_eq!(read(&json!("2024-13-01T00:00:00")), None);
        assert_eq!(read(&json!("Größe")), None);
    }
}
