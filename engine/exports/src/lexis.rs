//! The words of the DSL: blanks, comments, quoted text, and code that is passed over with its brackets balanced.
//!
//! The DSL is Groovy, and only so much of Groovy is known here as it takes to tell where a thing ends. Every function
//! goes forward over the text once; the one look-ahead, for a slashy string's end, finds a slash that is then taken.

use std::borrow::Cow;
use winnow::combinator::{alt, opt};
use winnow::error::{ErrMode, ParserError};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location, Stateful};
use winnow::token::{any, one_of, take_till, take_until, take_while};

/// How deep brackets, blocks and computed text may lie in each other.
pub(crate) const MAX_DEPTH: u32 = 128;

/// The text, with the depth of nesting as state.
pub(crate) type Input<'s> = Stateful<LocatingSlice<&'s str>, u32>;
/// A parser's result.
pub(crate) type Parsed<T> = Result<T, ErrMode<Fault>>;

/// Why a text does not parse.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    /// The byte offset.
    pub(crate) at: usize,
    /// What would be right there.
    pub(crate) expected: Cow<'static, str>,
    /// What stands there instead; if None, what the text has at the offset.
    pub(crate) found: Option<&'static str>,
}

impl ParserError<Input<'_>> for Fault {
    type Inner = Self;

    fn from_input(input: &Input<'_>) -> Self {
        Self { at: offset(input), expected: Cow::Borrowed("a statement"), found: None }
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

/// Where a piece of code ends, besides at a closing bracket and at the end of the text.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    comma: bool,
    /// If not, line ends are blanks.
    pub(crate) line: bool,
}

/// A statement: up to a `;` or the end of a line that does not go on.
pub(crate) const STATEMENT: Extent = Extent { comma: false, line: true };
/// An argument without brackets: also up to a comma.
pub(crate) const ARGUMENT: Extent = Extent { comma: true, line: true };
/// An argument in brackets: up to a comma.
pub(crate) const ELEMENT: Extent = Extent { comma: true, line: false };
const GROUP: Extent = Extent { comma: false, line: false };

/// What was last passed over; it tells a slashy string from a division, and a line that goes on from one that ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Last {
    /// Nothing yet.
    Start,
    /// A value.
    Value,
    /// After it a value may come or the line end, as after `return`.
    Keyword,
    /// After it a value must come, on the next line if need be.
    Operator,
}

/// The byte offset.
pub(crate) fn offset(input: &Input<'_>) -> usize {
    input.current_token_start()
}

/// What is still to be parsed.
pub(crate) fn ahead<'s>(input: &Input<'s>) -> &'s str {
    &input.input
}

/// The next character.
pub(crate) fn next(input: &Input<'_>) -> Option<char> {
    ahead(input).chars().next()
}

/// An error that ends the parse.
pub(crate) fn fault<T>(at: usize, expected: impl Into<Cow<'static, str>>) -> Parsed<T> {
    Err(ErrMode::Cut(Fault { at, expected: expected.into(), found: None }))
}

fn unclosed<T>(at: usize, closer: &str, opener: &str, found: &'static str) -> Parsed<T> {
    let expected = format!("`{closer}` to close the `{opener}` opened here").into();
    Err(ErrMode::Cut(Fault { at, expected, found: Some(found) }))
}

/// Passes over blanks and comments within a line.
pub(crate) fn blank(input: &mut Input<'_>) -> Parsed<()> {
    loop {
        take_while(0.., (' ', '\t', '\u{c}', '\u{a0}')).void().parse_next(input)?;
        let continued = opt(("\\", alt(("\r\n", "\n")))).parse_next(input)?.is_some();
        if !continued && !comment(input)? {
            return Ok(());
        }
    }
}

/// Passes over blanks, comments and line ends.
pub(crate) fn space(input: &mut Input<'_>) -> Parsed<()> {
    loop {
        blank(input)?;
        if !line_end(input)? {
            return Ok(());
        }
    }
}

fn line_end(input: &mut Input<'_>) -> Parsed<bool> {
    Ok(opt(take_while(1.., ('\n', '\r'))).parse_next(input)?.is_some())
}

fn comment(input: &mut Input<'_>) -> Parsed<bool> {
    let at = offset(input);
    if opt("//").parse_next(input)?.is_some() {
        rest_of_line(input)?;
        return Ok(true);
    }
    if opt("/*").parse_next(input)?.is_none() {
        return Ok(false);
    }
    let body: Parsed<()> = (take_until(0.., "*/"), "*/").void().parse_next(input);
    body.or_else(|_| unclosed(at, "*/", "/*", "end of file"))?;
    Ok(true)
}

/// Passes over what is left of a line, whatever it is.
pub(crate) fn rest_of_line(input: &mut Input<'_>) -> Parsed<()> {
    take_till(0.., ('\n', '\r')).void().parse_next(input)
}

/// A name of the language.
pub(crate) fn word<'s>(input: &mut Input<'s>) -> Parsed<&'s str> {
    (one_of(starts_word), take_while(0.., continues_word)).take().parse_next(input)
}

