//! What an import says of persona pages, categories and personas, and to whom it assigns these.

use super::left_out::LeftOut;
use super::{Imported, list, optional_text, text};
use crate::address::shorten;
use crate::change::{Key, Record};
use crate::command::objects::register;
use crate::command::personas::{container, find, put, put_persona, set_default, shows, unite};
use crate::json::Value;
use crate::locate::Located;
use crate::particulars::{Category, Page, Particulars, Persona};
use crate::refusal::Refusal;
use crate::schema::{PERSONA, PERSONA_CATEGORY, PERSONA_PAGE, SYSTEM_OBJECT};
use crate::state::State;
use crate::transaction::Transaction;

/// Categories and the pages of each, as a persona has them.
type Details = Vec<(u32, Vec<u32>)>;

const UNKNOWN: &str = "no such persona, neither in the import nor in the policy";
const PREDEFINED: &str = "predefined and read-only, left as it is";
const NOT_SHOWN: &str = "not a page of the persona";
const UNFIT: &str = "the default persona needs a home page";
const NOT_THE_LAST: &str = "there is one default persona, and a later one was to be it";

/// Takes over everything about personas, and says what could not be: pages and categories first, since personas show
/// them, and assignments at the end.
pub(super) fn take_over(tx: &mut Transaction, imported: &[Imported]) -> Result<LeftOut, Box<Refusal>> {
    let of = |kind: &str| {
        let objects = imported.iter().copied().filter(|known| tx.state.kind_name(known.object) == kind);
        objects.collect::<Vec<_>>()
    };
    let (pages, categories, personas) = (of(PERSONA_PAGE), of(PERSONA_CATEGORY), of(PERSONA));
    for page in pages {
        put_page(tx, page)?;
    }
    for category in categories {
        put_category(tx, category)?;
    }
    for persona in &personas {
        add_detail_pages(tx, *persona)?;
    }
    let mut left_out = LeftOut::default();
    put_personas(tx, &personas, &mut left_out)?;
    for bearer in imported.iter().filter(|known| known.value.get("personas").is_some()) {
        assign(tx, *bearer, &mut left_out)?;
    }
    Ok(left_out)
}

fn put_page(tx: &mut Transaction, imported: Imported) -> Result<(), Box<Refusal>> {
    let mut page = tx.state.page(imported.object);
    set_text(imported.value, "description", &mut page.description)?;
    set_text(imported.value, "url", &mut page.url)?;
    let is_empty = page == Page::default();
    put(tx, imported.object, Particulars::Page(page), is_empty)
}

/// The imported pages come first, in their order. Those that the category has beyond them stay behind them: personas
/// may show them.
fn put_category(tx: &mut Transaction, imported: Imported) -> Result<(), Box<Refusal>> {
    let mut pages = Vec::new();
    for name in names(imported.value, "personaPages")?.unwrap_or_default() {
        pages.push(find_or_register(tx, PERSONA_PAGE, name)?);
    }
    let Category { mut description, pages: known } = tx.state.category(imported.object);
    set_text(imported.value, "description", &mut description)?;
    pages.extend(known);
    put_pages(tx, imported.object, description, &pages)
}

/// Puts a category, each page once, at its first place.
fn put_pages(tx: &mut Transaction, category: u32, description: String, pages: &[u32]) -> Result<(), Box<Refusal>> {
    let (mut once, mut seen) = (Vec::with_capacity(pages.len()), Vec::new());
    once.extend(pages.iter().filter(|page| crate::order::insert(&mut seen, **page)));
    let category_now = Category { description, pages: once };
    let is_empty = category_now == Category::default();
    put(tx, category, Particulars::Category(category_now), is_empty)
}

/// Sees to it that all categories and pages are there that a persona shows, and the pages in the categories. This is
/// done for every persona before the first is put: a detail without pages is then the same in a second import.
fn add_detail_pages(tx: &mut Transaction, imported: Imported) -> Result<(), Box<Refusal>> {
    if tx.state.persona(imported.object).predefined {
        return Ok(());
    }
    for detail in list(imported.value, "personaDetails")? {
        let category = find_or_register(tx, PERSONA_CATEGORY, text(detail, "personaCategory")?)?;
        let Category { description, mut pages } = tx.state.category(category);
        for name in names(detail, "personaPages")?.unwrap_or_default() {
            pages.push(find_or_register(tx, PERSONA_PAGE, name)?);
        }
        put_pages(tx, category, description, &pages)?;
    }
    Ok(())
}

/// Puts the personas and moves the default. The persona that was the default comes last: it may lose its home page
/// once another has taken its place.
fn put_personas(tx: &mut Transaction, imported: &[Imported], left_out: &mut LeftOut) -> Result<(), Box<Refusal>> {
    let default = tx.state.default_persona();
    let (mut waiting, mut wanted) = (None, Vec::new());
    for known in imported {
        let is_default = default == Some(known.object);
        let before = if is_default { waiting.take() } else { None };
        let before: Persona = before.unwrap_or_else(|| tx.state.persona(known.object));
        let persona = altered(tx.state, *known, before, left_out)?;
        if flag(known.value, "isDefault")? {
            wanted.push((known.object, persona.home != 0));
        }
        if is_default {
            waiting = Some(persona);
        } else {
            put_persona(tx, known.object, persona)?;
        }
    }
    move_default(tx, &wanted, left_out)?;
    match (default, waiting) {
        (Some(object), Some(persona)) => put_former_default(tx, object, persona, left_out),
        _ => Ok(()),
    }
}

