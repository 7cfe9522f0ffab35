//! RFC 3339 stamps as Go writes them, read by hand: one stands before every line of a log.

/// Nanoseconds since the Unix epoch of `2026-11-27T16:03:57.95179508Z` (or with an offset, `+01:00`). The whole
/// text must be the stamp. Go's zero time and anything outside of what 64 bits hold are `None`.
pub(super) fn parse_ns(text: &[u8]) -> Option<i64> {
    let (head, rest) = text.split_at_checked(19)?;
    let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        mo0,
        mo1,
        b'-',
        d0,
        d1,
        b'T',
        h0,
        h1,
        b':',
        mi0,
        mi1,
        b':',
        s0,
        s1,
    ] = *head
    else {
        return None;
    };
    let year = two(y0, y1)? * 100 + two(y2, y3)?;
    let (month, day) = (two(mo0, mo1)?, two(d0, d1)?);
    let (hour, minute, second) = (two(h0, h1)?, two(mi0, mi1)?, two(s0, s1)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (nanos, zone) = fraction(rest)?;
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset(zone)?;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos)
}

/// Unix seconds within the calendar (years 1970 to 9999): whatever an engine says, arithmetic with it is safe.
pub(super) fn sane_s(unix_s: i64) -> i64 {
    unix_s.clamp(0, 253_402_300_799)
}

/// `.95179508` → its nanoseconds, and what follows it.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(digits) = text.strip_prefix(b".") else {
        return Some((0, text));
    };
    let len = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    if !(1..=9).contains(&len) {
        return None;
    }
    let value = digits[..len]
        .iter()
        .fold(0, |sum, b| sum * 10 + i64::from(b - b'0'));
    Some((value * 10_i64.pow(9 - len as u32), &digits[len..]))
}

/// `Z` or `+01:00` → seconds east of Greenwich.
fn offset(zone: &[u8]) -> Option<i64> {
    match *zone {
        [b'Z'] => Some(0),
        [sign @ (b'+' | b'-'), h0, h1, b':', m0, m1] => {
            let east = two(h0, h1)? * 3600 + two(m0, m1)? * 60;
            Some(if sign == b'-' { -east } else { east })
        }
        _ => None,
    }
}

fn two(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// Days since the epoch in the Gregorian calendar, counting years from March so that the leap day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (month * 153 + 2) / 5
        + day
        - 719_469
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse_ns;

    #[test]
    fn stamps_are_read() {
        for (text, ns) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-27T16:03:57.95179508Z", Some(1_795_795_437_951_795_080)),
            (
                "2026-11-27T17:03:57.951795080+01:00",
                Some(1_795_795_437_951_795_080),
            ),
            ("2024-02-29T23:59:59.000000001Z", Some(1_709_251_199_000_000_001)),
            ("0001-01-01T00:00:00Z", None),
            ("2026-11-27 16:03:57Z", None),
            ("2026-11-27T16:03:57", None),
            ("2026-11-27T16:03:57.Z", None),
            ("2026-11-27T16:03:57.1234567890Z", None),
            ("2026-13-27T16:03:57Z", None),
            ("", None),
        ] {
            assert_eq!(parse_ns(text.as_bytes()), ns, "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_jiff(ns in 0_i64..4_000_000_000_000_000_000) {
            let stamp = jiff::Timestamp::from_nanosecond(i128::from(ns)).expect("in range");
            prop_assert_eq!(parse_ns(format!("{stamp:.9}").as_bytes()), Some(ns));
            prop_assert_eq!(parse_ns(stamp.to_string().as_bytes()), Some(ns));
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = parse_ns(&bytes);
        }
    }
}
