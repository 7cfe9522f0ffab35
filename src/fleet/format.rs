//! Ages and sizes in words, in one place.

/// An age in its largest unit: `42s`, `3m`, `2h`, `5d`, `3y`. Negative ages (clocks differ) are `0s`.
pub fn age(ms: i64) -> String {
    let (count, unit, _) = unit(ms);
    format!("{count}{unit}")
}

/// Milliseconds until [`age`] says something else; at least 1.
pub fn age_next_change_ms(ms: i64) -> i64 {
    let (_, _, unit_ms) = unit(ms);
    let ms = ms.max(0);
    (unit_ms - ms % unit_ms).max(1)
}

fn unit(ms: i64) -> (i64, char, i64) {
    const SECOND: i64 = 1000;
    const MINUTE: i64 = 60 * SECOND;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    const YEAR: i64 = 365 * DAY;
    let ms = ms.max(0);
    let (unit_ms, name) = match ms {
        ..MINUTE => (SECOND, 's'),
        ..HOUR => (MINUTE, 'm'),
        ..DAY => (HOUR, 'h'),
        ..YEAR => (DAY, 'd'),
        _ => (YEAR, 'y'),
    };
    (ms / unit_ms, name, unit_ms)
}
