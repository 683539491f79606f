//! Commands on access control lists (`seeds/002…`).

use super::Reply;
use crate::arguments::{Arguments, Effect, PrivilegeWord};
use crate::change::{Key, PrincipalType, Record, Window};
use crate::fields::Fields;
use crate::refusal::Refusal;
use crate::schema::Registration;
use crate::state::State;
use crate::transaction::{Transaction, take_id};
use crate::view::View;

/// What an entry says, before it has ids.
#[derive(Clone, Copy, Default)]
pub(super) struct Says {
    pub(super) allow: u32,
    pub(super) deny: u32,
    pub(super) window: Window,
}

impl Says {
    /// The same with each named privilege set to its word.
    pub(super) fn with(mut self, words: &[PrivilegeWord]) -> Self {
        for word in words {
            self.allow &= !word.mask;
            self.deny &= !word.mask;
            match word.effect {
                Effect::Allow => self.allow |= word.mask,
                Effect::Deny => self.deny |= word.mask,
                Effect::Inherit => {}
            }
        }
        self
    }
}

pub(super) fn create_entry(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let (kind, name) = arguments.principal()?;
    let says = Says { window: arguments.window(Window::default())?, ..Says::default() };
    let says = says.with(&arguments.privileges(&tx.state.schema)?);
    let object = changeable(tx, arguments)?;
    if find_entry(tx.state, object, kind, name).is_some() {
        let principal = format!("{}:{name}", kind.as_str());
        return Err(Refusal::DuplicateAclEntry { principal, object: tx.state.describe(object) }.into());
    }
    let principal = tx.keep_principal(kind, name)?;
    put_entry(tx, object, principal, says)?;
    Ok(entry_reply(tx.state, object, principal))
}

pub(super) fn modify_entry(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let (kind, name) = arguments.principal()?;
    let words = arguments.privileges(&tx.state.schema)?;
    arguments.window(Window::default())?;
    let object = changeable(tx, arguments)?;
    let principal = existing_entry(&tx.view(), object, kind, name)?;
    let Some((acl, entry)) = tx.state.acls.find(&tx.state.objects, object, principal) else {
        return Ok(Fields::default());
    };
    let window = arguments.window(acl.window(entry.id))?;
    let says = Says { allow: entry.allow, deny: entry.deny, window }.with(&words);
    put_entry(tx, object, principal, says)?;
    Ok(entry_reply(tx.state, object, principal))
}

pub(super) fn delete_entry(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let (kind, name) = arguments.principal()?;
    let object = changeable(tx, arguments)?;
    let principal = existing_entry(&tx.view(), object, kind, name)?;
    remove_entry(tx, object, principal)?;
    Ok(Fields::default())
}

pub(super) fn break_inheritance(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let object = changeable(tx, arguments)?;
    set_inheriting(tx, object, false)
}

pub(super) fn restore_inheritance(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let object = changeable(tx, arguments)?;
    set_inheriting(tx, object, true)
}

pub(super) fn set_inheriting(tx: &mut Transaction, object: u32, value: bool) -> Reply {
    if let Some(Record::Object { id, kind, parent, name, .. }) = tx.state.record(&Key::Object(object)) {
        tx.put(Record::Object { id, kind, parent, name, inheriting: value })?;
    }
    Ok(Fields::default())
}

/// The object whose list the caller may change. With implicit registration it is made if it is missing.
fn changeable(tx: &mut Transaction, arguments: &Arguments) -> Result<u32, Box<Refusal>> {
    let located = tx.view().locate(arguments)?;
    let implicit = tx.state.schema.registration() == Registration::Implicit;
    let mask = tx.state.schema.roles().change_permissions;
    if !implicit {
        tx.view().require_registered(&located, located.missing.last(), mask)?;
    }
    tx.view().require(mask, located.object)?;
    super::objects::register(tx, located)
}

/// Puts an entry in the place of the one that the object has for the principal, keeping its id.
pub(super) fn put_entry(tx: &mut Transaction, object: u32, principal: u32, says: Says) -> Result<(), Box<Refusal>> {
    let old = tx.state.acls.entry(&tx.state.objects, object, principal).map(|entry| entry.id);
    let id = match old {
        Some(id) => id,
        None => take_id(tx.state.next.entry, "entries")?,
    };
    let Says { allow, deny, window } = says;
    tx.put(Record::Entry { object, principal, qualifier: String::new(), id, allow, deny, window })
}

pub(super) fn remove_entry(tx: &mut Transaction, object: u32, principal: u32) -> Result<(), Box<Refusal>> {
    tx.delete(Key::Entry { object, principal, qualifier: String::new() })?;
    tx.release_principal(principal)
}

fn find_entry(state: &State, object: u32, kind: PrincipalType, name: &str) -> Option<u32> {
    let principal = state.principals.find(kind, name)?;
    state.acls.entry(&state.objects, object, principal).map(|_| principal)
}

/// The principal's id, if the object has an entry for it.
pub(super) fn existing_entry(view: &View, object: u32, kind: PrincipalType, name: &str) -> Result<u32, Box<Refusal>> {
    find_entry(view.state, object, kind, name).ok_or_else(|| {
        Box::new(Refusal::NoSuchAclEntry {
            principal: format!("{}:{name}", kind.as_str()),
            object: view.state.describe(object),
        })
    })
}

pub(super) fn entry_reply(state: &State, object: u32, principal: u32) -> Fields {
    match state.acls.find(&state.objects, object, principal) {
        Some((acl, entry)) => Fields::default().value("aclEntry", state.render_acl_entry(entry, acl.window(entry.id))),
        None => Fields::default(),
    }
}
