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
    let units = [(YEAR, 'y'), (DAY, 'd'), (HOUR, 'h'), (MINUTE, 'm')];
    let (unit_ms, name) = units
        .into_iter()
        .find(|(unit_ms, _)| ms >= *unit_ms)
        .unwrap_or((SECOND, 's'));
    (ms / unit_ms, name, unit_ms)
}

/// A size in its largest unit, to two or three digits: `0B`, `98K`, `1.2M`, `412M`, `1.5G`.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [char; 6] = ['K', 'M', 'G', 'T', 'P', 'E'];
    if bytes < 1000 {
        return format!("{bytes}B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 999.5 {
        value /= 1024.0;
        unit += 1;
    }
    let unit = UNITS[unit];
    if value < 9.95 {
        format!("{value:.1}{unit}")
    } else {
        format!("{value:.0}{unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_keep_to_four_characters() {
        for (n, text) in [
            (0, "0B"),
            (999, "999B"),
            (1000, "1.0K"),
            (100_000, "98K"),
            (432_013_312, "412M"),
            (1_048_000, "1.0M"),
            (1_610_612_736, "1.5G"),
            (u64::MAX, "16E"),
        ] {
            assert_eq!(bytes(n), text);
        }
    }
}