pub(crate) fn starts_word(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

fn continues_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

/// A kind of quoted text.
pub(crate) struct Quote {
    open: &'static str,
    close: &'static str,
    /// It may hold line ends.
    lines: bool,
    /// `$name` and `${…}` in it are computed.
    computes: bool,
    escapes: Escapes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    /// `\n`, `\'`, `\u0041` and so on.
    Backslash,
    /// Only the closing slash.
    Slash,
    /// `$$` and `$/`.
    Dollar,
}

/// Longer openings before those that they begin with. The first four are quotes wherever they stand.
const QUOTES: [Quote; 6] = [
    Quote { open: "'''", close: "'''", lines: true, computes: false, escapes: Escapes::Backslash },
    Quote { open: "\"\"\"", close: "\"\"\"", lines: true, computes: true, escapes: Escapes::Backslash },
    Quote { open: "'", close: "'", lines: false, computes: false, escapes: Escapes::Backslash },
    Quote { open: "\"", close: "\"", lines: false, computes: true, escapes: Escapes::Backslash },
    Quote { open: "$/", close: "/$", lines: true, computes: true, escapes: Escapes::Dollar },
    Quote { open: "/", close: "/", lines: true, computes: true, escapes: Escapes::Slash },
];

/// The quoted text that begins here. A slash begins one only where a value is due, and only if it is closed.
pub(crate) fn quote_ahead(input: &Input<'_>, last: Last) -> Option<&'static Quote> {
    let text = ahead(input);
    let quote = QUOTES.iter().find(|quote| text.starts_with(quote.open))?;
    match quote.escapes {
        Escapes::Backslash => Some(quote),
        Escapes::Dollar => (last != Last::Value).then_some(quote),
        Escapes::Slash => (last != Last::Value && has_plain_slash(text.get(1..)?)).then_some(quote),
    }
}

fn has_plain_slash(text: &str) -> bool {
    let mut escaped = false;
    text.bytes().any(|byte| {
        let plain = byte == b'/' && !escaped;
        escaped = byte == b'\\' && !escaped;
        plain
    })
}

/// Reads quoted text. None if only running the code would tell what it is.
pub(crate) fn quoted<'s>(input: &mut Input<'s>, quote: &'static Quote) -> Parsed<Option<Cow<'s, str>>> {
    let at = offset(input);
    quote.open.void().parse_next(input)?;
    let mut text = Some(Cow::Borrowed(""));
    loop {
        let plain = take_till(0.., |c| quote.stops_at(c)).parse_next(input)?;
        push(&mut text, plain);
        if opt(quote.close).parse_next(input)?.is_some() {
            return Ok(text);
        }
        match next(input) {
            None => return unclosed(at, quote.close, quote.open, "end of file"),
            Some('\n' | '\r') if !quote.lines => return unclosed(at, quote.close, quote.open, "end of line"),
            Some('\\') => backslash(input, quote, &mut text)?,
            Some('$') => dollar(input, quote, &mut text)?,
            Some(_) => push(&mut text, any.take().parse_next(input)?),
        }
    }
}

impl Quote {
    fn stops_at(&self, character: char) -> bool {
        match character {
            '\\' => self.escapes != Escapes::Dollar,
            '$' => self.computes,
            '\n' | '\r' => !self.lines,
            other => self.close.starts_with(other),
        }
    }
}

fn push<'s>(text: &mut Option<Cow<'s, str>>, piece: &'s str) {
    match text {
        Some(known) if known.is_empty() => *text = Some(Cow::Borrowed(piece)),
        Some(known) if !piece.is_empty() => known.to_mut().push_str(piece),
        _ => {}
    }
}

fn push_char(text: &mut Option<Cow<'_, str>>, character: char) {
    if let Some(known) = text {
        known.to_mut().push(character);
    }
}

fn backslash<'s>(input: &mut Input<'s>, quote: &Quote, text: &mut Option<Cow<'s, str>>) -> Parsed<()> {
    if quote.escapes == Escapes::Slash {
        let piece = alt(("\\/".value("/"), "\\")).parse_next(input)?;
        push(text, piece);
        return Ok(());
    }
    "\\".void().parse_next(input)?;
    if let Some(character) = opt(unicode_escape).parse_next(input)? {
        match character {
            Some(character) => push_char(text, character),
            None => *text = None,
        }
        return Ok(());
    }
    match next(input) {
        None => return Ok(()),
        Some('n') => push_char(text, '\n'),
        Some('t') => push_char(text, '\t'),
        Some('r') => push_char(text, '\r'),
        Some('b') => push_char(text, '\u{8}'),
        Some('f') => push_char(text, '\u{c}'),
        Some(itself @ ('\\' | '\'' | '"' | '$')) => push_char(text, itself),
        // A line end after a backslash is no part of the text.
        Some('\n' | '\r') => {
            return alt(("\r\n", "\n", "\r")).void().parse_next(input);
        }
        Some(_) => *text = None,
    }
    any.void().parse_next(input)
}

