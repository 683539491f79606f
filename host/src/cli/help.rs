//! Help: what the commands do, from the engine's table and prose, and the program's own.

pub(super) mod answer;
mod program;

use super::failure::{Failure, UsageError};
use super::options::WHOLE;
use super::own::{self, OWN};
use super::paper::{Ink, Paper, plain, span};
use super::secret_input::{PASSWORD, PASSWORD_FILE, takes_password};
use super::table;
use super::text::{continued, nearest};
use crate::runtime::Runtime;
use portcullis_engine::prose::{self, Prose};
use portcullis_engine::{Argument, ArgumentKind, Command, Schema};

/// How commands are grouped for a reader who is new to them.
const GROUPS: [(&str, &[&str]); 9] = [
    (
        "Ask",
        &["check", "explain", "access", "tree", "checkAccess", "getAccess", "getAclEntry", "getObjects", "getSchema"],
    ),
    (
        "Change access",
        &["createAclEntry", "modifyAclEntry", "deleteAclEntry", "breakAclInheritance", "restoreAclInheritance"],
    ),
    ("Change objects", &["createObject", "moveObject", "deleteObject"]),
    (
        "Users and groups",
        &[
            "getUsers",
            "getUser",
            "createUser",
            "modifyUser",
            "changeOwnUser",
            "deleteUser",
            "getGroups",
            "createGroup",
            "modifyGroup",
            "deleteGroup",
            "getGroupMembers",
            "addGroupMember",
            "removeGroupMember",
        ],
    ),
    (
        "Permissions and settings",
        &[
            "getPermissions",
            "setPermissions",
            "getEffectivePermissions",
            "getAccessEntries",
            "getUserSettings",
            "setUserSettings",
            "setBuildEndNotification",
        ],
    ),
    (
        "Log in",
        &[
            "login",
            "loginSso",
            "logout",
            "createUserAccessToken",
            "getUserAccessTokens",
            "getUserAccessToken",
            "getUserAccessTokenSessions",
            "modifyUserAccessToken",
            "revokeUserAccessToken",
            "revokeUserAccessTokens",
            "createSession",
            "getSessions",
            "modifySession",
            "deleteSession",
        ],
    ),
    (
        "Personas",
        &[
            "getPersonas",
            "getPersona",
            "createPersona",
            "modifyPersona",
            "deletePersona",
            "addPersonaDetail",
            "removePersonaDetail",
            "assignPersonaToUser",
            "unassignPersonaFromUser",
            "assignPersonaToGroup",
            "unassignPersonaFromGroup",
        ],
    ),
    (
        "Persona categories and pages",
        &[
            "getPersonaCategories",
            "getPersonaCategory",
            "createPersonaCategory",
            "modifyPersonaCategory",
            "deletePersonaCategory",
            "getPersonaPages",
            "getPersonaPage",
            "createPersonaPage",
            "modifyPersonaPage",
            "deletePersonaPage",
        ],
    ),
    (
        "The store",
        &[
            "init",
            "import",
            "setSchema",
            "log",
            "verify",
            "snapshot",
            "erase",
            "schema",
            "engine",
            "help",
            "man",
            "completions",
        ],
    ),
];

/// Options for every command.
pub(super) const GLOBALS: [(&str, &str); 3] = [
    ("--store FILE", "The store; else $PORTCULLIS_STORE, else `portcullis.db`."),
    ("--as USER", "The caller, also as TYPE:NAME; else $PORTCULLIS_AS, else who is logged in, else `admin`."),
    ("--output FORM", "`table`, `json`, `xml`, `csv`, `simple` or `silent`; a table on a terminal, JSON elsewhere."),
];

/// `--version`.
pub(super) fn version() -> String {
    format!("portcullis {}\nengine sha256:{}\n", env!("CARGO_PKG_VERSION"), Runtime::digest())
}