/// A persona as the import has it, as far as it can be so.
fn altered(
    state: &State,
    imported: Imported,
    mut persona: Persona,
    left_out: &mut LeftOut,
) -> Result<Persona, Box<Refusal>> {
    let Imported { object, value } = imported;
    if persona.predefined {
        if differs(state, value, &persona)? {
            left_out.add("persona", state.objects.name(object), PREDEFINED, object);
        }
        return Ok(persona);
    }
    set_text(value, "description", &mut persona.description)?;
    if let Some(details) = details(state, value)? {
        persona.details = details;
    }
    if let Some(name) = optional_text(value, "homePageName")? {
        let page = find(state, PERSONA_PAGE, name).filter(|page| shows(&persona, *page));
        if page.is_none() && !name.is_empty() {
            left_out.add("homePageName", name, NOT_SHOWN, object);
        } else {
            persona.home = page.unwrap_or_default();
        }
    }
    if !shows(&persona, persona.home) {
        persona.home = 0;
    }
    Ok(persona)
}

/// Whether the import has a persona otherwise than it is.
fn differs(state: &State, value: &Value, persona: &Persona) -> Result<bool, Box<Refusal>> {
    let home = if persona.home == 0 { "" } else { state.objects.name(persona.home) };
    let texts = [("description", persona.description.as_str()), ("homePageName", home)];
    for (name, text) in texts {
        if optional_text(value, name)?.is_some_and(|given| given != text) {
            return Ok(true);
        }
    }
    Ok(value.get("personaDetails").is_some() && details(state, value)?.as_ref() != Some(&persona.details))
}

/// The details that the import gives a persona: the categories and the pages of each, all of a category where it names
/// none. None where it gives no details, or names something that there is not.
fn details(state: &State, value: &Value) -> Result<Option<Details>, Box<Refusal>> {
    if value.get("personaDetails").is_none() {
        return Ok(None);
    }
    let mut details = Vec::new();
    for detail in list(value, "personaDetails")? {
        let Some(category) = find(state, PERSONA_CATEGORY, text(detail, "personaCategory")?) else { return Ok(None) };
        let pages = match names(detail, "personaPages")? {
            None => Some(state.category(category).pages),
            Some(names) => names.into_iter().map(|name| find(state, PERSONA_PAGE, name)).collect(),
        };
        let Some(pages) = pages else { return Ok(None) };
        unite(&mut details, category, &pages);
    }
    Ok(Some(details))
}

/// Makes the last persona the default that the import wants so and that may be it.
fn move_default(tx: &mut Transaction, wanted: &[(u32, bool)], left_out: &mut LeftOut) -> Result<(), Box<Refusal>> {
    let chosen = wanted.iter().rposition(|(_, is_fit)| *is_fit);
    for (place, &(object, is_fit)) in wanted.iter().enumerate() {
        if Some(place) != chosen {
            let why = if is_fit { NOT_THE_LAST } else { UNFIT };
            left_out.add("isDefault of persona", tx.state.objects.name(object), why, object);
        } else if tx.state.default_persona() != Some(object) {
            set_default(tx, object)?;
        }
    }
    Ok(())
}

/// Puts the persona that was the default before, unless it still is and would lose its home page.
fn put_former_default(
    tx: &mut Transaction,
    object: u32,
    persona: Persona,
    left_out: &mut LeftOut,
) -> Result<(), Box<Refusal>> {
    if tx.state.default_persona() == Some(object) && persona.home == 0 {
        left_out.add("persona", tx.state.objects.name(object), UNFIT, object);
        return Ok(());
    }
    put_persona(tx, object, persona)
}

/// Assigns personas to a user or a group. One that is assigned already keeps its time.
fn assign(tx: &mut Transaction, imported: Imported, left_out: &mut LeftOut) -> Result<(), Box<Refusal>> {
    let Some(principal) = tx.state.principal_of(imported.object) else { return Ok(()) };
    for name in names(imported.value, "personas")?.unwrap_or_default() {
        match find(tx.state, PERSONA, name) {
            None => left_out.add("persona", name, UNKNOWN, imported.object),
            Some(persona) if tx.state.record(&Key::Assignment { principal, persona }).is_none() => {
                tx.put(Record::Assignment { persona, principal, at_ms: tx.now })?;
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn find_or_register(tx: &mut Transaction, kind: &str, name: &str) -> Result<u32, Box<Refusal>> {
    if let Some(known) = find(tx.state, kind, name) {
        return Ok(known);
    }
    let kind = tx.state.schema.type_by_name(kind).unwrap_or(SYSTEM_OBJECT);
    register(tx, Located { object: container(tx.state), missing: vec![(kind, name.to_owned())] })
}

fn set_text(value: &Value, name: &str, text: &mut String) -> Result<(), Box<Refusal>> {
    if let Some(given) = optional_text(value, name)? {
        given.clone_into(text);
    }
    Ok(())
}

fn flag(value: &Value, name: &str) -> Result<bool, Box<Refusal>> {
    match value.get(name) {
        None => Ok(false),
        Some(Value::Bool(is_set)) => Ok(*is_set),
        Some(other) => Err(Refusal::InvalidBoolean(shorten(&other.to_string()).to_string()).into()),
    }
}

/// Names, where there is a list of them.
fn names<'a>(value: &'a Value, name: &str) -> Result<Option<Vec<&'a str>>, Box<Refusal>> {
    if value.get(name).is_none() {
        return Ok(None);
    }
    let names: Option<Vec<&str>> = list(value, name)?.iter().map(Value::as_str).collect();
    let misfit = || Refusal::invalid(format_args!("`{name}` in the import is not a list of names"));
    names.map(Some).ok_or_else(misfit)
}
