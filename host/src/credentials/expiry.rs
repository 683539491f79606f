//! The instant at which something ends, from a date as people write it and the time zone that they mean.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use portcullis_engine::WRITABLE_MS;
use std::fmt;
use std::sync::LazyLock;
use winnow::combinator::{alt, opt, preceded};
use winnow::error::EmptyError;
use winnow::prelude::*;
use winnow::token::{one_of, take_while};

/// The most characters of the input that an error shows.
const MAX_SHOWN_CHARS: usize = 40;

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// The zones that came with this program: those of the machine, which may be old, are never asked.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Why a date or a time zone cannot be used. The texts are the input, shortened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExpiryError {
    /// Not a date in one of the forms of [`resolve`], or one that no calendar or clock has.
    NoDate(String),
    /// The instant lies outside the years 0 to 9999 in UTC.
    OutOfRange(String),
    /// No time zone has this name.
    NoSuchZone(String),
}

/// The instant that `text` says, in milliseconds since 1970 (UTC).
///
/// * The forms are `2026-12-31`, which is the day's first instant, `2026-12-31T10:00`, `…T10:00:30` and `…T10:00:30.250`;
///   a blank may stand for the `T`, and what is below a millisecond is dropped. After a time there may be `Z` or an offset such
///   as `+01:00`; white space around it all does not count.
/// * With `Z` or an offset it is that instant, and `zone` only has to exist. Otherwise it is a local time in `zone`, an IANA
///   name in any case, or in UTC where that is None.
/// * A local time that a clock skips is the first instant after the gap, and one that it shows twice is the earlier.
/// * Second 60 is the next minute's first, as elsewhere in Portcullis: its instants count no leap seconds.
///
/// # Errors
/// [`ExpiryError`], always with the code `InvalidArgument`.
///
/// ```
/// use portcullis_host::credentials::expiry::resolve;
///
/// assert_eq!(resolve("1970-01-02", None), Ok(86_400_000));
/// assert_eq!(resolve("1970-01-01T01:00:00.5", Some("Europe/Berlin")), Ok(500));
/// assert_eq!(resolve("1970-01-01 00:00-05:00", Some("Europe/Berlin")), Ok(18_000_000));
/// // Clocks went from 02:00 to 03:00.
/// assert_eq!(resolve("2026-03-29T02:30", Some("Europe/Berlin")), resolve("2026-03-29T03:00", Some("Europe/Berlin")));
/// ```
pub fn resolve(text: &str, zone: Option<&str>) -> Result<i64, ExpiryError> {
    let zone = zone.map_or(Ok(TimeZone::UTC), time_zone)?;
    let written = written.parse(text.trim()).map_err(|_| ExpiryError::NoDate(shorten(text)))?;
    let instant = match written.offset {
        Some(offset) => at_offset(written.local, offset),
        None => in_zone(written.local, &zone),
    };
    let instant = instant + written.leap_ms;
    WRITABLE_MS.contains(&instant).then_some(instant).ok_or_else(|| ExpiryError::OutOfRange(shorten(text)))
}

/// What a text says, before a time zone gives it a meaning.
struct Written {
    local: DateTime,
    /// To be added: local times here have no second 60.
    leap_ms: i64,
    offset: Option<Offset>,
}

fn time_zone(name: &str) -> Result<TimeZone, ExpiryError> {
    // `Etc/Unknown` is a name to the library, which then takes UTC.
    let found = ZONES.get(name.trim()).ok().filter(|zone| !zone.is_unknown());
    found.ok_or_else(|| ExpiryError::NoSuchZone(shorten(name)))
}

/// The local time at an offset from UTC. By plain numbers, since the library's instants end a day before the year 9999 does.
fn at_offset(local: DateTime, offset: Offset) -> i64 {
    // Ten thousand years of milliseconds fit many times.
    local.duration_since(EPOCH).as_millis() as i64 - i64::from(offset.seconds()) * 1000
}

