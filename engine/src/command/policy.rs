//! Commands on the policy itself: its beginning and its schema.

use super::objects::add_defaults;
use super::{Reply, accounts, personas};
use crate::arguments::Arguments;
use crate::change::{Key, PrincipalType, Record};
use crate::fields::{Fields, Json};
use crate::json::Value;
use crate::objects::ROOT;
use crate::principals::BUILT_IN;
use crate::refusal::Refusal;
use crate::schema::{DIRECTORY, SERVER, SYSTEM_OBJECT, Schema};
use crate::transaction::{Transaction, take_id};
use crate::view::View;

/// The first command of every policy: its schema, its system objects, the built-in principals, and with the built-in
/// schema the predefined personas and what `default` may.
pub(super) fn create(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    if tx.state.policy != [0; 16] {
        return Err(Refusal::invalid(format_args!("the policy exists already; `setSchema` changes its schema")));
    }
    let schema = match arguments.value("schema") {
        Some(value) => read_schema(value)?,
        None => Schema::cdro(),
    };
    // The seed becomes the policy's identity; an all-zero one would look like none.
    let mut id = tx.seed;
    if let Some(first) = id.first_mut() {
        *first |= 1;
    }
    tx.put(Record::Policy { id, schema: schema.json().into() })?;
    tx.put(Record::Object { id: ROOT, kind: "systemObject".into(), parent: 0, name: SERVER.into(), inheriting: true })?;
    add_system_objects(tx, &schema)?;
    for (id, (kind, name)) in (1..).zip(BUILT_IN) {
        tx.put(Record::Principal { id, kind, name: name.into() })?;
        add_principal_object(tx, kind, name)?;
    }
    // Only now is there an `admin` to be. What is refused is taken back whole.
    tx.view().require_admin("begin a policy")?;
    add_defaults(tx, ROOT, schema.on_create(), None)?;
    // A schema of the user's own brings nothing but what it says.
    if arguments.value("schema").is_none() {
        accounts::give_default_permissions(tx)?;
        personas::add_predefined(tx)?;
    }
    Ok(Fields::default())
}

fn read_schema(value: &Value) -> Result<Schema, Box<Refusal>> {
    match value {
        Value::String(text) => Schema::parse(text),
        other => Schema::parse(&other.to_string()),
    }
}

fn add_system_objects(tx: &mut Transaction, schema: &Schema) -> Result<(), Box<Refusal>> {
    for name in schema.system_objects().iter().filter(|name| *name != SERVER) {
        if tx.state.objects.child(ROOT, SYSTEM_OBJECT, name.as_bytes()).is_none() {
            let id = take_id(tx.state.next.object, "objects")?;
            tx.put(Record::Object {
                id,
                kind: "systemObject".into(),
                parent: ROOT,
                name: name.clone(),
                inheriting: true,
            })?;
        }
    }
    Ok(())
}

fn add_principal_object(tx: &mut Transaction, kind: PrincipalType, name: &str) -> Result<(), Box<Refusal>> {
    let id = take_id(tx.state.next.object, "objects")?;
    let parent = tx.state.objects.system_object(DIRECTORY).unwrap_or(ROOT);
    tx.put(Record::Object { id, kind: kind.as_str().into(), parent, name: name.into(), inheriting: true })
}

/// Gives the policy another schema, unless an object would lose its type or its place, or a privilege its bit.
pub(super) fn set_schema(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    tx.view().require_admin("change the schema")?;
    let value = arguments
        .value("schema")
        .ok_or_else(|| Refusal::told(Refusal::MissingArgument, format_args!("`setSchema` needs `schema`")))?;
    let schema = read_schema(value)?;
    check_privileges(tx, &schema)?;
    remove_unused_system_objects(tx, &schema)?;
    check_objects(tx, &schema)?;
    tx.put(Record::Policy { id: tx.state.policy, schema: schema.json().into() })?;
    add_system_objects(tx, &schema)?;
    Ok(Fields::default())
}

/// A privilege in use keeps its bit: entries hold bits, and must not come to mean something else.
fn check_privileges(tx: &Transaction, schema: &Schema) -> Result<(), Box<Refusal>> {
    let used =
        tx.state.acls.iter().flat_map(|acl| acl.entries.iter()).fold(0, |all, entry| all | entry.allow | entry.deny);
    for (bit, name) in tx.state.schema.privileges().iter().enumerate() {
        let same = schema.privileges().get(bit) == Some(name);
        let moved = schema.privilege(name).is_some();
        if !same && (used >> bit & 1 == 1 || moved) {
            return Err(Refusal::invalid(format_args!(
                "the schema would move or remove the privilege `{name}`: it stays at place {bit} of `privileges`"
            )));
        }
    }
    Ok(())
}

/// System objects that the new schema lacks go, if nothing lies under them and no list is theirs.
fn remove_unused_system_objects(tx: &mut Transaction, schema: &Schema) -> Result<(), Box<Refusal>> {
    let gone: Vec<u32> = tx
        .state
        .objects
        .children(ROOT)
        .into_iter()
        .filter(|&id| {
            tx.state.is_system_object(id)
                && !schema.system_objects().iter().any(|name| name == tx.state.objects.name(id))
        })
        .collect();
    for id in gone {
        let used = tx.state.objects.get(id).is_some_and(|known| known.has_children() || known.own_acl().is_some());
        if used {
            let what = tx.state.describe(id);
            return Err(Refusal::invalid(format_args!(
                "the schema lacks {what}, which has entries or objects below it"
            )));
        }
        tx.delete(Key::Object(id))?;
    }
    Ok(())
}

fn check_objects(tx: &Transaction, schema: &Schema) -> Result<(), Box<Refusal>> {
    match tx.state.first_misfit(schema) {
        Some(object) => {
            let what = tx.state.describe(object);
            Err(Refusal::invalid(format_args!("the schema would orphan {what}: it gives the type no such place")))
        }
        None => Ok(()),
    }
}

/// The policy's schema, as it was given.
pub(super) fn get_schema(view: &View, _: &Arguments) -> Reply {
    Ok(Fields::default().value("schema", Json::written(view.state.schema.json().to_owned())))
}
