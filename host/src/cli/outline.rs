//! The command line's outline, for the shells: what a line may hold, from the tables that parse it.
//!
//! It serves `clap_complete` alone. Lines are read by `words` and `options`.

use super::failure::UsageError;
use super::form::FORMS;
use super::help::{GLOBALS, find_prose};
use super::options::Syntax;
use super::own::{OWN, Own};
use super::secret_input::PASSWORD_FILE;
use super::table;
use super::vendor::{Fate, Tool};
use super::words::BOOLEANS;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, ValueHint};
use clap_complete::Shell;
use portcullis_engine::{Argument, ArgumentKind, PrincipalType, Schema};

/// The program's own name.
pub(super) const PROGRAM: &str = "portcullis";
/// The shells that can be served.
const SHELLS: [(&str, Shell); 5] = [
    ("bash", Shell::Bash),
    ("elvish", Shell::Elvish),
    ("fish", Shell::Fish),
    ("powershell", Shell::PowerShell),
    ("zsh", Shell::Zsh),
];

/// The shell of that name.
pub(super) fn shell(name: &str) -> Result<Shell, UsageError> {
    let found = SHELLS.into_iter().find(|(known, _)| *known == name);
    found.map(|(_, shell)| shell).ok_or_else(|| UsageError::InvalidValue {
        option: "--shell",
        given: name.to_owned(),
        expected: "`bash`, `elvish`, `fish`, `powershell` or `zsh`",
    })
}

/// The name, if the program may be called by it.
pub(super) fn program(name: &str) -> Result<&'static str, UsageError> {
    programs().find(|known| *known == name).ok_or_else(|| UsageError::InvalidValue {
        option: "--name",
        given: name.to_owned(),
        expected: "`portcullis`, `ectool` or `cmtool`",
    })
}

/// The script by which the shell completes lines that begin with the program's name.
pub(super) fn completions(shell: Shell, program: &'static str) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut outline(program), program, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

fn programs() -> impl Iterator<Item = &'static str> {
    std::iter::once(PROGRAM).chain(Tool::ALL.map(Tool::name))
}

/// What may be said to the program under this name.
fn outline(program: &'static str) -> Command {
    let schema = Schema::cdro();
    let own = OWN.iter().map(|own| own_command(own, &schema));
    let table = table::commands().map(|command| {
        let syntax = Syntax::of(command, &schema);
        command_with(command.name, command.positionals, command.arguments, &syntax, &schema)
    });
    Command::new(program)
        .about("Who may do what to which object, and why")
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args(globals())
        .arg(Arg::new("version").long("version").help("The version").action(ArgAction::SetTrue))
        .args(Tool::named(program).into_iter().flat_map(Tool::options).filter_map(tools_option))
        .subcommands(own.chain(table))
}

fn own_command(own: &'static Own, schema: &Schema) -> Command {
    let syntax = Syntax::new(own.name, own.places, own.arguments);
    command_with(own.name, own.places, own.arguments, &syntax, schema)
}

/// The options for every command, before or behind it.
fn globals() -> impl Iterator<Item = Arg> {
    let options = GLOBALS.into_iter().filter_map(|(usage, help)| {
        let (name, value) = usage.strip_prefix("--")?.split_once(' ')?;
        Some(with_values(Arg::new(name).long(name).value_name(value), name, None).help(help).global(true))
    });
    let help = Arg::new("help").long("help").help("What the command does").action(ArgAction::SetTrue).global(true);
    options.chain(std::iter::once(help))
}

