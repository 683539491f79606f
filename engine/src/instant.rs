//! Instants in text: ISO 8601 with milliseconds and `Z`, as `domain.md` §2 has them.

use crate::refusal::Refusal;
use chrono::{DateTime, SecondsFormat};

/// The instants that can be given and written, in milliseconds since 1970: the years 0 to 9999 in UTC, which ISO 8601
/// writes with four digits.
pub const WRITABLE_MS: std::ops::Range<i64> = -62_167_219_200_000..253_402_300_800_000;

/// Whether the instant can be written with a year of four digits.
pub(crate) fn is_writable(instant_ms: i64) -> bool {
    WRITABLE_MS.contains(&instant_ms)
}

/// An instant in text.
pub(crate) fn to_iso(instant_ms: i64) -> String {
    match DateTime::from_timestamp_millis(instant_ms) {
        Some(instant) => instant.to_rfc3339_opts(SecondsFormat::Millis, true),
        // Outside the calendar's 262,000 years either way.
        None => format!("{instant_ms} ms"),
    }
}

/// Reads an instant with its offset, such as `2026-11-21T09:30:00Z` or `…+01:00`; fractions below a millisecond are
/// dropped.
pub(crate) fn from_iso(argument: &str, text: &str) -> Result<i64, Box<Refusal>> {
    let parsed = DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.timestamp_millis());
    parsed.filter(|instant| is_writable(*instant)).ok_or_else(|| {
        let given = crate::address::shorten(text);
        Box::new(Refusal::InvalidArgument(format!(
            "`{argument}` is `{given}`, which is not an instant such as `2026-11-21T09:30:00Z`"
        )))
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

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
