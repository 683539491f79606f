//! Commands on personas, their categories and pages, and whom they are assigned to (`seeds/004…`, `domain.md` §5).
//!
//! Three rules hold after every command: what a persona shows of a category are pages of the category; a persona's
//! home page is one that it shows; the default persona has a home page. The index of a category is the order of its
//! object's id, the index of a page its place in the category.

mod assignments;
mod categories;
mod details;
mod merging;
mod pages;
mod predefined;

use super::{Reply, objects};
use crate::address::Address;
use crate::arguments::Arguments;
use crate::change::Key;
use crate::fields::{Fields, Json};
use crate::json::Value;
use crate::objects::ROOT;
use crate::order;
use crate::particulars::{Particulars, Persona};
use crate::refusal::Refusal;
use crate::schema::{PERSONA, PERSONA_CATEGORY, PERSONA_PAGE, PERSONAS, SYSTEM_OBJECT};
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::View;

pub(super) use assignments::{assign_to_group, assign_to_user, unassign_from_group, unassign_from_user};
pub(super) use categories::{create_category, delete_category, get_categories, get_category, modify_category};
pub(super) use details::{add_detail, remove_detail};
pub(super) use merging::get_all;
pub(super) use pages::{create_page, delete_page, get_page, get_pages, modify_page};
pub(super) use predefined::add_predefined;

pub(super) fn create(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let object = objects::create_under(tx, PERSONAS, PERSONA, arguments.required("personaName")?)?;
    alter(tx, object, arguments)
}

pub(super) fn modify(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let object = changeable(tx, PERSONA, arguments.required("personaName")?)?;
    let becomes_default = arguments.switch("isDefault")?;
    if becomes_default == Some(false) || asks_for_more(arguments) {
        refuse_predefined(tx.state, object)?;
    }
    if let Some(new_name) = arguments.text("newName")? {
        objects::rename(tx, object, new_name)?;
    }
    alter(tx, object, arguments)
}

/// Whether an argument is given that is about more than which persona is the default.
fn asks_for_more(arguments: &Arguments) -> bool {
    let mut others =
        arguments.command().arguments.iter().filter(|known| !["personaName", "isDefault"].contains(&known.name));
    others.any(|argument| given(arguments, argument.name).is_some())
}

/// Gives a persona what the arguments say, and answers what it is then.
fn alter(tx: &mut Transaction, object: u32, arguments: &Arguments) -> Reply {
    let persona = altered(&tx.view(), tx.state.persona(object), arguments)?;
    put_persona(tx, object, persona)?;
    match arguments.switch("isDefault")? {
        Some(true) => set_default(tx, object)?,
        Some(false) if tx.state.default_persona() == Some(object) => {
            let what = tx.state.describe(object);
            return Err(Refusal::invalid(format_args!(
                "{what} is the default: it ceases to be when another is given `isDefault 1`"
            )));
        }
        _ => {}
    }
    Ok(Fields::default().value("persona", render(tx.state, object)))
}

fn altered(view: &View, mut persona: Persona, arguments: &Arguments) -> Result<Persona, Box<Refusal>> {
    if arguments.flag("clearDetails")? {
        persona.details.clear();
    }
    if let Some(value) = given(arguments, "personaDetails") {
        for (category, pages) in details::read(view, value)? {
            unite(&mut persona.details, category, &pages);
        }
    }
    if let Some(description) = arguments.value_text("description")? {
        persona.description = description.to_owned();
    }
    match arguments.text("homePageName")? {
        None => {}
        Some("") => persona.home = 0,
        Some(name) => persona.home = home_page(view, &persona, name)?,
    }
    Ok(persona)
}

/// The page of that name, which must be one that the persona shows.
fn home_page(view: &View, persona: &Persona, name: &str) -> Result<u32, Box<Refusal>> {
    let page = named(view, PERSONA_PAGE, name)?;
    if shows(persona, page) {
        return Ok(page);
    }
    let what = view.state.describe(page);
    Err(Refusal::invalid(format_args!("`homePageName` is {what}, which is not among the persona's details")))
}