/// An option that the tool itself has before its commands; none for those that are refused.
fn tools_option((name, fate): (&'static str, Fate)) -> Option<Arg> {
    let arg = Arg::new(name).long(name);
    match fate {
        Fate::Refused(_) => None,
        Fate::Form => Some(arg.value_parser(["xml", "json"])),
        Fate::Skipped => Some(arg.value_hint(ValueHint::Other)),
        Fate::Silence | Fate::Help => Some(arg.action(ArgAction::SetTrue)),
        Fate::SkippedFlag => Some(arg.num_args(0..=1).value_parser(BOOLEANS)),
    }
}

fn command_with(
    name: &'static str,
    places: &[&'static str],
    arguments: &[Argument],
    syntax: &Syntax,
    schema: &Schema,
) -> Command {
    let prose = find_prose(name);
    let options = syntax.options.iter().map(|(option, kind)| {
        let arg = Arg::new(option.to_string()).long(option.to_string());
        let arg = match kind {
            ArgumentKind::Boolean => arg.action(ArgAction::SetTrue),
            ArgumentKind::Word(words) => arg.value_parser(PossibleValuesParser::new(*words)),
            ArgumentKind::Texts => with_values(arg.num_args(1..), option, Some(schema)),
            _ => with_values(arg, option, Some(schema)),
        };
        let help = prose.and_then(|prose| prose.argument(option)).map(str::to_owned);
        arg.help(help.or_else(|| of_locator(option, schema)).unwrap_or_default())
    });
    let options: Vec<Arg> = options.collect();
    let placed = places.iter().map(|place| {
        let needed = arguments.iter().any(|argument| argument.name == *place && argument.required);
        // By place and by name are two arguments here, neither of which is needed.
        let help = if needed { "Needed" } else { "" };
        with_values(Arg::new(format!("<{place}>")).value_name(place.to_string()).help(help), place, Some(schema))
    });
    Command::new(name).about(prose.map_or("", |prose| prose.summary)).args(options).args(placed)
}

fn of_locator(option: &str, schema: &Schema) -> Option<String> {
    let locator = schema.locator(option)?;
    Some(format!("The {}", schema.object_type(locator.kind).name))
}

/// What an argument's value may be, or where to look for one.
fn with_values(arg: Arg, name: &str, schema: Option<&Schema>) -> Arg {
    let words = known_values(name, schema);
    match name {
        _ if !words.is_empty() => arg.value_parser(PossibleValuesParser::new(words)),
        "store" | "schema" | "out" | PASSWORD_FILE => arg.value_hint(ValueHint::FilePath),
        "dir" => arg.value_hint(ValueHint::DirPath),
        _ => arg.value_hint(ValueHint::Other),
    }
}

/// The words that an argument's value can only be; none where that is open.
fn known_values(name: &str, schema: Option<&Schema>) -> Vec<String> {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match (name, schema) {
        ("output", _) => FORMS.iter().map(|(form, _)| (*form).to_owned()).collect(),
        ("shell", _) => SHELLS.iter().map(|(shell, _)| (*shell).to_owned()).collect(),
        ("name", _) => programs().map(str::to_owned).collect(),
        ("command", _) => {
            let commands = OWN.iter().map(|own| own.name).chain(table::commands().map(|command| command.name));
            commands.chain(["locators"]).map(str::to_owned).collect()
        }
        ("principalType" | "memberType", _) => PrincipalType::ALL.map(|kind| kind.as_str().to_owned()).into(),
        ("privilege", Some(schema)) => schema.privileges().to_vec(),
        ("objectType", Some(schema)) => schema.types().map(|(_, kind)| kind.name.clone()).collect(),
        (name, Some(schema)) if is_privilege(name, schema) => owned(&["allow", "deny", "inherit"]),
        _ => Vec::new(),
    }
}

fn is_privilege(name: &str, schema: &Schema) -> bool {
    name.strip_suffix("Privilege").is_some_and(|name| schema.privilege(name).is_some())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_outline_holds_every_command_with_every_option() {
        let schema = Schema::cdro();
        for program in programs() {
            let mut outline = outline(program);
            outline.build();
            for command in table::commands() {
                let found = outline.find_subcommand(command.name).unwrap();
                let options: Vec<&str> = found.get_arguments().filter_map(Arg::get_long).collect();
                for (option, _) in Syntax::of(command, &schema).options {
                    assert!(options.contains(&option.as_ref()), "{} {option}", command.name);
                }
                assert!(["store", "as", "output", "help"].iter().all(|global| options.contains(global)));
            }
            assert_eq!(outline.get_subcommands().count(), OWN.len() + table::commands().count());
        }
    }

    #[test]
    fn only_a_tools_outline_has_the_tools_options() {
        let has = |program, option| outline(program).get_arguments().any(|arg| arg.get_long() == Some(option));
        assert!(has("ectool", "silent") && !has(PROGRAM, "silent") && !has("cmtool", "silent"));
        assert!(has("cmtool", "timeout") && !has("cmtool", "server"), "what is refused is not offered");
    }

    #[test]
    fn every_shell_gets_a_script_that_names_commands_and_options() {
        for (name, _) in SHELLS {
            let script = completions(shell(name).unwrap(), "ectool");
            for word in ["createAclEntry", "readPrivilege", "stageName", "completions", "ectool"] {
                assert!(script.contains(word), "{name} {word}");
            }
        }
    }
}