/// `--help`.
pub(super) fn overview() -> String {
    let mut paper = Paper::for_stdout();
    paper.line(0, &[plain("Who may do what to which object, and why.")]);
    draw_title(&mut paper, "Usage");
    paper.line(2, &[plain("portcullis [--store FILE] [--as USER] [--output FORM] <command> …")]);
    for (title, names) in GROUPS {
        draw_title(&mut paper, title);
        let row =
            |name: &&str| vec![vec![plain(*name)], vec![plain(find_prose(name).map_or("", |prose| prose.summary))]];
        paper.table(2, &names.iter().map(row).collect::<Vec<_>>());
    }
    draw_title(&mut paper, "Options for every command");
    draw_pairs(&mut paper, &GLOBALS);
    draw_title(&mut paper, "A first look");
    for example in
        ["createObject --projectName Shop", "tree", "explain --projectName Shop --principal user:dora --privilege read"]
    {
        paper.verbatim(&format!("  portcullis {example}"));
    }
    paper.gap();
    paper.line(
        0,
        &[span(
            Ink::Faint,
            "`portcullis help <command>` says more. Exit codes: 0 done; 1 refused; 2 the words themselves are wrong, \
                whatever the policy holds; 3 failure of the store or the engine.",
        )],
    );
    paper.into_text()
}

/// `help <command>`.
pub(super) fn about(command: &str) -> Result<String, Failure> {
    let mut paper = Paper::for_stdout();
    if command == "locators" {
        draw_locators(&mut paper);
        return Ok(paper.into_text());
    }
    let own = own::find(command).map(|own| (own.places, own.arguments, None));
    let found =
        own.or_else(|| table::find(command).map(|command| (command.positionals, command.arguments, Some(command))));
    let Some(((places, arguments, table), prose)) = found.zip(find_prose(command)) else {
        return Err(unknown(command).into());
    };
    paper.line(0, &[plain(prose.summary)]);
    if table.is_some_and(|command| command.deprecated) {
        paper.line(0, &[span(Ink::Bad, "Deprecated.")]);
    }
    if !prose.details.is_empty() {
        paper.line(0, &[plain(prose.details)]);
    }
    draw_title(&mut paper, "Usage");
    draw_usage(&mut paper, command, places, arguments, table);
    draw_arguments(&mut paper, prose, arguments, table);
    draw_title(&mut paper, "Answer");
    answer::draw(prose.result, &mut paper);
    draw_title(&mut paper, "Example");
    let mut parts = prose.example.split(" --");
    let begin = format!("portcullis {}", parts.next().unwrap_or_default());
    paper.verbatim(&continued(&begin, parts.map(|part| format!("--{part}"))));
    Ok(paper.into_text())
}

/// What is to be said of a command that does not exist.
pub(super) fn unknown(given: &str) -> UsageError {
    if let Some((_, own)) = [("createPolicy", "init"), ("eraseUser", "erase")].iter().find(|(name, _)| *name == given) {
        return UsageError::UnknownCommand { given: given.into(), near: vec![(*own).into()] };
    }
    let known = table::commands().map(|command| command.name).chain(OWN.iter().map(|own| own.name));
    UsageError::UnknownCommand { given: given.into(), near: nearest(given, known) }
}

/// The documentation of a command.
pub(super) fn find_prose(command: &str) -> Option<&'static Prose> {
    program::PROSE.iter().find(|prose| prose.command == command).or_else(|| prose::of(command))
}

fn draw_title(paper: &mut Paper, title: &str) {
    paper.gap();
    paper.line(0, &[span(Ink::Strong, title)]);
}

fn draw_pairs(paper: &mut Paper, pairs: &[(impl AsRef<str>, impl AsRef<str>)]) {
    let row = |(name, text): &(_, _)| vec![vec![plain(name)], vec![plain(text)]];
    paper.table(2, &pairs.iter().map(row).collect::<Vec<_>>());
}

fn draw_usage(paper: &mut Paper, command: &str, places: &[&str], arguments: &[Argument], table: Option<&Command>) {
    // A password that is left out is asked for.
    let is_required =
        |name: &str| name != PASSWORD && arguments.iter().any(|argument| argument.name == name && argument.required);
    let place = |name: &&str| if is_required(name) { format!(" <{name}>") } else { format!(" [<{name}>]") };
    let mut usage = format!("portcullis {command}{}", places.iter().map(place).collect::<String>());
    if table.is_some_and(|command| command.locates) {
        usage.push_str(" [locators]");
    }
    for argument in arguments.iter().filter(|argument| !places.contains(&argument.name)) {
        let option = option_usage(argument);
        usage.push_str(&if argument.required { format!(" {option}") } else { format!(" [{option}]") });
    }
    if table.is_some_and(|command| command.privileges) {
        usage.push_str(" [--<privilege>Privilege allow|deny|inherit]…");
    }
    paper.line(2, &[plain(usage)]);
}

