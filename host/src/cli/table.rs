//! The commands of the engine's table.

use super::failure::Failure;
use super::form::{Form, note};
use super::options::Syntax;
use super::place::{Done, Place, Policy};
use super::session_file::SessionFile;
use super::views::View;
use super::words::Words;
use super::{Answer, caller, secret_input};
use crate::service::Caller;
use portcullis_engine::{COMMANDS, Command, Schema};
use serde_json::{Map, Value};

/// Those of the table that need more than words: they have a form of the command line's own, or `init` for them.
const WRAPPED: [&str; 4] = ["createPolicy", "eraseUser", "import", "setSchema"];
/// Those after which the caller is logged in.
const LOGINS: [&str; 2] = ["login", "loginSso"];

/// The commands that are called as the table has them.
pub(super) fn commands() -> impl Iterator<Item = &'static Command> {
    COMMANDS.iter().filter(|command| !WRAPPED.contains(&command.name))
}

/// The command of that name.
pub(super) fn find(name: &str) -> Option<&'static Command> {
    commands().find(|command| command.name == name)
}

/// Reads the command's words and has the engine do it.
pub(super) fn run(command: &'static Command, words: &Words, form: Form) -> Result<Answer, Failure> {
    let place = Place::find(words)?;
    let logs_in = LOGINS.contains(&command.name);
    // Whoever logs in need not be anybody before: a session that has ended is in nobody's way.
    let caller = if logs_in { Caller::user("default") } else { caller::find(words.caller.as_deref(), &place)? };
    let mut policy = None;
    let mut given = parse(command, &words.rest, &place, form, &mut policy)?;
    secret_input::complete(command.arguments, &mut given, secret_input::read_password)?;
    if command.deprecated {
        note(&format!("note: `{}` is deprecated\n", command.name));
    }
    let mut policy = match policy {
        Some(policy) => policy,
        None => place.open(form)?,
    };
    let answer = match command.asks() {
        true => ask(command, words, form, &mut policy, &caller, &given),
        false => change(command, words, &mut policy, &caller, given),
    };
    keep_session(command, &place, &answer, words)?;
    match answer {
        Err(refusal) if refusal.exit_code() == 1 => Err(blame(command, &words.rest, &mut policy, refusal)?),
        answer => answer,
    }
}

fn ask(
    command: &Command,
    words: &Words,
    form: Form,
    policy: &mut Policy,
    caller: &Caller,
    given: &Map<String, Value>,
) -> Result<Answer, Failure> {
    let reply = policy.ask(caller, command.name, given)?;
    let mut view = View::of(command.name, words);
    if let View::Explanation { everyone, .. } = &mut view
        && form == Form::Table
    {
        *everyone = policy.schema()?.everyone();
    }
    Ok(Answer::Value(reply, view))
}

fn change(
    command: &Command,
    words: &Words,
    policy: &mut Policy,
    caller: &Caller,
    given: Map<String, Value>,
) -> Result<Answer, Failure> {
    let Done { revision, reply, changed } = policy.propose(caller, command.name, given)?;
    let says_nothing = reply.as_object().is_none_or(Map::is_empty);
    let view = if says_nothing { View::Done { revision, changed } } else { View::of(command.name, words) };
    Ok(Answer::Value(reply, view))
}

/// Keeps the session of whoever has logged in, and forgets that of whoever has logged out, or whose session was over.
fn keep_session(
    command: &Command,
    place: &Place,
    answer: &Result<Answer, Failure>,
    words: &Words,
) -> Result<(), Failure> {
    let Some(sessions) = SessionFile::find() else { return Ok(()) };
    match answer {
        Ok(Answer::Value(reply, _)) if LOGINS.contains(&command.name) => {
            let cookie = reply.get("sessionId").and_then(Value::as_str).unwrap_or_default();
            sessions.write(&place.path, cookie)?;
        }
        Ok(_) if command.name == "logout" && words.caller.is_none() => sessions.remove(&place.path)?,
        Err(refusal) if command.name == "logout" && ENDED.contains(&refusal.code()) => sessions.remove(&place.path)?,
        _ => {}
    }
    Ok(())
}

/// The codes that say that there is no session any more.
const ENDED: [&str; 2] = ["ExpiredSession", "InvalidSessionId"];

/// Says of a refused command that its words are wrong, if they are with the schema that the store has: the engine knows
/// its arguments, and not how they were written.
fn blame(
    command: &'static Command,
    words: &[String],
    policy: &mut Policy,
    refusal: Failure,
) -> Result<Failure, Failure> {
    let schema = policy.schema()?;
    let parsed = Syntax::of(command, &schema).parse(words);
    Ok(parsed.map_or_else(Failure::from, |_| refusal))
}

/// The arguments. Names written in full need no schema but the built-in one: if the store has another, the engine
/// refuses what that lacks. For a shortened name the store's schema says what it may mean, and the store is opened.
fn parse<'a>(
    command: &'static Command,
    words: &[String],
    place: &'a Place,
    form: Form,
    policy: &mut Option<Policy<'a>>,
) -> Result<Map<String, Value>, Failure> {
    if !command.locates && !command.privileges {
        return Ok(Syntax::new(command.name, command.positionals, command.arguments).parse(words)?);
    }
    let built_in = Schema::cdro();
    let syntax = Syntax::of(command, &built_in);
    if syntax.has_all(words) || place.is_missing()? {
        return Ok(syntax.parse(words)?);
    }
    let schema = policy.insert(place.open(form)?).schema()?;
    Ok(Syntax::of(command, &schema).parse(words)?)
}
