//! Commands on objects: create, delete, move and rename.

use super::Reply;
use super::acls::{Says, put_entry, remove_entry};
use super::{accounts, personas};
use crate::address::{Address, check_length};
use crate::arguments::{Arguments, check_principal_name};
use crate::change::{Key, PrincipalType, Record, Window};
use crate::fields::Fields;
use crate::locate::Located;
use crate::objects::ROOT;
use crate::order;
use crate::principals::{BUILT_IN, DEFAULT_USER, EVERYONE};
use crate::refusal::Refusal;
use crate::schema::{DefaultPrincipal, OnCreate, SYSTEM_OBJECT, TypeId};
use crate::state::State;
use crate::transaction::{Transaction, take_id};

pub(super) fn create(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let located = tx.view().locate(arguments)?;
    let Some(((kind, name), above)) = located.missing.split_last() else {
        return Err(duplicate(tx, located.object));
    };
    let modify = tx.state.schema.roles().modify;
    tx.view().require_registered(&Located { object: located.object, missing: above.to_vec() }, above.last(), modify)?;
    tx.view().require(modify, located.object)?;
    check_new_name(tx, *kind, name)?;
    let object = add(tx, *kind, located.object, name)?;
    Ok(object_reply(tx.state, object))
}

/// An object that exists already; who may not create there is not told so.
fn duplicate(tx: &Transaction, object: u32) -> Box<Refusal> {
    let container = tx.state.objects.get(object).map_or(ROOT, |known| known.parent().max(ROOT));
    if let Err(refusal) = tx.view().require(tx.state.schema.roles().modify, container) {
        return refusal;
    }
    let name = tx.state.display_name(object);
    Refusal::DuplicateObject { kind: tx.state.kind_name(object).into(), name }.into()
}

/// Creates what is missing of an address, and gives the object that it leads to.
pub(super) fn register(tx: &mut Transaction, located: Located) -> Result<u32, Box<Refusal>> {
    let mut at = located.object;
    for (kind, name) in &located.missing {
        check_new_name(tx, *kind, name)?;
        at = add(tx, *kind, at, name)?;
    }
    Ok(at)
}

/// Creates an object of a type right under a system object, of which the caller needs `modify`.
pub(super) fn create_under(tx: &mut Transaction, system: &str, kind: &str, name: &str) -> Result<u32, Box<Refusal>> {
    let parent = tx.state.objects.system_object(system).unwrap_or(ROOT);
    tx.view().require(tx.state.schema.roles().modify, parent)?;
    let kind = tx.state.schema.type_by_name(kind).unwrap_or(SYSTEM_OBJECT);
    if let Some(object) = tx.state.objects.child(parent, kind, name.as_bytes()) {
        return Err(duplicate(tx, object));
    }
    check_new_name(tx, kind, name)?;
    add(tx, kind, parent, name)
}

/// Adds an object with the access control list that its type starts with.
fn add(tx: &mut Transaction, kind: TypeId, parent: u32, name: &str) -> Result<u32, Box<Refusal>> {
    let schema = std::sync::Arc::clone(&tx.state.schema);
    let known = schema.object_type(kind);
    let id = take_id(tx.state.next.object, "objects")?;
    if let Ok(principal) = PrincipalType::parse(&known.name) {
        tx.keep_principal(principal, name)?;
    }
    let inheriting = known.on_create.inheriting;
    tx.put(Record::Object { id, kind: known.name.clone(), parent, name: name.into(), inheriting })?;
    let own = known.principal_prefix.as_ref().map(|prefix| format!("{prefix}{name}"));
    add_defaults(tx, id, &known.on_create, own.as_deref())?;
    Ok(id)
}