fn option_usage(argument: &Argument) -> String {
    let name = argument.name;
    match argument.kind {
        ArgumentKind::Text | ArgumentKind::Json => format!("--{name} VALUE"),
        ArgumentKind::Texts => format!("--{name} VALUE…"),
        ArgumentKind::Boolean => format!("--{name}"),
        ArgumentKind::Count => format!("--{name} NUMBER"),
        ArgumentKind::Instant => format!("--{name} INSTANT"),
        ArgumentKind::Date => format!("--{name} DATE"),
        ArgumentKind::Password => format!("--{name} PASSWORD"),
        ArgumentKind::Word(words) => format!("--{name} {}", words.join("|")),
    }
}

fn draw_arguments(paper: &mut Paper, prose: &Prose, arguments: &[Argument], table: Option<&Command>) {
    if !arguments.is_empty() {
        draw_title(paper, "Arguments");
        let pair =
            |argument: &Argument| (format!("--{}", argument.name), prose.argument(argument.name).unwrap_or_default());
        let file = (format!("--{PASSWORD_FILE}"), "A file whose first line is the password; `-` is standard input.");
        let file = takes_password(arguments).then_some(file);
        draw_pairs(paper, &arguments.iter().map(pair).chain(file).collect::<Vec<_>>());
    }
    if table.is_some_and(|command| command.privileges) {
        draw_title(paper, "Privileges");
        paper.line(2, &[plain(prose::PRIVILEGES)]);
        let names: Vec<String> = Schema::cdro().privileges().iter().map(|name| format!("--{name}Privilege")).collect();
        paper.line(2, &[plain(names.join(" "))]);
    }
    if table.is_some_and(|command| command.locates) {
        draw_title(paper, "Locators");
        paper.line(2, &[plain(prose::LOCATORS)]);
        draw_pairs(paper, &WHOLE.map(|name| (format!("--{name}"), prose.argument(name).unwrap_or_default())));
        paper.line(2, &[span(Ink::Faint, "`portcullis help locators` lists them all.")]);
    }
}

fn draw_locators(paper: &mut Paper) {
    let schema = Schema::cdro();
    paper.line(0, &[plain(prose::LOCATORS)]);
    draw_title(paper, "With the schema of CloudBees CD/RO");
    let pair = |locator| {
        let parents = schema.locator(locator).map(|found| {
            let kind = schema.object_type(found.kind);
            let parents: Vec<&str> =
                kind.parents.iter().map(|parent| schema.object_type(*parent).name.as_str()).collect();
            (kind.name.clone(), if kind.anywhere { "any object".into() } else { parents.join(", ") })
        });
        let (kind, parents) = parents.unwrap_or_default();
        let below = if parents.is_empty() { String::new() } else { format!(", in {parents}") };
        (format!("--{locator}"), format!("{kind}{below}"))
    };
    draw_pairs(paper, &schema.locators().map(pair).collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    #[test]
    fn every_command_has_its_help_and_stands_in_the_overview() {
        let names: Vec<&str> =
            table::commands().map(|command| command.name).chain(OWN.iter().map(|own| own.name)).collect();
        let grouped: Vec<&&str> = GROUPS.iter().flat_map(|(_, names)| names.iter()).collect();
        assert_eq!(grouped.len(), names.len());
        for name in names {
            assert!(grouped.contains(&&name), "{name}");
            let text = about(name).unwrap();
            assert!(text.contains("Usage") && text.contains("Example"), "{name}");
        }
    }

    #[test]
    fn every_argument_of_the_programs_own_commands_is_explained() {
        for own in OWN {
            let prose = program::PROSE.iter().find(|prose| prose.command == own.name).expect(own.name);
            for argument in own.arguments {
                assert!(prose.argument(argument.name).is_some(), "{} {}", own.name, argument.name);
            }
        }
    }

    #[test]
    fn every_example_is_understood() {
        for prose in program::PROSE.iter().chain(prose::all()) {
            let words = prose.example.split(' ').map(|word| word.trim_matches('"').into());
            let (words, outcome) = super::super::words::Words::read(words);
            outcome.unwrap();
            let command = words.command.expect(prose.command);
            assert!(find_prose(&command).is_some(), "{}", prose.example);
        }
    }
}
