//! JSON: a reader, and what it reads.
//!
//! Requests and schemas hold no fractions and are small, so that this is a fraction of what a general library would
//! add to the module: numbers stay as they are written, objects are lists of fields. What is valid, and what the faults
//! are called, is as in `serde_json`, against which it is tested.

use std::fmt::{self, Write};

/// A value that has been read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    String(String),
    Array(Vec<Self>),
    Object(Map),
}

/// The fields of an object, in the order in which they are written. Of several with one name the last counts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Map(Vec<(String, Value)>);

impl Map {
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Value> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(place).1)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.iter().map(|(name, _)| name)
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, (String, Value)> {
        self.0.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    fn insert(&mut self, name: String, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }
}

impl Value {
    /// An object's field.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// A whole number.
    pub(crate) fn as_i64(&self) -> Option<i64> {
        if let Self::Number(digits) = self { digits.parse().ok() } else { None }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    pub(crate) fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    pub(crate) fn as_object(&self) -> Option<&Map> {
        if let Self::Object(fields) = self { Some(fields) } else { None }
    }
}

/// Without white space.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => f.write_str(if *value { "true" } else { "false" }),
            Self::Number(digits) => f.write_str(digits),
            Self::String(text) => write_text(f, text),
            Self::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    f.write_str(if place == 0 { "[" } else { "," })?;
                    item.fmt(f)?;
                }
                f.write_str(if items.is_empty() { "[]" } else { "]" })
            }
            Self::Object(fields) => {
                for (place, (name, value)) in fields.iter().enumerate() {
                    f.write_str(if place == 0 { "{" } else { "," })?;
                    write_text(f, name)?;
                    f.write_char(':')?;
                    value.fmt(f)?;
                }
                f.write_str(if fields.len() == 0 { "{}" } else { "}" })
            }
        }
    }
}

/// Writes a text with its quotes and escapes.
pub(crate) fn write_text(out: &mut dyn Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for part in text.split_inclusive(|c: char| c < ' ' || c == '"' || c == '\\') {
        let mut plain = part.chars();
        match plain.next_back() {
            Some('"') => write!(out, "{}\\\"", plain.as_str())?,
            Some('\\') => write!(out, "{}\\\\", plain.as_str())?,
            Some('\n') => write!(out, "{}\\n", plain.as_str())?,
            Some('\r') => write!(out, "{}\\r", plain.as_str())?,
            Some('\t') => write!(out, "{}\\t", plain.as_str())?,
            Some('\u{8}') => write!(out, "{}\\b", plain.as_str())?,
            Some('\u{c}') => write!(out, "{}\\f", plain.as_str())?,
            Some(control) if control < ' ' => write!(out, "{}\\u{:04x}", plain.as_str(), control as u32)?,
            _ => out.write_str(part)?,
        }
    }
    out.write_char('"')
}

/// Reads a value and nothing behind it.
///
/// # Errors
///
/// What is wrong with the text, and where: `expected value at line 1 column 1`.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, String> {
    let mut parser = Parser { bytes, at: 0 };
    parser.document().map_err(|fault| {
        // As far as it was looked at: the letter that does not fit is the last.
        let seen = bytes.get(..parser.at).unwrap_or(bytes);
        let line = seen.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = seen.iter().rev().take_while(|byte| **byte != b'\n').count();
        format!("{fault} at line {line} column {column}")
    })
}

/// How deeply lists and objects may lie in each other.
const MAX_DEPTH: usize = 127;
/// How many fields an object may have: nothing that is meant has as many, and each is compared with those before it.
const MAX_FIELDS: usize = 1000;

type Read<T> = Result<T, &'static str>;

struct Parser<'a> {
    bytes: &'a [u8],
    /// How many have been read.
    at: usize,
}

