//! The engine's sentence about a container ("Up 2 days (healthy)", "Exited (137) 3 minutes ago"), read for facts.
//!
//! The wording is `State.String` and `units.HumanDuration` of the Docker Engine.

use crate::fleet::model::Health;

/// What a sentence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Status {
    /// Exit code of an ended or restarting container.
    pub(super) exit_code: Option<i64>,
    /// Health, where it is told.
    pub(super) health: Option<Health>,
    /// Seconds it has been so, rounded as people speak.
    pub(super) age_s: Option<i64>,
}

/// Reads a sentence.
pub(super) fn parse(sentence: &str) -> Status {
    let mut status = Status {
        health: health(sentence),
        ..Status::default()
    };
    let ended = ["Exited (", "Restarting ("]
        .into_iter()
        .find_map(|word| sentence.strip_prefix(word))
        .and_then(|rest| rest.split_once(')'));
    if let Some((code, rest)) = ended {
        status.exit_code = code.parse().ok();
        status.age_s = rest.trim().strip_suffix(" ago").and_then(age);
    } else if let Some(rest) = sentence.strip_prefix("Up ") {
        status.age_s = age(rest.split_once(" (").map_or(rest, |(age, _)| age));
    }
    status
}

fn health(sentence: &str) -> Option<Health> {
    let (_, note) = sentence.strip_suffix(')')?.rsplit_once('(')?;
    match note {
        "healthy" => Some(Health::Healthy),
        "unhealthy" => Some(Health::Unhealthy),
        "health: starting" => Some(Health::Starting),
        _ => None,
    }
}

/// "About an hour", "5 minutes", "Less than a second".
fn age(words: &str) -> Option<i64> {
    let words = words.trim();
    match words {
        "Less than a second" => return Some(0),
        "About a minute" => return Some(60),
        "About an hour" => return Some(3600),
        _ => {}
    }
    let (count, unit) = words.split_once(' ')?;
    let unit = match unit.strip_suffix('s').unwrap_or(unit) {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        "week" => 7 * 86_400,
        "month" => 30 * 86_400,
        "year" => 365 * 86_400,
        _ => return None,
    };
    count.parse::<i64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::{Status, parse};
    use crate::fleet::model::Health;

    #[test]
    fn sentences_are_read() {
        let said = |exit_code, health, age_s| Status {
            exit_code,
            health,
            age_s,
        };
        for (sentence, status) in [
            ("Up 2 days", said(None, None, Some(172_800))),
            (
                "Up 2 days (healthy)",
                said(None, Some(Health::Healthy), Some(172_800)),
            ),
            (
                "Up About an hour (unhealthy)",
                said(None, Some(Health::Unhealthy), Some(3600)),
            ),
            (
                "Up Less than a second (health: starting)",
                said(None, Some(Health::Starting), Some(0)),
            ),
            ("Up About a minute (Paused)", said(None, None, Some(60))),
            ("Up 1 second", said(None, None, Some(1))),
            ("Exited (137) 3 weeks ago", said(Some(137), None, Some(1_814_400))),
            ("Exited (0) About a minute ago", said(Some(0), None, Some(60))),
            ("Exited (-1) 2 years ago", said(Some(-1), None, Some(63_072_000))),
            ("Restarting (3) 54 seconds ago", said(Some(3), None, Some(54))),
            ("Created", Status::default()),
            ("Dead", Status::default()),
            ("Removal In Progress", Status::default()),
            ("", Status::default()),
            ("Exited (", Status::default()),
            ("Up 99999999999999999999 days", Status::default()),
        ] {
            assert_eq!(parse(sentence), status, "{sentence}");
        }
    }
}