/// Puts the entries that a new object comes with.
pub(super) fn add_defaults(
    tx: &mut Transaction,
    object: u32,
    on_create: &OnCreate,
    own: Option<&str>,
) -> Result<(), Box<Refusal>> {
    for (principal, allow) in &on_create.entries {
        let principal = match (principal, own) {
            (DefaultPrincipal::Everyone, _) => EVERYONE,
            (DefaultPrincipal::Own, Some(name)) => tx.keep_principal(PrincipalType::User, name)?,
            (DefaultPrincipal::Own, None) => continue,
            (DefaultPrincipal::Creator, _) => {
                let caller = tx.view().caller.first().map(|caller| (caller.kind, caller.name.clone()));
                let Some((kind, name)) = caller else { continue };
                tx.keep_principal(kind, &name)?
            }
        };
        put_entry(tx, object, principal, Says { allow: *allow, deny: 0, window: Window::default() })?;
    }
    Ok(())
}

/// Refuses a new name that its type does not allow, that is built in, or that would inherit what entries gave an
/// earlier bearer of it.
fn check_new_name(tx: &Transaction, kind: TypeId, name: &str) -> Result<(), Box<Refusal>> {
    if name.is_empty() {
        return Err(Refusal::invalid(format_args!("a name is empty")));
    }
    check_length(name)?;
    let known = tx.state.schema.object_type(kind);
    if kind == SYSTEM_OBJECT {
        return Err(Refusal::invalid(format_args!("system objects are made by the schema")));
    }
    if let Ok(principal) = PrincipalType::parse(&known.name) {
        check_new_principal_name(principal, name)?;
        check_not_named_by_entries(tx, principal, name)?;
    }
    match &known.principal_prefix {
        Some(prefix) => check_not_named_by_entries(tx, PrincipalType::User, &format!("{prefix}{name}")),
        None => Ok(()),
    }
}

fn check_new_principal_name(kind: PrincipalType, name: &str) -> Result<(), Box<Refusal>> {
    let invalid = |why: &str| {
        Err(Refusal::told(
            Refusal::InvalidPrincipalName,
            format_args!("`{name}` cannot be a {}'s name: {why}", kind.as_str()),
        ))
    };
    if BUILT_IN.iter().any(|(_, built_in)| *built_in == name) {
        return invalid("it is built in");
    }
    if kind == PrincipalType::User && name.starts_with("project:") {
        return invalid("it is kept for projects");
    }
    check_principal_name(kind, name)
}

fn check_not_named_by_entries(tx: &Transaction, kind: PrincipalType, name: &str) -> Result<(), Box<Refusal>> {
    let named = tx.state.principals.find(kind, name).and_then(|id| tx.state.principals.get(id));
    if named.is_some_and(|known| known.entries > 0) {
        tx.view().require_admin(&format!("give a name that entries already carry (`{}:{name}`)", kind.as_str()))?;
    }
    Ok(())
}

pub(super) fn delete(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let object = removable(tx, arguments)?;
    remove_tree(tx, object)?;
    Ok(Fields::default())
}

/// The object that the arguments address, if the caller may delete or rename it.
fn removable(tx: &Transaction, arguments: &Arguments) -> Result<u32, Box<Refusal>> {
    let located = tx.view().locate(arguments)?;
    let container = located.missing.len().checked_sub(2).and_then(|place| located.missing.get(place));
    tx.view().require_registered(&located, container, tx.state.schema.roles().modify)?;
    require_modify_throughout(tx, located.object)?;
    refuse_built_in(tx.state, located.object)?;
    Ok(located.object)
}

/// Removes an object and all below it, the innermost first.
pub(super) fn remove_tree(tx: &mut Transaction, object: u32) -> Result<(), Box<Refusal>> {
    tx.state.objects.subtree(object).into_iter().rev().try_for_each(|id| remove(tx, id))
}

/// Removes one object that has no children, with all that is its own: its entries, its particulars and, if it is a
/// principal, its memberships, assignments, sessions and tokens.
fn remove(tx: &mut Transaction, object: u32) -> Result<(), Box<Refusal>> {
    let entries = tx.state.acls.of(&tx.state.objects, object).map(|acl| acl.entries.clone()).unwrap_or_default();
    // The last first: what is taken from the end of a long list moves nothing.
    for entry in entries.into_iter().rev() {
        remove_entry(tx, object, entry.principal)?;
    }
    personas::release(tx, object)?;
    let principal = tx.state.principal_of(object);
    if let Some(id) = principal {
        accounts::release(tx, id, object)?;
    }
    tx.remove(Key::Particulars(object))?;
    tx.delete(Key::Object(object))?;
    let Some(id) = principal else { return Ok(()) };
    let Some(known) = tx.state.principals.get(id) else { return Ok(()) };
    let memberships: Vec<(u32, u32)> =
        known.members.iter().map(|&member| (id, member)).chain(known.groups.iter().map(|&group| (group, id))).collect();
    for (group, member) in memberships.into_iter().rev() {
        tx.delete(Key::Member { group, member })?;
    }
    tx.release_principal(id)
}

