//! The manual, as `man` reads it: one page of everything, or a page for each command.

use super::help::answer::{self, Line};
use super::help::{GLOBALS, find_prose};
use super::options::WHOLE;
use super::outline::PROGRAM;
use super::own::{OWN, Own};
use super::secret_input::{PASSWORD_FILE, takes_password};
use super::table;
use portcullis_engine::prose::{self, Prose, Shape};
use portcullis_engine::{Argument, ArgumentKind, Command, Schema};
use roff::{Inline, Roff, bold, italic, roman};

/// What the program is for.
const PURPOSE: &str = "who may do what to which object, and why";

/// The page of everything.
pub(super) fn whole() -> String {
    let mut page = page(PROGRAM, PURPOSE);
    section(&mut page, "SYNOPSIS");
    put_program_synopsis(&mut page);
    section(&mut page, "DESCRIPTION");
    put_text(&mut page, ABOUT);
    section(&mut page, "OPTIONS");
    GLOBALS.iter().for_each(|(usage, meaning)| put_pair(&mut page, usage_words(usage), meaning));
    section(&mut page, "COMMANDS");
    for command in commands() {
        page.control("SS", [command.name]);
        put_text(&mut page, command.prose.summary);
        put_command(&mut page, &command);
    }
    put_shared_sections(&mut page);
    page.render()
}

/// The page of everything and one for each command, each with its file's name.
pub(super) fn pages() -> Vec<(String, String)> {
    let whole = (format!("{PROGRAM}.1"), whole());
    let single = commands().map(|command| (format!("{PROGRAM}-{}.1", command.name), single(&command)));
    std::iter::once(whole).chain(single).collect()
}

/// The page of one command.
fn single(command: &Described) -> String {
    let summary = command.prose.summary.trim_end_matches('.');
    let mut page = page(&format!("{PROGRAM}-{}", command.name), summary);
    section(&mut page, "SYNOPSIS");
    page.text(synopsis(command));
    section(&mut page, "DESCRIPTION");
    put_text(&mut page, command.prose.summary);
    put_command(&mut page, command);
    section(&mut page, "SEE ALSO");
    page.text([bold(PROGRAM), roman("(1)")]);
    page.render()
}

const ABOUT: &str = "The policy lies in one file, the store. Each call does one command. Arguments may stand by place, \
    as the synopsis of a command shows, or as `--name value` or `--name=value`; a name may be shortened as long as it \
    is clear. Called as `ectool` or `cmtool`, through a link or a copy of that name, or with that word before the \
    command, the program answers in XML unless `--output` says otherwise. Before the command it then knows `--format` \
    and `--silent` of `ectool`, passes over `--timeout`, `--secure` and `--retry`, and refuses what it cannot pass over \
    safely, such as `--server`.";

const EXIT: [(&str, &str); 4] = [
    ("0", "Done. A denial is an answer."),
    ("1", "Refused."),
    ("2", "The words themselves are wrong, whatever the policy holds."),
    ("3", "Failure of the store or the engine."),
];

const ENVIRONMENT: [(&str, &str); 3] = [
    ("PORTCULLIS_STORE", "The store, where `--store` does not name it."),
    ("PORTCULLIS_AS", "The caller, where `--as` does not name it."),
    ("PORTCULLIS_HOME", "The folder of the session file."),
];

const FILES: [(&str, &str); 2] = [
    ("portcullis.db", "The store, where nothing else is named."),
    (
        "~/.local/state/portcullis/session",
        "The login sessions, one for each store; in $XDG_STATE_HOME, if that is set.",
    ),
];

/// A command and what is known of it.
struct Described {
    name: &'static str,
    places: &'static [&'static str],
    arguments: &'static [Argument],
    prose: &'static Prose,
    locates: bool,
    privileges: bool,
}

/// Every command that is documented, in the order of the alphabet.
fn commands() -> impl Iterator<Item = Described> {
    let mut all: Vec<Described> = OWN.iter().filter_map(own).chain(table::commands().filter_map(of_table)).collect();
    all.sort_by_key(|command| command.name.to_ascii_lowercase());
    all.into_iter()
}