pub(super) fn delete(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    remove(tx, PERSONA, arguments.required("personaName")?)
}

pub(super) fn get(view: &View, arguments: &Arguments) -> Reply {
    let object = readable(view, PERSONA, arguments.required("personaName")?)?;
    Ok(Fields::default().value("persona", render(view.state, object)))
}

/// Lets go of a persona, a category or a page that is being removed: nothing names it any more afterwards.
pub(super) fn release(tx: &mut Transaction, object: u32) -> Result<(), Box<Refusal>> {
    match tx.state.kind_name(object) {
        PERSONA => release_persona(tx, object),
        PERSONA_CATEGORY => categories::release(tx, object),
        PERSONA_PAGE => pages::release(tx, object),
        _ => Ok(()),
    }
}

fn release_persona(tx: &mut Transaction, persona: u32) -> Result<(), Box<Refusal>> {
    if tx.state.default_persona() == Some(persona) {
        let what = tx.state.describe(persona);
        return Err(Refusal::invalid(format_args!(
            "{what} is the default: it cannot be deleted before `modifyPersona --isDefault 1` makes another so"
        )));
    }
    let assigned = tx.state.assigned_to(persona);
    assigned.into_iter().try_for_each(|principal| tx.delete(Key::Assignment { principal, persona }))
}

/// Removes the persona, category or page of that name.
fn remove(tx: &mut Transaction, kind: &str, name: &str) -> Reply {
    let object = changeable(tx, kind, name)?;
    objects::refuse_built_in(tx.state, object)?;
    objects::remove_tree(tx, object)?;
    Ok(Fields::default())
}

/// The persona, category or page of that name, for a caller who may change such.
fn changeable(tx: &Transaction, kind: &str, name: &str) -> Result<u32, Box<Refusal>> {
    let view = tx.view();
    view.require(view.state.schema.roles().modify, container(view.state))?;
    named(&view, kind, name)
}

/// The persona, category or page of that name, for a caller who may read it.
fn readable(view: &View, kind: &str, name: &str) -> Result<u32, Box<Refusal>> {
    let object = named(view, kind, name)?;
    view.require(view.state.schema.roles().read, object)?;
    Ok(object)
}

/// The persona, category or page of that name. Where the caller may not look at what holds them, it is not told that
/// there is none.
fn named(view: &View, kind: &str, name: &str) -> Result<u32, Box<Refusal>> {
    let kind = view.state.schema.type_by_name(kind).unwrap_or(SYSTEM_OBJECT);
    let located = view.state.locate(&Address { steps: vec![(kind, name.to_owned())], sheet: false });
    view.require_registered(&located, located.missing.last(), view.state.schema.roles().read)?;
    Ok(located.object)
}

pub(super) fn find(state: &State, kind: &str, name: &str) -> Option<u32> {
    state.objects.child(container(state), state.schema.type_by_name(kind)?, name.as_bytes())
}

/// All that the caller may read of a type, in the order in which they were made.
fn all_readable(view: &View, kind: &str) -> Vec<u32> {
    let children = view.state.objects.children(container(view.state)).into_iter();
    children.filter(|&object| view.state.kind_name(object) == kind && view.may_read(object)).collect()
}

pub(super) fn container(state: &State) -> u32 {
    state.objects.system_object(PERSONAS).unwrap_or(ROOT)
}

/// An argument that is there and not null.
fn given<'a>(arguments: &Arguments<'a>, name: &str) -> Option<&'a Value> {
    arguments.value(name).filter(|value| !value.is_null())
}

