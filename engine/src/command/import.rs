//! Import: what an export holds, all or nothing (`domain.md` §1, "Import").
//!
//! An object's list is replaced as a whole, and so are a text and a persona's details, where the import has them; members
//! of groups, pages of categories and assignments are added; what the import does not have stays. The same import a
//! second time changes nothing. What the policy cannot take over without losing what it has is left out, and told.

mod accounts;
mod left_out;
mod personas;

use super::Reply;
use super::acls::{Says, put_entry, remove_entry, set_inheriting};
use super::objects::register;
use crate::address::{Address, shorten};
use crate::arguments::{
    Arguments, MAX_VALUE_CHARS, PrivilegeWord, check_principal_name, parse_effect, privilege_argument,
};
use crate::change::{PrincipalType, Record, Window};
use crate::fields::Fields;
use crate::json::{Map, Value};
use crate::locate::Located;
use crate::order;
use crate::principals::EVERYONE;
use crate::refusal::Refusal;
use crate::schema::{DIRECTORY, PERSONA, PERSONA_CATEGORY, PERSONA_PAGE, SYSTEM_OBJECT};
use crate::transaction::Transaction;

/// What an object may have beside its list and, of a group, its members; and the types of the objects that may.
const FIELDS: [(&str, &[&str]); 9] = [
    ("description", &[PERSONA, PERSONA_CATEGORY, PERSONA_PAGE]),
    ("email", &["user"]),
    ("fullUserName", &["user"]),
    ("homePageName", &[PERSONA]),
    ("isDefault", &[PERSONA]),
    ("personaDetails", &[PERSONA]),
    ("personaPages", &[PERSONA_CATEGORY]),
    ("personas", &["group", "user"]),
    ("url", &[PERSONA_PAGE]),
];

/// An object of the import, which is registered, and what the import says of it.
#[derive(Clone, Copy)]
struct Imported<'a> {
    object: u32,
    value: &'a Value,
}

pub(super) fn import(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    tx.view().require_admin("import")?;
    let objects = arguments.value("objects").and_then(Value::as_array);
    let objects = objects.ok_or_else(|| Refusal::invalid(format_args!("`objects` is not a list")))?;
    let before = tx.change_count();
    // Every object first: members and entries may name principals that stand further on, personas pages.
    let mut registered = Vec::with_capacity(objects.len());
    for value in objects {
        let object = register_at(tx, text(value, "path")?)?;
        registered.push(Imported { object, value });
    }
    for imported in &registered {
        take_over(tx, *imported)?;
    }
    let left_out = personas::take_over(tx, &registered)?;
    let changes = tx.change_count() - before;
    let told = Fields::default()
        .number("objects", objects.len())
        .number("changes", changes)
        .list("leftOut", left_out.into_values(tx.state));
    Ok(Fields::default().value("import", told.done()))
}

/// Takes over what concerns one object alone.
fn take_over(tx: &mut Transaction, imported: Imported) -> Result<(), Box<Refusal>> {
    let Imported { object, value } = imported;
    check_fields(tx, imported)?;
    if let Some(acl) = value.get("acl") {
        replace_acl(tx, object, acl)?;
    }
    for member in list(value, "members")? {
        add_member(tx, object, member)?;
    }
    accounts::take_over(tx, imported)
}

/// Refuses what an object of the type cannot have.
fn check_fields(tx: &Transaction, imported: Imported) -> Result<(), Box<Refusal>> {
    let kind = tx.state.kind_name(imported.object);
    let misfit = FIELDS.iter().find(|(name, kinds)| imported.value.get(name).is_some() && !kinds.contains(&kind));
    match misfit {
        None => Ok(()),
        Some((name, _)) => {
            let what = tx.state.describe(imported.object);
            Err(Refusal::invalid(format_args!("{what} cannot have `{name}`")))
        }
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, Box<Refusal>> {
    let text = value.get(name).and_then(Value::as_str);
    text.ok_or_else(|| Refusal::invalid(format_args!("an object of the import lacks `{name}`")))
}

fn list<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], Box<Refusal>> {
    match value.get(name) {
        None => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(Refusal::invalid(format_args!("`{name}` in the import is not a list"))),
    }
}

/// A text that an object need not have.
fn optional_text<'a>(value: &'a Value, name: &str) -> Result<Option<&'a str>, Box<Refusal>> {
    let path = || shorten(value.get("path").and_then(Value::as_str).unwrap_or_default());
    let text = match value.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text,
        Some(_) => {
            let path = path();
            return Err(Refusal::invalid(format_args!("`{name}` of `{path}` in the import is not a text")));
        }
    };
    match text.chars().count() {
        0..=MAX_VALUE_CHARS => Ok(Some(text)),
        chars => {
            let name = format!("{name} of {}", path());
            Err(Refusal::ValueTooLong { name, chars, limit: MAX_VALUE_CHARS }.into())
        }
    }
}