fn own(own: &'static Own) -> Option<Described> {
    let Own { name, places, arguments, .. } = own;
    Some(Described { name, places, arguments, prose: find_prose(name)?, locates: false, privileges: false })
}

fn of_table(command: &'static Command) -> Option<Described> {
    let Command { name, positionals: places, arguments, locates, privileges, .. } = command;
    Some(Described { name, places, arguments, prose: find_prose(name)?, locates: *locates, privileges: *privileges })
}

fn page(name: &str, purpose: &str) -> Roff {
    let mut page = Roff::new();
    let version = concat!("portcullis ", env!("CARGO_PKG_VERSION"));
    page.control("TH", [name.to_uppercase().as_str(), "1", "", version, ""]);
    // Neither stretched nor broken words: much of it is to be typed.
    page.control("ad", ["l"]);
    page.control("nh", []);
    section(&mut page, "NAME");
    let mut words = vec![roman(format!("{name} - "))];
    words.extend(marked(purpose));
    page.text(words);
    page
}

fn section(page: &mut Roff, title: &str) {
    page.control("SH", [title]);
}

fn put_program_synopsis(page: &mut Roff) {
    let mut words = vec![bold(PROGRAM)];
    for (usage, _) in GLOBALS {
        words.push(roman(" ["));
        words.extend(usage_words(usage));
        words.push(roman("]"));
    }
    words.extend([roman(" "), italic("command"), roman(" …")]);
    page.text(words);
}

/// All that the command's own section or page says below the summary.
fn put_command(page: &mut Roff, command: &Described) {
    if !command.prose.details.is_empty() {
        put_paragraph(page, command.prose.details);
    }
    page.control("PP", []);
    page.text(synopsis(command));
    for argument in command.arguments {
        put_pair(page, option_words(argument), command.prose.argument(argument.name).unwrap_or_default());
    }
    if takes_password(command.arguments) {
        let words = vec![bold(format!("--{PASSWORD_FILE}")), roman(" "), italic("file")];
        put_pair(page, words, "A file whose first line is the password; `-` is standard input.");
    }
    put_answer(page, command.prose.result);
    put_example(page, command.prose.example);
}

fn put_answer(page: &mut Roff, shape: Shape) {
    match answer::whole(shape) {
        Some(whole) => put_paragraph(page, &format!("Answer: {whole}")),
        None => put_paragraph(page, &format!("Answer. {}", answer::MARKS)),
    }
    for Line { depth, name, meaning } in answer::lines(shape) {
        put_pair(page, vec![roman("> ".repeat(depth)), bold(name)], &meaning);
    }
}

fn put_example(page: &mut Roff, example: &str) {
    page.control("PP", []);
    page.text([roman("Example:")]);
    page.control("PP", []);
    page.control("RS", ["4"]);
    page.text([bold(format!("{PROGRAM} {example}"))]);
    page.control("RE", []);
}

/// What is the same for every command: locators, privileges, exit codes and so on.
fn put_shared_sections(page: &mut Roff) {
    let schema = Schema::cdro();
    section(page, "LOCATORS");
    put_text(page, prose::LOCATORS);
    for name in WHOLE {
        let meaning = prose::ADDRESSES.iter().find(|(known, _)| *known == name).map_or("", |(_, meaning)| meaning);
        put_pair(page, vec![bold(format!("--{name}"))], meaning);
    }
    put_paragraph(page, "With the schema of CloudBees CD/RO:");
    page.control("PP", []);
    page.text(schema.locators().flat_map(|name| [bold(format!("--{name}")), roman(" ")]).collect::<Vec<_>>());
    section(page, "PRIVILEGES");
    put_text(page, prose::PRIVILEGES);
    page.control("PP", []);
    let privileges = schema.privileges().iter();
    page.text(privileges.flat_map(|name| [bold(format!("--{name}Privilege")), roman(" ")]).collect::<Vec<_>>());
    for (title, pairs) in [("EXIT STATUS", &EXIT[..]), ("ENVIRONMENT", &ENVIRONMENT), ("FILES", &FILES)] {
        section(page, title);
        pairs.iter().for_each(|(name, meaning)| put_pair(page, vec![bold(*name)], meaning));
    }
}

