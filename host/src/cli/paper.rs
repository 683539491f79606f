//! Text in columns, as wide as the terminal: everything that `--output table` prints is written on one [`Paper`].

use super::text::clean;
use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 80;
/// Narrower than this nothing can be read.
const LEAST_WIDTH: usize = 30;
/// Narrower than this no column is made.
const LEAST_COLUMN: usize = 10;
/// What stands between two columns.
const GAP: usize = 2;

/// How a piece of text looks on a terminal with colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ink {
    Plain,
    Strong,
    Faint,
    Good,
    Bad,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\u{1b}[1m",
            Self::Faint => "\u{1b}[2m",
            Self::Good => "\u{1b}[32m",
            Self::Bad => "\u{1b}[31m",
        }
    }
}

/// A piece of text, with what would disturb a terminal escaped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Span {
    text: String,
    ink: Ink,
}

/// The cells of one line of a table.
pub(super) type Row = Vec<Vec<Span>>;

fn width_of(spans: &[Span]) -> usize {
    spans.iter().map(|span| span.text.width()).sum()
}

/// A piece of text that looks like `ink`.
pub(super) fn span(ink: Ink, text: impl AsRef<str>) -> Span {
    Span { text: clean(text.as_ref()).into_owned(), ink }
}

/// A piece of ordinary text.
pub(super) fn plain(text: impl AsRef<str>) -> Span {
    span(Ink::Plain, text)
}

/// `allow` or `deny`, or whatever else an entry says.
pub(super) fn effect(word: &str) -> Span {
    let ink = match word {
        "allow" => Ink::Good,
        "deny" => Ink::Bad,
        _ => Ink::Faint,
    };
    span(ink, word)
}

/// What is written on.
#[derive(Debug)]
pub(super) struct Paper {
    text: String,
    width: usize,
    has_colours: bool,
}

impl Paper {
    /// Paper for standard output: as wide as the terminal, or 80 columns.
    pub(super) fn for_stdout() -> Self {
        let terminal = console::Term::stdout();
        let width = terminal.size_checked().map_or(DEFAULT_WIDTH, |(_, columns)| columns.into());
        Self::new(width, terminal.features().colors_supported())
    }

    fn new(width: usize, has_colours: bool) -> Self {
        Self { text: String::new(), width: width.max(LEAST_WIDTH), has_colours }
    }

    /// What was written.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A line, wrapped if need be; what follows its first line is indented two further.
    pub(super) fn line(&mut self, indent: usize, spans: &[Span]) {
        let first = " ".repeat(indent);
        self.hanging(&first, &format!("{first}  "), spans);
    }

    /// A line that begins with `first`, and whose further lines begin with `rest`; both are written as they are.
    pub(super) fn hanging(&mut self, first: &str, rest: &str, spans: &[Span]) {
        let room = self.width.saturating_sub(first.width().max(rest.width())).max(LEAST_WIDTH / 2);
        for (index, line) in wrap(spans, room).iter().enumerate() {
            self.text.push_str(if index == 0 { first } else { rest });
            self.put(line);
            self.end_line();
        }
    }

    /// Text as it is, with its own line breaks: for what is to be copied.
    pub(super) fn verbatim(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Rows in columns that line up. What does not fit is wrapped within the widest columns.
    pub(super) fn table(&mut self, indent: usize, rows: &[Row]) {
        let widths = self.column_widths(indent, rows);
        for row in rows {
            let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| (wrap(cell, *width), *width)).collect();
            let height = cells.iter().map(|(lines, _)| lines.len()).max().unwrap_or_default();
            for line in 0..height {
                self.text.push_str(&" ".repeat(indent));
                for (lines, width) in &cells {
                    self.put_cell(lines.get(line).map(Vec::as_slice).unwrap_or_default(), *width);
                }
                self.end_line();
            }
        }
    }

    fn put_cell(&mut self, spans: &[Span], width: usize) {
        self.put(spans);
        self.text.push_str(&" ".repeat((width + GAP).saturating_sub(width_of(spans))));
    }