/// The object at a path, created with all that is missing above it.
fn register_at(tx: &mut Transaction, path: &str) -> Result<u32, Box<Refusal>> {
    let located = tx.state.locate(&Address::parse(&tx.state.schema, path)?);
    register(tx, located)
}

/// The imported list takes the place of the whole list that the object has.
fn replace_acl(tx: &mut Transaction, object: u32, acl: &Value) -> Result<(), Box<Refusal>> {
    let mut wanted: Vec<(u32, Says)> = Vec::new();
    let mut principals = Vec::new();
    for entry in list(acl, "entries")? {
        let (principal, says) = read_entry(tx, entry)?;
        principals.push(principal);
        wanted.push((principal, says));
    }
    principals = order::by_number(principals, |principal| *principal);
    for pair in principals.windows(2) {
        if let [principal, next] = *pair
            && principal == next
        {
            let (name, what) = (tx.state.principal_label(principal), tx.state.describe(object));
            return Err(Refusal::DuplicateAclEntry { principal: name, object: what }.into());
        }
    }
    let inheriting = acl.get("inheriting").and_then(Value::as_bool).unwrap_or(true);
    set_inheriting(tx, object, inheriting)?;
    let old = tx.state.acls.of(&tx.state.objects, object).map(|acl| acl.entries.clone()).unwrap_or_default();
    for entry in old.iter().filter(|entry| principals.binary_search(&entry.principal).is_err()) {
        remove_entry(tx, object, entry.principal)?;
    }
    wanted.into_iter().try_for_each(|(principal, says)| put_entry(tx, object, principal, says))
}

fn read_entry(tx: &mut Transaction, entry: &Value) -> Result<(u32, Says), Box<Refusal>> {
    let kind = PrincipalType::parse(text(entry, "principalType")?)?;
    let name = text(entry, "principalName")?;
    check_principal_name(kind, name)?;
    let mut words = Vec::new();
    for (argument, word) in
        entry.as_object().into_iter().flat_map(Map::iter).filter(|(name, _)| name.ends_with("Privilege"))
    {
        let mask = privilege_argument(&tx.state.schema, argument)?;
        let effect = parse_effect(argument, word.as_str().unwrap_or("?"))?;
        words.push(PrivilegeWord { mask, effect });
    }
    let says = Says { window: Window::default(), ..Says::default() }.with(&words);
    Ok((tx.keep_principal(kind, name)?, says))
}

/// Adds a member to a group, registering the member if nobody has.
fn add_member(tx: &mut Transaction, group: u32, member: &Value) -> Result<(), Box<Refusal>> {
    let kind = PrincipalType::parse(text(member, "memberType")?)?;
    let name = text(member, "memberName")?;
    let group_name = tx.state.objects.name(group).to_owned();
    let is_group = tx.state.kind_name(group) == PrincipalType::Group.as_str();
    let Some(group) = tx.state.principals.find(PrincipalType::Group, &group_name).filter(|_| is_group) else {
        let what = tx.state.describe(group);
        return Err(Refusal::invalid(format_args!(
            "{what} is not a group, so `{}` cannot be its member",
            shorten(name)
        )));
    };
    if group == EVERYONE {
        return Err(Refusal::invalid(format_args!("the group `Everyone` holds all users: it has no list of members")));
    }
    if tx.state.principal_object(kind, name).is_none() {
        register_principal(tx, kind, name)?;
    }
    let Some(member) = tx.state.principals.find(kind, name) else { return Ok(()) };
    if tx.state.principals.holds(member, group) {
        return Err(Refusal::invalid(format_args!(
            "`{}` cannot be a member of `{}`, which is in it: a cycle",
            shorten(name),
            shorten(&group_name)
        )));
    }
    tx.put(Record::Member { group, member })
}

fn register_principal(tx: &mut Transaction, kind: PrincipalType, name: &str) -> Result<(), Box<Refusal>> {
    let directory = tx.state.objects.system_object(DIRECTORY).unwrap_or_default();
    let kind = tx.state.schema.type_by_name(kind.as_str()).unwrap_or(SYSTEM_OBJECT);
    register(tx, Located { object: directory, missing: vec![(kind, name.to_owned())] }).map(drop)
}