/// Refuses what comes with every policy.
pub(super) fn refuse_built_in(state: &State, object: u32) -> Result<(), Box<Refusal>> {
    let is_principal = state.principal_of(object).is_some_and(|id| id <= DEFAULT_USER);
    let is_built_in = state.is_system_object(object) || is_principal || state.persona(object).predefined;
    if is_built_in {
        return Err(Refusal::invalid(format_args!(
            "{} is built in: it cannot be deleted, moved or renamed",
            state.describe(object)
        )));
    }
    Ok(())
}

/// Deleting and renaming need `modify` on the container, the object, and everything below whose inheritance is
/// broken (`domain.md` §1).
fn require_modify_throughout(tx: &Transaction, object: u32) -> Result<(), Box<Refusal>> {
    let (view, modify) = (tx.view(), tx.state.schema.roles().modify);
    let container = tx.state.objects.get(object).map_or(ROOT, |known| known.parent());
    view.require(modify, container)?;
    view.require(modify, object)?;
    if view.is_admin() {
        return Ok(());
    }
    let below = tx.state.objects.subtree(object);
    below
        .into_iter()
        .filter(|&id| !tx.state.acls.inheriting(&tx.state.objects, id))
        .try_for_each(|id| view.require(modify, id))
}

pub(super) fn relocate(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    if arguments.text("newParent")?.is_none() && arguments.text("newName")?.is_none() {
        return Err(Refusal::told(
            Refusal::MissingArgument,
            format_args!("`moveObject` needs `newParent` or `newName`"),
        ));
    }
    if arguments.text("newName")?.is_some_and(|name| name.is_empty()) {
        return Err(Refusal::invalid(format_args!("`newName` is empty")));
    }
    let object = removable(tx, arguments)?;
    let parent = tx.state.objects.get(object).map_or(ROOT, |known| known.parent());
    let new_parent = arguments.text("newParent")?.map(|path| target(tx, object, path)).transpose()?.unwrap_or(parent);
    let new_name = match arguments.text("newName")? {
        Some(new_name) => stored_name(tx.state, object, new_parent, new_name),
        None => tx.state.objects.name(object).to_owned(),
    };
    relocate_to(tx, object, new_parent, new_name)?;
    Ok(object_reply(tx.state, object))
}

/// Gives an object another name, with all that follows from it. Whether the caller may is not looked at.
pub(super) fn rename(tx: &mut Transaction, object: u32, new_name: &str) -> Result<(), Box<Refusal>> {
    if new_name.is_empty() {
        return Err(Refusal::invalid(format_args!("`newName` is empty")));
    }
    refuse_built_in(tx.state, object)?;
    let parent = tx.state.objects.get(object).map_or(ROOT, |known| known.parent());
    relocate_to(tx, object, parent, new_name.to_owned())
}

fn relocate_to(tx: &mut Transaction, object: u32, new_parent: u32, new_name: String) -> Result<(), Box<Refusal>> {
    let Some(Record::Object { id, kind, name, inheriting, .. }) = tx.state.record(&Key::Object(object)) else {
        return Ok(());
    };
    let Some(kind_id) = tx.state.schema.type_by_name(&kind) else { return Ok(()) };
    if new_name != name {
        check_renamed(tx, kind_id, &new_name)?;
    }
    if let Some(other) =
        tx.state.objects.child(new_parent, kind_id, new_name.as_bytes()).filter(|&other| other != object)
    {
        let name = tx.state.display_name(other);
        return Err(Refusal::DuplicateObject { kind, name }.into());
    }
    if new_name != name {
        carry_principal(tx, kind_id, &name, &new_name)?;
    }
    tx.put(Record::Object { id, kind, parent: new_parent, name: new_name, inheriting })
}