fn put_text(page: &mut Roff, text: &str) {
    page.text(marked(text));
}

fn put_paragraph(page: &mut Roff, text: &str) {
    page.control("PP", []);
    put_text(page, text);
}

/// A term and what it means.
fn put_pair(page: &mut Roff, term: Vec<Inline>, meaning: &str) {
    page.control("TP", []);
    page.text(term);
    put_text(page, meaning);
}

/// Text, in bold what stands between backticks.
fn marked(text: &str) -> Vec<Inline> {
    text.split('`').enumerate().map(|(at, part)| if at % 2 == 1 { bold(part) } else { roman(part) }).collect()
}

/// `--store FILE`, as manuals print it.
fn usage_words(usage: &str) -> Vec<Inline> {
    match usage.split_once(' ') {
        Some((option, value)) => vec![bold(option), roman(" "), italic(value.to_lowercase())],
        None => vec![bold(usage)],
    }
}

fn synopsis(command: &Described) -> Vec<Inline> {
    let mut words = vec![bold(format!("{PROGRAM} {}", command.name))];
    for place in command.places {
        let needed = command.arguments.iter().any(|argument| argument.name == *place && argument.required);
        put_word(&mut words, vec![italic(*place)], needed);
    }
    if command.locates {
        put_word(&mut words, vec![italic("locators")], false);
    }
    for argument in command.arguments.iter().filter(|argument| !command.places.contains(&argument.name)) {
        put_word(&mut words, option_words(argument), argument.required);
    }
    if command.privileges {
        let value = [bold("--"), italic("privilege"), bold("Privilege"), roman(" allow|deny|inherit")];
        put_word(&mut words, value.into(), false);
    }
    words
}

fn put_word(words: &mut Vec<Inline>, word: Vec<Inline>, needed: bool) {
    words.push(roman(if needed { " " } else { " [" }));
    words.extend(word);
    words.extend((!needed).then(|| roman("]")));
}

fn option_words(argument: &Argument) -> Vec<Inline> {
    let value = match argument.kind {
        ArgumentKind::Boolean => return vec![bold(format!("--{}", argument.name))],
        ArgumentKind::Texts => "value…",
        ArgumentKind::Count => "number",
        ArgumentKind::Instant => "instant",
        ArgumentKind::Date => "date",
        ArgumentKind::Password => "password",
        ArgumentKind::Text | ArgumentKind::Json | ArgumentKind::Word(_) => "value",
    };
    vec![bold(format!("--{}", argument.name)), roman(" "), italic(value)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_everything_has_each_command_argument_and_section() {
        let page = whole();
        for title in ["NAME", "SYNOPSIS", "OPTIONS", "COMMANDS", "LOCATORS", "EXIT STATUS", "FILES"] {
            assert!(
                page.contains(&format!("\n.SH \"{title}\"\n")) || page.contains(&format!("\n.SH {title}\n")),
                "{title}"
            );
        }
        assert_eq!(commands().count(), OWN.len() + table::commands().count());
        for command in commands() {
            assert!(page.contains(&format!("\n.SS {}\n", command.name)), "{}", command.name);
            for argument in command.arguments {
                assert!(page.contains(&format!("\\fB\\-\\-{}\\fR", argument.name)), "{}", argument.name);
            }
        }
    }

    #[test]
    fn each_command_has_a_page_beside_the_page_of_everything() {
        let pages = pages();
        assert_eq!(pages.len(), commands().count() + 1);
        assert!(pages.iter().any(|(name, _)| name == "portcullis.1"));
        for (name, text) in &pages {
            assert!(text.contains("\n.TH ") && text.contains("SYNOPSIS") && name.ends_with(".1"), "{name}");
        }
    }

    #[test]
    fn no_text_is_taken_for_a_request() {
        for line in pages().iter().flat_map(|(_, text)| text.lines()).filter(|line| line.starts_with(['.', '\''])) {
            let request = line.split([' ', '.']).nth(1).unwrap_or_default();
            assert!(
                ["TH", "SH", "SS", "PP", "TP", "RS", "RE", "ad", "nh", "ie", "el", "ds"].contains(&request),
                "{line}"
            );
        }
    }
}
