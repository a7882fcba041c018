//! Instants as X sends them, as numbers.

/// The microseconds since 1970 of an RFC 3339 instant in UTC, such as `2026-06-05T14:03:21.000Z`;
/// `None` if it is none. Digits beyond microseconds are dropped (X sends milliseconds); a leap
/// second is the second after it.
pub(crate) fn micros(text: &[u8]) -> Option<i64> {
    let (&head, rest) = text.split_first_chunk()?;
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', i0, i1, b':', s0, s1] =
        head
    else {
        return None;
    };
    let (year, month, day) = (digits(&[y0, y1, y2, y3])?, digits(&[m0, m1])?, digits(&[d0, d1])?);
    let (hour, minute, second) = (digits(&[h0, h1])?, digits(&[i0, i1])?, digits(&[s0, s1])?);
    let possible = (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    let fraction = fraction(rest.strip_suffix(b"Z")?)?;
    possible.then_some(seconds * 1_000_000 + fraction)
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'))
    })
}

/// What follows the seconds, as microseconds: nothing, or a point and digits.
fn fraction(text: &[u8]) -> Option<i64> {
    let fraction = text.strip_prefix(b".").unwrap_or(text);
    if fraction.len() == text.len() && !text.is_empty() {
        return None;
    }
    let (kept, dropped) = fraction.split_at(fraction.len().min(6));
    let mut micros = digits(kept).filter(|_| dropped.iter().all(u8::is_ascii_digit))?;
    for _ in kept.len()..6 {
        micros *= 10;
    }
    Some(micros)
}

const fn days_of(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar. Years begin in March here, so that
/// the day that a leap year has more is their last (the algorithm is known as `days_from_civil`).
const fn days(year: i64, month: i64, day: i64) -> i64 {
    const DAYS_IN_400_YEARS: i64 = 146_097;
    const DAYS_FROM_0000_03_01: i64 = 719_468;
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era = year * 365 + year / 4 - year / 100 + of_year;
    era * DAYS_IN_400_YEARS + of_era - DAYS_FROM_0000_03_01
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_numbers() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-06-05T14:03:21.000Z", 1_780_668_201_000_000),
            ("2026-06-05T14:03:21.5Z", 1_780_668_201_500_000),
            ("2026-06-05T14:03:21.1234567Z", 1_780_668_201_123_456),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
            ("0000-03-01T00:00:00Z", -62_162_035_200_000_000),
        ] {
            assert_eq!(micros(text.as_bytes()), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_instant_is_none() {
        for text in [
            "",
            "Z",
            "2026-06-05",
            "2026-06-05T14:03:21",
            "2026-06-05T14:03:21+00:00",
            "2026-13-05T14:03:21Z",
            "2026-02-29T14:03:21Z",
            "2026-00-01T14:03:21Z",
            "2026-06-00T14:03:21Z",
            "2026-06-05T24:00:00Z",
            "2026-06-05T14:60:00Z",
            "2026-06-05T14:03:61Z",
            "2026-06-05T14:03:21.0x0Z",
            "2026-06-05T14:03:210Z",
            "2026-06-05T14:03:21.00000000000000000000xZ",
            "26-06-05T14:03:21Z",
            "2026-06-05-01T14:03:21Z",
            "日本-06-05T14:03:21Z",
        ] {
            assert_eq!(micros(text.as_bytes()), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn dates_are_those_of_the_calendar(seconds in -62_135_596_800_i64..253_402_300_799, ms in 0..1000_i64) {
            let time = jiff::Timestamp::from_millisecond(seconds * 1000 + ms).unwrap();
            let text = format!("{time:.3}");
            proptest::prop_assert_eq!(micros(text.as_bytes()), Some(time.as_microsecond()), "{}", text);
        }
    }
}