fn in_zone(local: DateTime, zone: &TimeZone) -> i64 {
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => at_offset(local, offset),
        AmbiguousOffset::Fold { before, .. } => at_offset(local, before),
        AmbiguousOffset::Gap { before, after } => gap_end(local, zone, before, after),
    }
}

/// The first instant after the gap that the local time lies in.
fn gap_end(local: DateTime, zone: &TimeZone, before: Offset, after: Offset) -> i64 {
    // Read with the later offset, a time in a gap lies before the change, and no other change lies between.
    let start = Timestamp::from_millisecond(at_offset(local, after)).ok();
    let change = start.and_then(|start| zone.following(start).next());
    change.map_or_else(|| at_offset(local, before), |change| change.timestamp().as_millisecond())
}

fn written(input: &mut &str) -> Result<Written, EmptyError> {
    let date = date.parse_next(input)?;
    let time = opt(preceded(one_of(['T', 't', ' ']), (time, opt(offset)))).parse_next(input)?;
    let ((time, leap_ms), offset) = time.unwrap_or(((Time::midnight(), 0), None));
    Ok(Written { local: date.to_datetime(time), leap_ms, offset })
}

fn date(input: &mut &str) -> Result<Date, EmptyError> {
    (digits::<4>, preceded('-', digits::<2>), preceded('-', digits::<2>))
        .verify_map(|(year, month, day)| Date::new(year, month as i8, day as i8).ok())
        .parse_next(input)
}

/// A time of day; for second 60 that of second 59, and one second to add.
fn time(input: &mut &str) -> Result<(Time, i64), EmptyError> {
    let second = (preceded(':', digits::<2>), opt(preceded('.', milliseconds)));
    (digits::<2>, preceded(':', digits::<2>), opt(second))
        .verify_map(|(hour, minute, second)| {
            let (second, fraction) = second.unwrap_or_default();
            let (second, leap_ms) = if second == 60 { (59, 1000) } else { (second, 0) };
            let nanoseconds = i32::from(fraction.unwrap_or_default()) * 1_000_000;
            Some((Time::new(hour as i8, minute as i8, second as i8, nanoseconds).ok()?, leap_ms))
        })
        .parse_next(input)
}

/// The digits after a point, of which the first three count.
fn milliseconds(input: &mut &str) -> Result<i16, EmptyError> {
    take_while(1.., '0'..='9').verify_map(|digits: &str| format!("{digits:0<3.3}").parse().ok()).parse_next(input)
}

fn offset(input: &mut &str) -> Result<Offset, EmptyError> {
    let sign = alt(('+'.value(1), '-'.value(-1)));
    let distance = (sign, digits::<2>, preceded(':', digits::<2>))
        .verify(|(_, hours, minutes)| *hours < 24 && *minutes < 60)
        .verify_map(|(sign, hours, minutes)| {
            Offset::from_seconds(sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60)).ok()
        });
    alt((one_of(['Z', 'z']).value(Offset::UTC), distance)).parse_next(input)
}

/// A number of so many digits; four fit.
fn digits<const COUNT: usize>(input: &mut &str) -> Result<i16, EmptyError> {
    take_while(COUNT, '0'..='9').verify_map(|digits: &str| digits.parse().ok()).parse_next(input)
}

fn shorten(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

impl ExpiryError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "InvalidArgument"
    }
}

impl fmt::Display for ExpiryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDate(given) => write!(
                f,
                "`{given}` is not a date: give one such as `2026-12-31`, `2026-12-31T10:00` or `2026-12-31T10:00:00+01:00`"
            ),
            Self::OutOfRange(given) => {
                write!(f, "`{given}` lies outside the years 0 to 9999 in UTC; give a date within them")
            }
            Self::NoSuchZone(given) => {
                write!(f, "no time zone is named `{given}`: give an IANA name such as `UTC` or `Europe/Berlin`")
            }
        }
    }
}