/// The object to move to, if the caller may move there.
fn target(tx: &Transaction, object: u32, path: &str) -> Result<u32, Box<Refusal>> {
    let view = tx.view();
    let located = tx.state.locate(&Address::parse(&tx.state.schema, path)?);
    view.require_registered(&located, located.missing.last(), tx.state.schema.roles().modify)?;
    let target = located.object;
    let Some(known) = tx.state.objects.get(object) else { return Ok(target) };
    if target == known.parent() {
        return Ok(target);
    }
    view.require(tx.state.schema.roles().modify, target)?;
    view.require(tx.state.schema.roles().change_permissions, object)?;
    if tx.state.objects.ancestry(target).any(|above| above == object) {
        let what = tx.state.describe(object);
        return Err(Refusal::invalid(format_args!("{what} cannot be moved into itself: `newParent` lies below it")));
    }
    if !tx.state.objects.may_lie(&tx.state.schema, known.kind(), target) {
        let (kind, place) = (tx.state.kind_name(object), tx.state.describe(target));
        return Err(Refusal::invalid(format_args!("a {kind} cannot lie under {place}")));
    }
    Ok(target)
}

/// A new name as it is kept: without the parent's name in front, where the type allows one there.
fn stored_name(state: &State, object: u32, parent: u32, name: &str) -> String {
    let kind = state.objects.get(object).map_or(SYSTEM_OBJECT, |known| known.kind());
    crate::address::unqualified(&state.schema, kind, state.objects.name(parent), name).to_owned()
}

fn check_renamed(tx: &Transaction, kind: TypeId, name: &str) -> Result<(), Box<Refusal>> {
    crate::address::check_name_rules(tx.state.schema.grammar(), kind, name)?;
    check_new_name(tx, kind, name)
}

/// A renamed principal, or a renamed project's, takes its entries and memberships along. What stands under the new
/// name already are entries whose bearer is gone; only `admin` gets here then, and they become this principal's.
fn carry_principal(tx: &mut Transaction, kind: TypeId, old: &str, new: &str) -> Result<(), Box<Refusal>> {
    let known = tx.state.schema.object_type(kind);
    let (kind, old, new) = match (&known.principal_prefix, PrincipalType::parse(&known.name)) {
        (Some(prefix), _) => (PrincipalType::User, format!("{prefix}{old}"), format!("{prefix}{new}")),
        (None, Ok(kind)) => (kind, old.to_owned(), new.to_owned()),
        (None, Err(_)) => return Ok(()),
    };
    let Some(id) = tx.state.principals.find(kind, &old) else { return Ok(()) };
    if let Some(orphan) = tx.state.principals.find(kind, &new) {
        adopt_entries(tx, orphan, id)?;
    }
    tx.put(Record::Principal { id, kind, name: new })
}

fn adopt_entries(tx: &mut Transaction, from: u32, to: u32) -> Result<(), Box<Refusal>> {
    let lists: Vec<u32> = tx.state.acls.iter().filter(|acl| acl.find(from).is_some()).map(|acl| acl.object).collect();
    for object in order::by_number(lists, |object| *object) {
        let Some((acl, entry)) = tx.state.acls.find(&tx.state.objects, object, from) else { continue };
        let says = Says { allow: entry.allow, deny: entry.deny, window: acl.window(entry.id) };
        if acl.find(to).is_some() {
            let principal = tx.state.principal_label(from);
            return Err(Refusal::DuplicateAclEntry { principal, object: tx.state.describe(object) }.into());
        }
        tx.delete(Key::Entry { object, principal: from, qualifier: String::new() })?;
        put_entry(tx, object, to, says)?;
    }
    if tx.state.principals.get(from).is_some() { tx.delete(Key::Principal(from)) } else { Ok(()) }
}

fn object_reply(state: &State, object: u32) -> Fields {
    Fields::default().value("object", state.object_head(object).text("path", &state.path(object)).done())
}
