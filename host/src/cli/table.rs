//! The commands of the engine's table.

use super::failure::Failure;
use super::form::Form;
use super::options::Syntax;
use super::place::Place;
use super::views::View;
use super::words::Words;
use super::{Answer, caller};
use crate::service::Service;
use portcullis_engine::{COMMANDS, Command, Schema};
use serde_json::{Map, Value};

/// Those of the table that need more than words: they have a form of the command line's own, or `init` for them.
const WRAPPED: [&str; 3] = ["createPolicy", "import", "setSchema"];

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
    let caller = caller::find(words.caller.as_deref())?;
    let mut service = None;
    let given = parse(command, &words.rest, &place, &mut service)?;
    let mut service = match service {
        Some(service) => service,
        None => place.open(form)?,
    };
    if command.asks() {
        let answer = service.ask(&caller, command.name, &given)?;
        return Ok(Answer::Value(answer.reply, View::of(command.name, words)));
    }
    let done = service.propose(&caller, vec![(command.name.into(), given)])?;
    let reply = done.replies.into_iter().next().unwrap_or_default();
    let says_nothing = reply.as_object().is_none_or(Map::is_empty);
    let view = match says_nothing {
        true => View::Done { revision: done.revision, changed: done.changed },
        false => View::of(command.name, words),
    };
    Ok(Answer::Value(reply, view))
}

/// The arguments. Names written in full need no schema but the built-in one: if the store has another, the engine
/// refuses what that lacks. For a shortened name the store's schema says what it may mean, and the store is opened.
fn parse(
    command: &'static Command,
    words: &[String],
    place: &Place,
    service: &mut Option<Service>,
) -> Result<Map<String, Value>, Failure> {
    if !command.locates && !command.privileges {
        return Ok(Syntax::new(command.name, command.positionals, command.arguments).parse(words)?);
    }
    let built_in = Schema::cdro();
    let syntax = Syntax::of(command, &built_in);
    if place.is_vacant() || syntax.has_all(words) {
        return Ok(syntax.parse(words)?);
    }
    let schema = service.insert(place.begin(Default::default())?).schema()?;
    Ok(Syntax::of(command, &schema).parse(words)?)
}