    fn column_widths(&self, indent: usize, rows: &[Row]) -> Vec<usize> {
        let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| width_of(cell)).max();
        let mut widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or_default()).collect();
        let room = self.width.saturating_sub(indent + GAP * columns.saturating_sub(1));
        loop {
            let excess = widths.iter().sum::<usize>().saturating_sub(room);
            let Some(widest) = widths.iter_mut().max() else { return widths };
            if excess == 0 || *widest <= LEAST_COLUMN {
                return widths;
            }
            // Step by step, so that the next widest gives way in its turn.
            *widest = widest.saturating_sub(excess.min(*widest / 4 + 1)).max(LEAST_COLUMN);
        }
    }

    fn put(&mut self, spans: &[Span]) {
        for Span { text, ink } in spans {
            let code = if self.has_colours { ink.code() } else { "" };
            let end = if code.is_empty() { "" } else { "\u{1b}[0m" };
            // Writing to a string cannot fail.
            let _ = write!(self.text, "{code}{text}{end}");
        }
    }

    fn end_line(&mut self) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        self.text.push('\n');
    }
}

/// Breaks spans into lines of at most `room` columns: behind spaces, or within a word that is too long for a line.
fn wrap(spans: &[Span], room: usize) -> Vec<Vec<Span>> {
    let mut lines: Vec<Vec<Span>> = vec![Vec::new()];
    let mut used = 0;
    let words = spans.iter().flat_map(|span| span.text.split_inclusive(' ').map(|word| (span.ink, word)));
    for (ink, piece) in words.flat_map(|(ink, word)| pieces(word, room).into_iter().map(move |piece| (ink, piece))) {
        if used > 0 && used + piece.trim_end_matches(' ').width() > room {
            lines.push(Vec::new());
            used = 0;
        }
        used += piece.width();
        if let Some(line) = lines.last_mut() {
            match line.last_mut().filter(|end| end.ink == ink) {
                Some(end) => end.text.push_str(piece),
                None => line.push(Span { text: piece.to_owned(), ink }),
            }
        }
    }
    for end in lines.iter_mut().filter_map(|line| line.last_mut()) {
        end.text.truncate(end.text.trim_end_matches(' ').len());
    }
    lines
}

/// A word in pieces of at most `room` columns.
fn pieces(word: &str, room: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = word;
    while rest.trim_end_matches(' ').width() > room {
        let mut width = 0;
        let fits = |(_, c): &(usize, char)| {
            width += c.width().unwrap_or_default();
            width <= room
        };
        let end = rest.char_indices().take_while(fits).last().map_or(0, |(at, c)| at + c.len_utf8());
        let Some((piece, more)) = rest.split_at_checked(end).filter(|(piece, _)| !piece.is_empty()) else { break };
        pieces.push(piece);
        rest = more;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(width: usize) -> Paper {
        Paper::new(width, false)
    }

    #[test]
    fn a_long_line_is_wrapped_and_its_rest_indented() {
        let mut paper = paper(30);
        paper.line(2, &[plain("one two three four five six seven eight")]);
        assert_eq!(paper.into_text(), "  one two three four five\n    six seven eight\n");
    }

    #[test]
    fn a_word_longer_than_the_line_is_broken_and_nothing_is_lost() {
        let mut paper = paper(30);
        paper.line(0, &[plain("東京".repeat(20))]);
        let text = paper.into_text();
        assert!(text.lines().all(|line| line.width() <= 30), "{text}");
        assert_eq!(text.replace(['\n', ' '], ""), "東京".repeat(20));
    }

    #[test]
    fn columns_line_up_whatever_the_script() {
        let mut paper = paper(40);
        let row = |a: &str, b: &str| vec![vec![plain(a)], vec![plain(b)]];
        paper.table(1, &[row("東京", "x"), row("a", "y")]);
        assert_eq!(paper.into_text(), " 東京  x\n a     y\n");
    }

    #[test]
    fn a_table_that_is_too_wide_wraps_its_widest_column() {
        let mut paper = paper(30);
        paper.table(0, &[vec![vec![plain("a ".repeat(40))], vec![plain("short")]]]);
        let text = paper.into_text();
        assert!(text.lines().all(|line| line.width() <= 30), "{text}");
        assert_eq!(text.matches('a').count(), 40);
    }

    #[test]
    fn no_name_reaches_the_terminal_as_a_command_to_it() {
        let mut paper = Paper::new(80, true);
        paper.line(0, &[span(Ink::Good, "\u{1b}[2J\rx")]);
        assert_eq!(paper.into_text(), "\u{1b}[32m\\u{1b}[2J\\u{d}x\u{1b}[0m\n");
    }
}
