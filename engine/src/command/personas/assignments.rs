//! Whom personas are assigned to: users and groups.

use super::{changeable, render_all};
use crate::arguments::Arguments;
use crate::change::{Key, PrincipalType, Record};
use crate::command::Reply;
use crate::fields::{Fields, Json};
use crate::order;
use crate::refusal::Refusal;
use crate::schema::PERSONA;
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::View;

pub(in crate::command) fn assign_to_group(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    assign(tx, arguments, PrincipalType::Group)
}

pub(in crate::command) fn assign_to_user(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    assign(tx, arguments, PrincipalType::User)
}

pub(in crate::command) fn unassign_from_group(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    unassign(tx, arguments, PrincipalType::Group)
}

pub(in crate::command) fn unassign_from_user(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    unassign(tx, arguments, PrincipalType::User)
}

/// Assigns a persona. Who has it already has it since then.
fn assign(tx: &mut Transaction, arguments: &Arguments, kind: PrincipalType) -> Reply {
    let persona = changeable(tx, PERSONA, arguments.required("personaName")?)?;
    let principals = principals(&tx.view(), arguments, kind)?;
    for &principal in &principals {
        if tx.state.record(&Key::Assignment { principal, persona }).is_none() {
            tx.put(Record::Assignment { persona, principal, at_ms: tx.now })?;
        }
    }
    Ok(reply(tx.state, kind, &principals))
}

fn unassign(tx: &mut Transaction, arguments: &Arguments, kind: PrincipalType) -> Reply {
    let persona = changeable(tx, PERSONA, arguments.required("personaName")?)?;
    let principals = principals(&tx.view(), arguments, kind)?;
    for &principal in &principals {
        tx.remove(Key::Assignment { principal, persona })?;
    }
    Ok(reply(tx.state, kind, &principals))
}

/// The users or groups that the arguments name, each once.
fn principals(view: &View, arguments: &Arguments, kind: PrincipalType) -> Result<Vec<u32>, Box<Refusal>> {
    let argument = if kind == PrincipalType::Group { "groupNames" } else { "userNames" };
    let (mut found, mut known) = (Vec::new(), Vec::new());
    for name in arguments.texts(argument)? {
        let principal = view.registered(kind, name, view.state.schema.roles().read)?.id;
        if order::insert(&mut known, principal) {
            found.push(principal);
        }
    }
    if found.is_empty() {
        let command = arguments.command().name;
        return Err(Refusal::told(
            Refusal::MissingArgument,
            format_args!("`{command}` needs at least one of `{argument}`"),
        ));
    }
    Ok(found)
}

fn reply(state: &State, kind: PrincipalType, principals: &[u32]) -> Fields {
    let render = if kind == PrincipalType::Group { render_group } else { render_user };
    Fields::default().list(kind.as_str(), render_all(state, principals, render))
}

fn render_group(state: &State, group: u32) -> Json {
    Fields::default().text("groupName", state.principals.name(group)).done()
}

fn render_user(state: &State, user: u32) -> Json {
    Fields::default().text("userName", state.principals.name(user)).done()
}
