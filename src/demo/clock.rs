//! The engine's time, and time in the engine's words.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// What an engine takes for the present.
#[derive(Clone, Copy, Debug, Default)]
pub enum Clock {
    /// The machine's own clock.
    #[default]
    Real,
    /// Time stands still here: nothing happens by itself, and two runs give the same picture.
    Fixed(Timestamp),
}

impl Clock {
    pub(super) fn now(self) -> Timestamp {
        match self {
            Self::Real => Timestamp::now(),
            Self::Fixed(at) => at,
        }
    }
}

/// `at` less `age`; the epoch where that would be before all time.
pub(super) fn before(at: Timestamp, age: Duration) -> Timestamp {
    SignedDuration::try_from(age)
        .ok()
        .and_then(|age| at.checked_sub(age).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

/// `at` plus `delay`; the end of time where that would be after it.
pub(super) fn after(at: Timestamp, delay: Duration) -> Timestamp {
    SignedDuration::try_from(delay)
        .ok()
        .and_then(|delay| at.checked_add(delay).ok())
        .unwrap_or(Timestamp::MAX)
}

/// How long ago `then` was, seen from `now`; zero for the future.
pub(super) fn age(now: Timestamp, then: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

/// Nanoseconds since the epoch, as events carry them.
pub(super) fn nanos(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX)
}

/// Reads `seconds[.nanoseconds]`, the only form in which the API takes a time.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = seconds.parse().ok()?;
    let nanos: i32 = if fraction.is_empty() {
        0
    } else if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    } else {
        format!("{fraction:0<9}").parse().ok()?
    };
    Timestamp::new(seconds, nanos).ok()
}

/// An optional time as inspect shows it: absent is the engine's year one.
pub(super) fn rfc3339(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), |at| at.to_string())
}

/// A time as the `Date` of an answer: the engine's, not the machine's.
pub(super) fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A duration in the words of `docker ps` ("About a minute", "3 weeks").
pub(super) fn human(age: Duration) -> String {
    let seconds = age.as_secs();
    let minutes = seconds / 60;
    let hours = (seconds + 1800) / 3600;
    match (seconds, minutes, hours) {
        (0, ..) => "Less than a second".to_owned(),
        (1, ..) => "1 second".to_owned(),
        (2..60, ..) => format!("{seconds} seconds"),
        (_, 1, _) => "About a minute".to_owned(),
        (_, 2..60, _) => format!("{minutes} minutes"),
        (.., 1) => "About an hour".to_owned(),
        (.., 2..48) => format!("{hours} hours"),
        (.., 48..336) => format!("{} days", hours / 24),
        (.., 336..1440) => format!("{} weeks", hours / 24 / 7),
        (.., 1440..17520) => format!("{} months", hours / 24 / 30),
        _ => format!("{} years", seconds / 3600 / 24 / 365),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_docker_writes_them() {
        let said = |seconds| human(Duration::from_secs(seconds));
        assert_eq!(said(0), "Less than a second");
        assert_eq!(said(59), "59 seconds");
        assert_eq!(said(60), "About a minute");
        assert_eq!(said(120), "2 minutes");
        assert_eq!(said(3600), "About an hour");
        assert_eq!(said(5400), "2 hours");
        assert_eq!(said(2 * 86_400), "2 days");
        assert_eq!(said(15 * 86_400), "2 weeks");
        assert_eq!(said(90 * 86_400), "3 months");
        assert_eq!(said(800 * 86_400), "2 years");
    }

    #[test]
    fn times_are_read_as_seconds_and_nanoseconds() {
        assert_eq!(parse("5").map(nanos), Some(5_000_000_000));
        assert_eq!(parse("5.000000007").map(nanos), Some(5_000_000_007));
        assert_eq!(parse("5.5").map(nanos), Some(5_500_000_000));
        assert_eq!(parse("yesterday"), None);
    }
}
