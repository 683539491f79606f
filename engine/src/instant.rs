//! Instants in text: ISO 8601 with milliseconds and `Z`, as `domain.md` §2 has them.

use crate::refusal::Refusal;

/// The instants that can be given and written, in milliseconds since 1970: the years 0 to 9999 in UTC, which ISO 8601
/// writes with four digits.
pub const WRITABLE_MS: std::ops::Range<i64> = -62_167_219_200_000..253_402_300_800_000;

/// Whether the instant can be written with a year of four digits.
pub(crate) fn is_writable(instant_ms: i64) -> bool {
    WRITABLE_MS.contains(&instant_ms)
}

/// What can be written at all: 262,000 years either way.
const CALENDAR_MS: std::ops::Range<i64> = -8_334_601_228_800_000..8_210_266_876_800_000;

const DAY_MS: i64 = 86_400_000;

/// An instant in text.
pub(crate) fn to_iso(instant_ms: i64) -> String {
    if !CALENDAR_MS.contains(&instant_ms) {
        return format!("{instant_ms} ms");
    }
    let (day, ms) = (instant_ms.div_euclid(DAY_MS), instant_ms.rem_euclid(DAY_MS));
    // Close by, and never too late.
    let mut year = 1969 + day * 400 / 146_097;
    while days_until(year + 1, 1) <= day {
        year += 1;
    }
    let month = (1..12).find(|month| day < days_until(year, month + 1)).unwrap_or(12);
    let day = day - days_until(year, month) + 1;
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    let clock = format!("{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1000);
    if is_writable(instant_ms) { format!("{year:04}-{clock}") } else { format!("{year:+05}-{clock}") }
}

/// The days from 1970 until a month of the Gregorian calendar begins; the thirteenth is the first of the next year.
fn days_until(year: i64, month: i64) -> i64 {
    // A year that begins in March has its leap day at its end, and months of 153 days in five.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 - 719_468
}

/// Reads an instant with its offset, such as `2026-11-21T09:30:00Z` or `…+01:00`; fractions below a millisecond are
/// dropped.
pub(crate) fn from_iso(argument: &str, text: &str) -> Result<i64, Box<Refusal>> {
    parse(text).filter(|instant| is_writable(*instant)).ok_or_else(|| {
        let given = crate::address::shorten(text);
        Refusal::invalid(format_args!(
            "`{argument}` is `{given}`, which is not an instant such as `2026-11-21T09:30:00Z`"
        ))
    })
}

/// An instant as RFC 3339 has it, leap seconds included.
fn parse(text: &str) -> Option<i64> {
    let number = |start: usize, len: usize| digits(text.as_bytes().get(start..start + len)?);
    let has = |place: usize, letters: &[u8]| text.as_bytes().get(place).is_some_and(|byte| letters.contains(byte));
    let separated = has(4, b"-") && has(7, b"-") && has(10, b"Tt ") && has(13, b":") && has(16, b":");
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    let fits = separated && (1..=12).contains(&month) && hour < 24 && minute < 60 && second <= 60;
    let days = (days_until(year, month) + day - 1, days_until(year, month + 1));
    let (fraction_ms, zone) = fraction(text.get(19..)?)?;
    let seconds = (days.0 * 24 + hour) * 3600 + (minute - offset(zone)?) * 60 + second;
    (fits && day > 0 && days.0 < days.1).then_some(seconds * 1000 + fraction_ms)
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

/// The milliseconds of a fraction of a second, and what stands behind it.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(text) = text.strip_prefix('.') else { return Some((0, text)) };
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    let (all, behind) = text.split_at_checked(len).filter(|_| len > 0)?;
    let some = all.as_bytes().get(..3).unwrap_or(all.as_bytes());
    Some((digits(some)? * [100, 10, 1].get(some.len() - 1)?, behind))
}

/// The minutes that a place's clock is ahead.
fn offset(zone: &str) -> Option<i64> {
    let mut letters = zone.chars();
    let sign = match letters.next()? {
        'Z' | 'z' => return (zone.len() == 1).then_some(0),
        '+' => 1,
        '-' | '−' => -1,
        _ => return None,
    };
    let zone = letters.as_str().as_bytes();
    let (hours, minutes) = (digits(zone.get(..2)?)?, digits(zone.get(3..)?)?);
    let fits = zone.len() == 5 && zone.get(2) == Some(&b':') && hours < 24 && minutes < 60;
    fits.then_some(sign * (hours * 60 + minutes))
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use chrono::{DateTime, SecondsFormat};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn instants_are_written_as_another_library_writes_them(
            instant in prop_oneof![any::<i64>(), CALENDAR_MS, WRITABLE_MS, -DAY_MS..DAY_MS],
        ) {
            let expected = DateTime::from_timestamp_millis(instant)
                .map_or_else(|| format!("{instant} ms"), |known| known.to_rfc3339_opts(SecondsFormat::Millis, true));
            prop_assert_eq!(to_iso(instant), expected);
        }

        #[test]
        fn texts_are_read_as_another_library_reads_them(
            date in "([0-9]{4}|2000|1900|2024)-(0[0-9]|1[0-3])-(0[0-9]|[12][0-9]|3[0-2]|28|29|30|31)",
            clock in "[Tt x]([01][0-9]|2[0-4]):([0-5][0-9]|60):([0-5][0-9]|60|61)",
            zone in "(\\.[0-9]{0,11})?(Z|z|[+−-][+-]?([01][0-9]|2[0-4]):?[0-6][0-9])?[ Z0+]?",
            cut in prop_oneof![4 => Just(99_usize), 1 => 0_usize..40],
        ) {
            let text: String = [date, clock, zone].concat().chars().take(cut).collect();
            let expected = DateTime::parse_from_rfc3339(&text).ok().map(|instant| instant.timestamp_millis());
            prop_assert_eq!(parse(&text), expected, "{}", text);
        }
    }

    #[test]
    fn an_instant_is_written_in_utc_with_milliseconds() {
        let instant = from_iso("notBefore", "2026-11-21T10:30:00.25+01:00").unwrap();
        assert_eq!(to_iso(instant), "2026-11-21T09:30:00.250Z");
    }

    #[test]
    fn a_date_without_an_offset_is_refused_by_name() {
        let refusal = from_iso("notAfter", "2026-11-21").unwrap_err();
        assert_eq!(refusal.code(), "InvalidArgument");
        assert!(refusal.to_string().contains("`notAfter` is `2026-11-21`"));
    }
}