impl std::error::Error for ExpiryError {}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const BERLIN: &str = "Europe/Berlin";
    const NEW_YORK: &str = "America/New_York";
    const LORD_HOWE: &str = "Australia/Lord_Howe";

    /// What a local time in a zone is, as an instant with an offset.
    #[track_caller]
    fn is(local: &str, zone: &str, instant: &str) {
        let expected: Timestamp = instant.parse().unwrap();
        assert_eq!(resolve(local, Some(zone)), Ok(expected.as_millisecond()), "{local} in {zone} is not {instant}");
    }

    fn refused(text: &str) -> bool {
        matches!(resolve(text, None), Err(ExpiryError::NoDate(_)))
    }

    #[test]
    fn a_date_is_its_first_instant_and_each_part_of_a_time_may_be_left_out() {
        let midnight = 1_798_675_200_000;
        let hour = 3_600_000;
        assert_eq!(resolve("2026-12-31", None), Ok(midnight));
        for text in ["2026-12-31T10:00", "2026-12-31 10:00", "2026-12-31t10:00:00", "\t2026-12-31T10:00:00.000\n"] {
            assert_eq!(resolve(text, None), Ok(midnight + 10 * hour), "{text}");
        }
        assert_eq!(resolve("2026-12-31T10:00:01.25", None), Ok(midnight + 10 * hour + 1250));
        assert_eq!(resolve("2026-12-31T10:00:01.2509999999999", None), Ok(midnight + 10 * hour + 1250));
        assert_eq!(resolve("1969-12-31T23:59:59.999", None), Ok(-1));
        assert_eq!(resolve("1960-02-29T00:00:00.001", None), Ok(-310_521_599_999));
    }

    #[test]
    fn with_an_offset_it_is_that_instant_in_whatever_zone() {
        for zone in [None, Some(BERLIN), Some("Pacific/Apia")] {
            assert_eq!(resolve("1970-01-01T00:00Z", zone), Ok(0));
            assert_eq!(resolve("1970-01-01 01:30:00.007z", zone), Ok(5_400_007));
            assert_eq!(resolve("1970-01-01T01:30:00+01:30", zone), Ok(0));
            assert_eq!(resolve("1969-12-31T18:15-05:45", zone), Ok(0));
            assert_eq!(resolve("1970-01-01T00:00-00:00", zone), Ok(0));
            assert_eq!(resolve("1970-01-01T23:59+23:59", zone), Ok(0));
        }
    }

    #[test]
    fn the_zone_is_utc_if_none_is_named_and_a_name_in_any_case_with_offset_or_not() {
        is("2026-07-01T12:00", "UTC", "2026-07-01T12:00Z");
        is("2026-07-01T12:00", " europe/berlin\n", "2026-07-01T10:00Z");
        is("2026-01-01T12:00", "Europe/Berlin", "2026-01-01T11:00Z");
        assert_eq!(resolve("2026-07-01T12:00", None), resolve("2026-07-01T12:00", Some("Etc/UTC")));
    }

    #[test]
    fn a_zone_that_nobody_knows_is_refused_even_where_it_would_not_be_used() {
        for name in
            ["", "Europe/Bärlin", "CEST6", "+01:00", "Etc/Unknown", "../../etc/passwd", "EST5EDT4,M3.2.0,M11.1.0"]
        {
            let error = resolve("2026-12-31T10:00Z", Some(name)).unwrap_err();
            assert_eq!((error.code(), &error), ("InvalidArgument", &ExpiryError::NoSuchZone(name.into())));
        }
        let error = resolve("2026-12-31", Some("Europe/Bärlin")).unwrap_err();
        let text = "no time zone is named `Europe/Bärlin`: give an IANA name such as `UTC` or `Europe/Berlin`";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn a_time_in_a_gap_is_the_first_instant_after_it() {
        for local in ["02:00", "02:00:00.001", "02:30", "02:59:59.999", "03:00", "01:59:60"] {
            is(&format!("2026-03-29T{local}"), BERLIN, "2026-03-29T01:00Z");
            is(&format!("2026-03-08T{local}"), NEW_YORK, "2026-03-08T07:00Z");
        }
        is("2026-03-29T01:59:59.999", BERLIN, "2026-03-29T00:59:59.999Z");
        is("2026-03-29T03:00:00.001", BERLIN, "2026-03-29T01:00:00.001Z");
        is("2026-03-08T01:59:59.999", NEW_YORK, "2026-03-08T06:59:59.999Z");
        is("2026-03-08T03:00:00.001", NEW_YORK, "2026-03-08T07:00:00.001Z");
    }

    #[test]
    fn a_time_that_comes_twice_is_the_earlier() {
        is("2026-10-25T01:59:59.999", BERLIN, "2026-10-24T23:59:59.999Z");
        is("2026-10-25T02:00", BERLIN, "2026-10-25T00:00Z");
        is("2026-10-25T02:59:59.999", BERLIN, "2026-10-25T00:59:59.999Z");
        is("2026-10-25T03:00", BERLIN, "2026-10-25T02:00Z");
        is("2026-11-01T01:00", NEW_YORK, "2026-11-01T05:00Z");
        is("2026-11-01T01:59:59.999", NEW_YORK, "2026-11-01T05:59:59.999Z");
        is("2026-11-01T02:00", NEW_YORK, "2026-11-01T07:00Z");
    }

    #[test]
    fn a_gap_of_half_an_hour_is_half_an_hour() {
        is("2026-10-04T01:59:59.999", LORD_HOWE, "2026-10-03T15:29:59.999Z");
        is("2026-10-04T02:00", LORD_HOWE, "2026-10-03T15:30Z");
        is("2026-10-04T02:29:59.999", LORD_HOWE, "2026-10-03T15:30Z");
        is("2026-10-04T02:30", LORD_HOWE, "2026-10-03T15:30Z");
        is("2026-10-04T02:30:00.001", LORD_HOWE, "2026-10-03T15:30:00.001Z");
        is("2026-04-05T01:30", LORD_HOWE, "2026-04-04T14:30Z");
        is("2026-04-05T01:59:59.999", LORD_HOWE, "2026-04-04T14:59:59.999Z");
        is("2026-04-05T02:00", LORD_HOWE, "2026-04-04T15:30Z");
    }

    #[test]
    fn a_day_that_a_country_skipped_ends_as_it_would_have_begun() {
        is("2011-12-29T23:59:59.999", "Pacific/Apia", "2011-12-30T09:59:59.999Z");
        for local in ["2011-12-30", "2011-12-30T12:00", "2011-12-30T23:59:59.999", "2011-12-31"] {
            is(local, "Pacific/Apia", "2011-12-30T10:00Z");
        }
        is("2011-12-31T00:00:00.001", "Pacific/Apia", "2011-12-30T10:00:00.001Z");
    }

    #[test]
    fn a_day_that_begins_with_a_gap_begins_after_it() {
        is("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00Z");
        is("2018-11-04T00:59:59.999", "America/Sao_Paulo", "2018-11-04T03:00Z");
        is("2018-11-03T23:59:59.999", "America/Sao_Paulo", "2018-11-04T02:59:59.999Z");
        is("2018-11-05", "America/Sao_Paulo", "2018-11-05T02:00Z");
    }

    /// Every gap and every fold that any zone has, or will have by today's rules: against the changes themselves.
    #[test]
    fn in_every_zone_gaps_end_at_the_change_and_folds_begin_before_it() {
        let (mut gaps, mut folds) = (0, 0);
        for name in ZONES.available() {
            let zone = ZONES.get(name.as_str()).unwrap();
            let from = "1800-01-01T00:00Z".parse().unwrap();
            let mut before = zone.to_offset(from);
            for change in zone.following(from).take_while(|change| change.timestamp().as_second() < 4_102_444_800) {
                let (at, after) = (change.timestamp(), change.offset());
                let local = |offset: Offset, ms: i64| {
                    offset.to_datetime(Timestamp::from_millisecond(at.as_millisecond() + ms).unwrap())
                };
                let found = |local: DateTime| in_zone(local, &zone) - at.as_millisecond();
                assert_eq!(found(local(before, -1)), -1, "{name:?} {at}");
                let length = i64::from(after.seconds() - before.seconds()) * 1000;
                if length > 0 {
                    gaps += 1;
                    assert_eq!(
                        [0, 1, length / 2, length - 1].map(|ms| found(local(before, ms))),
                        [0; 4],
                        "{name:?} {at}"
                    );
                    assert_eq!([0, 1].map(|ms| found(local(after, ms))), [0, 1], "{name:?} {at}");
                } else {
                    folds += i32::from(length < 0);
                    assert_eq!([0, -length].map(|ms| found(local(after, ms))), [length, -length], "{name:?} {at}");
                }
                before = after;
            }
        }
        assert!(gaps > 20_000 && folds > 20_000, "{gaps} gaps, {folds} folds");
    }

    #[test]
    fn second_60_is_the_next_minute_s_first() {
        is("2016-12-31T23:59:60Z", "UTC", "2017-01-01T00:00Z");
        is("2016-12-31T23:59:60.5", "UTC", "2017-01-01T00:00:00.5Z");
        is("2017-01-01T00:59:60", BERLIN, "2017-01-01T00:00Z");
        assert!(refused("2016-12-31T23:59:61"));
    }

    #[test]
    fn the_years_0_to_9999_in_utc_are_all_that_there_is() {
        assert_eq!(resolve("0000-01-01", None), Ok(WRITABLE_MS.start));
        assert_eq!(resolve("9999-12-31T23:59:59.999", None), Ok(WRITABLE_MS.end - 1));
        assert_eq!(resolve("9999-12-31T23:59:59.999", Some(BERLIN)), Ok(WRITABLE_MS.end - 1 - 3_600_000));
        assert_eq!(resolve("9999-12-31T23:59:59.999+23:59", None), Ok(WRITABLE_MS.end - 1 - 86_340_000));
        assert_eq!(resolve("0000-01-01T00:00-00:01", None), Ok(WRITABLE_MS.start + 60_000));
        let outside = [
            ("9999-12-31T23:59:60", None),
            ("9999-12-31T23:59-00:01", None),
            ("9999-12-31T19:00", Some(NEW_YORK)),
            ("0000-01-01T00:00+00:01", None),
            ("0000-01-01T00:53:27", Some(BERLIN)),
        ];
        for (text, zone) in outside {
            let error = resolve(text, zone).unwrap_err();
            assert_eq!((error.code(), error), ("InvalidArgument", ExpiryError::OutOfRange(text.into())));
        }
        assert_eq!(resolve("0000-01-01T00:53:28", Some(BERLIN)), Ok(WRITABLE_MS.start));
        assert!(refused("10000-01-01") && refused("-0001-01-01") && refused("+002026-01-01"));
    }

    #[test]
    fn days_and_times_that_do_not_exist_are_refused() {
        for text in ["2026-02-29", "2026-00-01", "2026-13-01", "2026-04-31", "2026-01-00", "2100-02-29"] {
            assert!(refused(text), "{text}");
        }
        for time in ["24:00", "10:60", "10:00:61", "10:00+24:00", "10:00+01:60"] {
            assert!(refused(&format!("2026-12-31T{time}")), "{time}");
        }
        assert!(resolve("2024-02-29", None).is_ok() && resolve("2000-02-29", None).is_ok());
    }

    #[test]
    fn what_is_no_date_is_refused_with_its_beginning() {
        for text in
            ["", " ", "tomorrow", "31.12.2026", "2026-12", "20261231", "2026-12-31T", "2026-12-31T10", "2026-W53-4"]
        {
            assert!(refused(text), "{text}");
        }
        for rest in ["Z", "  10:00", "T10:00 Z", "T10:00+1:00", "T10:00+0100", "T10:00Z!", "T10:00:00.", "T10:00:00,5"]
        {
            assert!(refused(&format!("2026-12-31{rest}")), "{rest}");
        }
        for text in ["2026-12-31T10:00[Europe/Berlin]", "２０２６-12-31", "2026-12-31\0", "1798675200000"] {
            assert!(refused(text), "{text}");
        }
        let error = resolve(&"é".repeat(100_000), None).unwrap_err().to_string();
        assert!(error.starts_with(&format!("`{}…` is not a date: give one such as `2026-12-31`", "é".repeat(40))));
    }
}
