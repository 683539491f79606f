//! The commands of the engine's table.

use super::failure::Failure;
use super::form::{Form, note};
use super::options::Syntax;
use super::place::{Done, Place, Policy};
use super::session_file::SessionFile;
use super::views::View;
use super::words::Words;
use super::{Answer, caller, secret_input};
use crate::credentials::session_id;
use crate::service::{Caller, LOGINS};
use portcullis_engine::{COMMANDS, Command, Schema};
use serde_json::{Map, Value};

/// Those of the table that need more than words: they have a form of the command line's own, or `init` for them.
const WRAPPED: [&str; 4] = ["createPolicy", "eraseUser", "import", "setSchema"];

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
    if let Some(sessions) = SessionFile::find().filter(|_| logs_in) {
        // A file that cannot be used must be told before there is a session that it cannot keep.
        sessions.read(&place.path)?;
    }
    let mut policy = None;
    let mut given = parse(command, &words.rest, &place, form, &mut policy)?;
    secret_input::complete(command.arguments, &mut given, secret_input::read_password)?;
    let mut policy = match policy {
        Some(policy) => policy,
        None => place.open(form)?,
    };
    let ended = if command.name == "logout" { session_to_end(&given, &caller) } else { None };
    let answer = match command.asks() {
        true => ask(command, words, form, &mut policy, &caller, &given),
        false => change(command, words, &mut policy, &caller, given),
    };
    keep_session(logs_in, ended.as_deref(), &place, &answer)?;
    // Beside an error, which machines read as a whole, nothing else is said.
    if command.deprecated && answer.is_ok() {
        note(&format!("note: `{}` is deprecated\n", command.name));
    }
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

/// The id of the session that a logout is to end: the one that is named, else the caller's.
fn session_to_end(given: &Map<String, Value>, caller: &Caller) -> Option<String> {
    match (given.get("sessionId").and_then(Value::as_str), caller) {
        (Some(named), _) => session_id(named).ok().map(str::to_owned),
        (None, Caller::Session(own)) => Some(own.id.clone()),
        (None, _) => None,
    }
}

/// Keeps the session of whoever has logged in, and forgets the one that is kept where a logout has ended just that one,
/// or has found it over. Any other stays: whoever is logged in must not become `admin` by somebody else's logout.
fn keep_session(
    logs_in: bool,
    ended: Option<&str>,
    place: &Place,
    answer: &Result<Answer, Failure>,
) -> Result<(), Failure> {
    let Some(sessions) = SessionFile::find() else {
        if logs_in && answer.is_ok() {
            note("note: the session is kept nowhere: no folder is known; `PORTCULLIS_SESSION` takes its cookie\n");
        }
        return Ok(());
    };
    let is_over = || answer.as_ref().err().is_none_or(|refusal| ENDED.contains(&refusal.code()));
    match answer {
        Ok(Answer::Value(reply, _)) if logs_in => {
            let cookie = reply.get("sessionId").and_then(Value::as_str).unwrap_or_default();
            sessions.write(&place.path, cookie)?;
            if let Some(other) = caller::of_environment() {
                note(&format!("note: `{other}` is set, and still says who asks\n"));
            }
        }
        _ if ended.is_some() && is_over() => {
            let kept = sessions.read(&place.path)?;
            if kept.is_some_and(|cookie| session_id(cookie.secret()).ok() == ended) {
                sessions.remove(&place.path)?;
            }
        }
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