/// `u0041` after a backslash, as one character or as a surrogate pair. None inside: half a pair.
fn unicode_escape(input: &mut Input<'_>) -> Parsed<Option<char>> {
    let first = code_unit(input)?;
    if !(0xD800..0xDC00).contains(&first) {
        return Ok(char::from_u32(first));
    }
    let second = opt(("\\", code_unit)).parse_next(input)?.map(|(_, unit)| unit);
    let pair = second.filter(|unit| (0xDC00..0xE000).contains(unit));
    Ok(pair.and_then(|second| char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))))
}

fn code_unit(input: &mut Input<'_>) -> Parsed<u32> {
    let digits = take_while(4..=4, |c: char| c.is_ascii_hexdigit());
    let (_, digits): (&str, &str) = (take_while(1.., 'u'), digits).parse_next(input)?;
    Ok(u32::from_str_radix(digits, 16).unwrap_or_default())
}

fn dollar<'s>(input: &mut Input<'s>, quote: &Quote, text: &mut Option<Cow<'s, str>>) -> Parsed<()> {
    if quote.escapes == Escapes::Dollar
        && let Some(piece) = opt(alt(("$$".value("$"), "$/".value("/")))).parse_next(input)?
    {
        push(text, piece);
        return Ok(());
    }
    let sign = "$".parse_next(input)?;
    match next(input) {
        Some('{') => {
            group(input)?;
            *text = None;
        }
        Some(first) if starts_word(first) => *text = None,
        _ => push(text, sign),
    }
    Ok(())
}

/// Runs a parser one level deeper.
pub(crate) fn nested<'s, T>(input: &mut Input<'s>, parser: impl FnOnce(&mut Input<'s>) -> Parsed<T>) -> Parsed<T> {
    if input.state >= MAX_DEPTH {
        return fault(offset(input), format!("at most {MAX_DEPTH} levels of nesting"));
    }
    input.state += 1;
    let result = parser(input);
    input.state -= 1;
    result
}

/// Passes over the bracket that begins here and everything in it.
pub(crate) fn group(input: &mut Input<'_>) -> Parsed<()> {
    let at = offset(input);
    let opener = any.parse_next(input)?;
    nested(input, |input| skim(input, GROUP, Last::Start))?;
    close(input, at, opener)
}

/// Reads the bracket that closes the one at `at`.
pub(crate) fn close(input: &mut Input<'_>, at: usize, opener: char) -> Parsed<()> {
    let closer = match opener {
        '(' => ')',
        '[' => ']',
        _ => '}',
    };
    match next(input) {
        Some(character) if character == closer => any.void().parse_next(input),
        None => unclosed(at, closer.encode_utf8(&mut [0; 4]), opener.encode_utf8(&mut [0; 4]), "end of file"),
        Some(_) => fault(offset(input), format!("`{closer}`")),
    }
}

/// Passes over code up to what ends it.
pub(crate) fn skim(input: &mut Input<'_>, extent: Extent, mut last: Last) -> Parsed<()> {
    loop {
        blank(input)?;
        if ends(input, extent, last) {
            return Ok(());
        }
        last = match next(input) {
            None => return Ok(()),
            Some('\n' | '\r') => {
                // All of them at once: whether a line goes on was found out by looking behind them all.
                space(input)?;
                if extent.line { last } else { Last::Start }
            }
            Some('(' | '[' | '{') => {
                group(input)?;
                Last::Value
            }
            Some(first) if starts_word(first) => after_word(word(input)?),
            Some(first) if first.is_numeric() => number(input).map(|_| Last::Value)?,
            Some(_) => match quote_ahead(input, last) {
                Some(quote) => quoted(input, quote).map(|_| Last::Value)?,
                None => operator(input)?,
            },
        };
    }
}

fn after_word(word: &str) -> Last {
    match word {
        "return" | "case" | "in" | "assert" | "throw" | "else" => Last::Keyword,
        _ => Last::Value,
    }
}

/// A number, or what begins like one.
pub(crate) fn number<'s>(input: &mut Input<'s>) -> Parsed<&'s str> {
    take_while(1.., continues_word).parse_next(input)
}

fn operator(input: &mut Input<'_>) -> Parsed<Last> {
    // After these a line may end.
    if opt(alt(("++", "--", ".*"))).parse_next(input)?.is_some() {
        return Ok(Last::Value);
    }
    if opt(alt(("->", ":"))).parse_next(input)?.is_some() {
        return Ok(Last::Keyword);
    }
    // A backslash takes the next character with it, so that an escaped slash begins nothing.
    (opt("\\"), opt(any)).void().parse_next(input)?;
    Ok(Last::Operator)
}

/// Whether code ends here. Blanks have been passed over.
pub(crate) fn ends(input: &Input<'_>, extent: Extent, last: Last) -> bool {
    match next(input) {
        None | Some(')' | ']' | '}') => true,
        Some(',') => extent.comma,
        Some(';') => extent.line,
        Some('\n' | '\r') => extent.line && !goes_on(ahead(input), last),
        Some(_) => false,
    }
}

/// Whether what stands before a line end goes on after it.
fn goes_on(text: &str, last: Last) -> bool {
    let below = text.trim_start();
    last == Last::Operator
        || below.starts_with("?.")
        || below.strip_prefix('.').is_some_and(|rest| rest.starts_with(starts_word))
}