impl Parser<'_> {
    fn document(&mut self) -> Read<Value> {
        let value = self.value(0)?;
        match self.peek_after_space() {
            None => Ok(value),
            Some(_) => self.fault("trailing characters"),
        }
    }

    fn value(&mut self, depth: usize) -> Read<Value> {
        match self.peek_after_space() {
            Some(b'n') => self.word("null", Value::Null),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'"') => self.text().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'[' | b'{') if depth == MAX_DEPTH => self.fault("recursion limit exceeded"),
            Some(b'[') => self.array(depth + 1),
            Some(b'{') => self.object(depth + 1),
            found => self.unexpected(found, "expected value", "a value"),
        }
    }

    fn array(&mut self, depth: usize) -> Read<Value> {
        let mut items = Vec::new();
        while self.is_more(b']', items.is_empty(), "expected `,` or `]`", "a list")? {
            items.push(self.value(depth)?);
        }
        Ok(Value::Array(items))
    }

    fn object(&mut self, depth: usize) -> Read<Value> {
        let mut fields = Map::default();
        while self.is_more(b'}', fields.len() == 0, "expected `,` or `}`", "an object")? {
            if self.peek() != Some(b'"') {
                return self.fault("key must be a string");
            }
            let name = self.text()?;
            match self.peek_after_space() {
                Some(b':') => self.at += 1,
                found => return self.unexpected(found, "expected `:`", "an object"),
            }
            let value = self.value(depth)?;
            if fields.len() == MAX_FIELDS {
                return self.fault("an object has more than 1000 fields");
            }
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }

    /// Goes to the next item of a list or an object, past its opening bracket or a comma; or past its end.
    fn is_more(&mut self, end: u8, is_first: bool, wanted: &'static str, what: &'static str) -> Read<bool> {
        if is_first {
            self.at += 1;
        }
        match self.peek_after_space() {
            Some(found) if found == end => {
                self.at += 1;
                Ok(false)
            }
            Some(b',') if !is_first => {
                self.at += 1;
                match self.peek_after_space() {
                    Some(found) if found == end => self.fault("trailing comma"),
                    None => self.unexpected(None, "", "a value"),
                    Some(_) => Ok(true),
                }
            }
            Some(_) if is_first => Ok(true),
            found => self.unexpected(found, wanted, what),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Read<Value> {
        for letter in word.bytes() {
            match self.peek() {
                Some(found) if found == letter => self.at += 1,
                found => return self.unexpected(found, "expected ident", "a value"),
            }
        }
        Ok(value)
    }

    fn number(&mut self) -> Read<Value> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return self.fault("invalid number");
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Value::Number(String::from_utf8_lossy(self.since(start)).into_owned()))
    }

    /// At least one.
    fn digits(&mut self) -> Read<()> {
        match self.peek() {
            Some(b'0'..=b'9') => {}
            found => return self.unexpected(found, "invalid number", "a value"),
        }
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        Ok(())
    }

    fn text(&mut self) -> Read<String> {
        self.at += 1;
        let mut text = Vec::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            text.extend_from_slice(self.since(start));
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.at += 1;
                    let escaped = self.escaped()?;
                    text.extend_from_slice(escaped.encode_utf8(&mut [0; 4]).as_bytes());
                }
                found => {
                    let control = "control character (\\u0000-\\u001F) found while parsing a string";
                    return self.unexpected(found, control, "a string");
                }
            }
        }
        self.at += 1;
        String::from_utf8(text).map_err(|_| "invalid unicode code point")
    }

    fn escaped(&mut self) -> Read<char> {
        let escaped = match self.peek() {
            Some(plain @ (b'"' | b'\\' | b'/')) => char::from(plain),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.code_point(),
            found => return self.unexpected(found, "invalid escape", "a string"),
        };
        self.at += 1;
        Ok(escaped)
    }

    /// A code point in hexadecimal digits, or two that are one together.
    fn code_point(&mut self) -> Read<char> {
        let first = self.code_unit()?;
        if !(0xD800..0xE000).contains(&first) {
            return char::from_u32(first).ok_or("invalid unicode code point");
        }
        if first >= 0xDC00 {
            return Err("lone leading surrogate in hex escape");
        }
        for wanted in [b'\\', b'u'] {
            match self.peek() {
                Some(found) if found == wanted => self.at += 1,
                found => return self.unexpected(found, "unexpected end of hex escape", "a string"),
            }
        }
        self.at -= 1;
        let second = self.code_unit()?;
        let pair = (0xDC00..0xE000).contains(&second).then(|| (first - 0xD800) << 10 | (second - 0xDC00));
        pair.and_then(|pair| char::from_u32(pair + 0x1_0000)).ok_or("lone leading surrogate in hex escape")
    }

    /// The `u` of an escape and the four digits behind it.
    fn code_unit(&mut self) -> Read<u32> {
        let start = self.at + 1;
        self.at = (start + 4).min(self.bytes.len());
        let digits = self.since(start);
        if digits.len() < 4 {
            return self.unexpected(None, "", "a string");
        }
        digits
            .iter()
            .try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
            .ok_or("invalid escape")
    }

    fn since(&self, start: usize) -> &[u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn peek_after_space(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
        self.peek()
    }

    /// What is next is not what is wanted, or the text ends within `what`.
    fn unexpected<T>(&mut self, found: Option<u8>, wanted: &'static str, what: &'static str) -> Read<T> {
        match (found, what) {
            (Some(_), _) => self.fault(wanted),
            (None, "a list") => Err("EOF while parsing a list"),
            (None, "an object") => Err("EOF while parsing an object"),
            (None, "a string") => Err("EOF while parsing a string"),
            (None, _) => Err("EOF while parsing a value"),
        }
    }

    /// What is next is at fault.
    fn fault<T>(&mut self, what: &'static str) -> Read<T> {
        self.at += 1;
        Err(what)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;
    use proptest::sample::Index;

    /// Values whose numbers are written as `serde_json` writes them.
    fn values() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "[\\x00-\\x7Fäß😀\u{7f}\u{2028}]{0,8}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
                proptest::collection::vec(("[a-c\"\\\\]{1,2}", inner), 0..5)
                    .prop_map(|fields| serde_json::Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    /// What another reader makes of a text: the value as it writes it, or the fault.
    fn expected(text: &[u8]) -> Result<String, String> {
        let value: Result<serde_json::Value, _> = serde_json::from_slice(text);
        value.map(|value| value.to_string()).map_err(|error| error.to_string())
    }

    fn found(text: &[u8]) -> Result<String, String> {
        parse(text).map(|value| value.to_string())
    }

    proptest! {
        #[test]
        fn a_value_is_read_and_written_as_another_library_does(value in values()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                prop_assert_eq!(found(text.as_bytes()), Ok(value.to_string()));
            }
        }

        #[test]
        fn a_damaged_text_has_the_fault_that_another_library_finds(
            value in values(),
            pretty in any::<bool>(),
            place in any::<Index>(),
            cut in 0_usize..3,
            put in "[\\[\\]{},:\"\\\\u0-9a-fDC+\\-.enlrst \n\t\x01]{0,8}",
        ) {
            let text = if pretty { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() };
            let mut bytes = text.into_bytes();
            let start = place.index(bytes.len());
            let end = (start + cut).min(bytes.len());
            bytes.splice(start..end, put.into_bytes());
            let is_text = std::str::from_utf8(&bytes).is_ok();
            match (expected(&bytes), found(&bytes)) {
                // Fractions and numbers without bounds stay as they are written, and what follows them is read.
                (Ok(_), Ok(_)) => {}
                (Err(expected), _) if expected.starts_with("number out of range") => {}
                (Err(expected), Ok(_)) => prop_assert!(false, "{} is no fault", expected),
                (expected, found) if is_text => prop_assert_eq!(found, expected),
                (expected, found) => prop_assert!(expected.is_err() && found.is_err()),
            }
        }
    }

    #[test]
    fn numbers_stay_as_they_are_written() {
        for number in ["0", "-0", "1.50", "1e400", "-12E+3", "123456789012345678901234567890"] {
            assert_eq!(parse(number.as_bytes()), Ok(Value::Number(number.into())));
        }
        assert_eq!(Value::Number("1.0".into()).as_i64(), None);
        assert_eq!(Value::Number("-7".into()).as_i64(), Some(-7));
    }

    #[test]
    fn of_fields_with_one_name_the_last_counts_at_the_place_of_the_first() {
        assert_eq!(found(br#"{"a":1,"b":2,"a":3}"#), Ok(r#"{"a":3,"b":2}"#.into()));
    }

    #[test]
    fn escapes_are_read_as_another_library_reads_them() {
        for text in [
            r#""\u00e4\ud83d\ude00\/\b""#,
            r#""\ud83d""#,
            r#""\ud83dx""#,
            r#""\ud83d\n""#,
            r#""\ud83d\u0041""#,
            r#""\ude00""#,
            r#""\u12"#,
            r#""\u12g4""#,
            r#""\x""#,
        ] {
            assert_eq!(found(text.as_bytes()), expected(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_lies_too_deep_or_has_too_many_fields_is_refused() {
        for depth in [127, 128, 100_000] {
            let text = "[".repeat(depth) + &"]".repeat(depth);
            assert_eq!(found(text.as_bytes()), expected(text.as_bytes()));
        }
        let fields: Vec<String> = (0..=MAX_FIELDS).map(|number| format!("\"{number}\":0")).collect();
        assert!(found(format!("{{{}}}", fields.join(",")).as_bytes()).unwrap_err().contains("more than 1000 fields"));
    }
}