fn unless_empty(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn refuse_predefined(state: &State, object: u32) -> Result<(), Box<Refusal>> {
    if !state.persona(object).predefined {
        return Ok(());
    }
    let what = state.describe(object);
    Err(Refusal::invalid(format_args!(
        "{what} is predefined, and takes nothing but `isDefault 1`: what `getPersona` gives of it makes a copy"
    )))
}

/// Makes a persona the default in the place of the one that was.
pub(super) fn set_default(tx: &mut Transaction, object: u32) -> Result<(), Box<Refusal>> {
    require_fit_for_default(tx.state, object, &tx.state.persona(object))?;
    tx.put_particulars(container(tx.state), Particulars::DefaultPersona(object))
}

/// The default must have a home page; and as that is one of its pages, it has a detail then too.
fn require_fit_for_default(state: &State, object: u32, persona: &Persona) -> Result<(), Box<Refusal>> {
    if persona.home != 0 {
        return Ok(());
    }
    let what = state.describe(object);
    Err(Refusal::invalid(format_args!("{what} would be the default without a home page, or without any detail")))
}

/// Puts a persona. A home page that it no longer shows is unset. A persona without anything has no record.
pub(super) fn put_persona(tx: &mut Transaction, object: u32, mut persona: Persona) -> Result<(), Box<Refusal>> {
    if !shows(&persona, persona.home) {
        persona.home = 0;
    }
    if tx.state.default_persona() == Some(object) {
        require_fit_for_default(tx.state, object, &persona)?;
    }
    let is_empty = persona == Persona::default();
    put(tx, object, Particulars::Persona(persona), is_empty)
}

/// Puts particulars, unless they are empty: then there is no record, so that equal states have equal records.
pub(super) fn put(
    tx: &mut Transaction,
    object: u32,
    particulars: Particulars,
    is_empty: bool,
) -> Result<(), Box<Refusal>> {
    if is_empty { tx.remove(Key::Particulars(object)) } else { tx.put_particulars(object, particulars) }
}

pub(super) fn shows(persona: &Persona, page: u32) -> bool {
    persona.details.iter().any(|(_, pages)| pages.binary_search(&page).is_ok())
}

/// Adds pages of a category to details, which stay sorted.
pub(super) fn unite(details: &mut Vec<(u32, Vec<u32>)>, category: u32, pages: &[u32]) {
    let place = details.binary_search_by_key(&category, |(known, _)| *known).unwrap_or_else(|place| {
        details.insert(place, (category, Vec::new()));
        place
    });
    if let Some((_, known)) = details.get_mut(place) {
        for page in pages {
            order::insert(known, *page);
        }
    }
}

/// Pages in the order of their ids, to look them up in.
fn sorted(pages: &[u32]) -> Vec<u32> {
    order::by_number(pages.to_vec(), |page| *page)
}

/// Those of the pages that are among others, which are sorted by id; or those that are not.
fn pages_among(pages: &[u32], others: &[u32], are_among: bool) -> Vec<u32> {
    pages.iter().copied().filter(|page| others.binary_search(page).is_ok() == are_among).collect()
}

/// A list as answers have it.
fn render_all(state: &State, ids: &[u32], render: fn(&State, u32) -> Json) -> Vec<Json> {
    ids.iter().map(|id| render(state, *id)).collect()
}

/// A persona as answers have it.
fn render(state: &State, object: u32) -> Json {
    let persona = state.persona(object);
    let head = Fields::default()
        .text("personaName", state.objects.name(object))
        .maybe("description", unless_empty(persona.description.clone()))
        .flag("isDefault", state.default_persona() == Some(object));
    render_rest(state, head, &persona)
}

/// The home page and the details, behind other fields.
fn render_rest(state: &State, head: Fields, persona: &Persona) -> Json {
    let home = (persona.home != 0).then(|| state.objects.name(persona.home).to_owned());
    let details = persona.details.iter().map(|(category, pages)| details::render(state, *category, pages));
    head.maybe("homePageName", home).list("personaDetail", details.collect()).done()
}
