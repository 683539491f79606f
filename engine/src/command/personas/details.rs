//! A persona's details: the categories that it shows, and the pages of each.

use super::{changeable, find, given, named, pages_among, put_persona, refuse_predefined, render_all, sorted, unite};
use crate::arguments::Arguments;
use crate::command::Reply;
use crate::fields::{Fields, Json};
use crate::json::{self, Map, Value};
use crate::particulars::Persona;
use crate::refusal::Refusal;
use crate::schema::{PERSONA, PERSONA_CATEGORY, PERSONA_PAGE};
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::View;
use std::borrow::Cow;

pub(in crate::command) fn add_detail(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let object = changeable(tx, PERSONA, arguments.required("personaName")?)?;
    refuse_predefined(tx.state, object)?;
    let view = tx.view();
    let category = named(&view, PERSONA_CATEGORY, arguments.required("personaCategoryName")?)?;
    let pages = pages_of(&view, category, page_names(arguments)?)?;
    let mut persona = tx.state.persona(object);
    unite(&mut persona.details, category, &pages);
    put_persona(tx, object, persona)?;
    Ok(reply(tx.state, object, category))
}

pub(in crate::command) fn remove_detail(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let object = changeable(tx, PERSONA, arguments.required("personaName")?)?;
    refuse_predefined(tx.state, object)?;
    // A category that is not there is nothing to remove.
    let Some(category) = find(tx.state, PERSONA_CATEGORY, arguments.required("personaCategoryName")?) else {
        return Ok(Fields::default());
    };
    let mut persona = tx.state.persona(object);
    match page_names(arguments)? {
        None => drop_category(&mut persona, category),
        Some(names) => take(&mut persona, category, &sorted(&known_pages(&tx.view(), &names)?)),
    }
    put_persona(tx, object, persona)?;
    Ok(reply(tx.state, object, category))
}

/// Takes a category out of what a persona shows.
pub(super) fn drop_category(persona: &mut Persona, category: u32) {
    persona.details.retain(|(known, _)| *known != category);
}

/// Takes pages, which are sorted, out of what a persona shows of a category. The category stays, if with none.
pub(super) fn take(persona: &mut Persona, category: u32, pages: &[u32]) {
    if let Some((_, shown)) = persona.details.iter_mut().find(|(known, _)| *known == category) {
        *shown = pages_among(shown, pages, false);
    }
}

/// The details that `personaDetails` gives: a list, one detail, or several with commas between them.
pub(super) fn read(view: &View, value: &Value) -> Result<Vec<(u32, Vec<u32>)>, Box<Refusal>> {
    match value {
        Value::String(text) => read(view, &parse(text)?),
        Value::Array(details) => details.iter().map(|detail| read_one(view, detail)).collect(),
        detail => Ok(vec![read_one(view, detail)?]),
    }
}

fn parse(text: &str) -> Result<Value, Box<Refusal>> {
    let text = text.trim_ascii_start();
    let list = if text.starts_with('[') { Cow::Borrowed(text) } else { Cow::Owned(format!("[{text}]")) };
    json::parse(list.as_bytes())
        .map_err(|error| Refusal::invalid(format_args!("`personaDetails` is not valid JSON: {error}")))
}

fn read_one(view: &View, value: &Value) -> Result<(u32, Vec<u32>), Box<Refusal>> {
    let Value::Object(fields) = value else { return Err(misfit("has a detail that is not an object")) };
    if let Some(unknown) = fields.keys().find(|name| !["personaCategory", "personaPages"].contains(&name.as_str())) {
        return Err(misfit(&format!("has a detail with a field `{}`", crate::address::shorten(unknown))));
    }
    let Some(Value::String(name)) = fields.get("personaCategory") else {
        return Err(misfit("has a detail without the name of a `personaCategory`"));
    };
    let category = named(view, PERSONA_CATEGORY, name)?;
    Ok((category, pages_of(view, category, read_page_names(fields)?)?))
}

fn read_page_names(fields: &Map) -> Result<Option<Vec<&str>>, Box<Refusal>> {
    let names = match fields.get("personaPages") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(names)) => names.as_slice(),
        Some(name) => std::slice::from_ref(name),
    };
    let texts = names.iter().map(|name| name.as_str());
    texts.collect::<Option<_>>().map(Some).ok_or_else(|| misfit("has `personaPages` that are not a list of names"))
}

fn misfit(what: &str) -> Box<Refusal> {
    let form = r#"[{"personaCategory": "deployment", "personaPages": ["application"]}]"#;
    Refusal::invalid(format_args!("`personaDetails` {what}: its form is `{form}`"))
}

/// The names of pages that a command was given, if it was given any.
fn page_names<'a>(arguments: &Arguments<'a>) -> Result<Option<Vec<&'a str>>, Box<Refusal>> {
    given(arguments, "personaPages").map(|_| arguments.texts("personaPages")).transpose()
}

/// The pages of a category that are named, or all of them.
fn pages_of(view: &View, category: u32, names: Option<Vec<&str>>) -> Result<Vec<u32>, Box<Refusal>> {
    let all = view.state.category(category).pages;
    let Some(names) = names else { return Ok(all) };
    let pages = known_pages(view, &names)?;
    match pages_among(&pages, &sorted(&all), false).first() {
        None => Ok(pages),
        Some(stranger) => {
            let (page, category) = (view.state.describe(*stranger), view.state.describe(category));
            Err(Refusal::invalid(format_args!(
                "{page} is not in {category}: `modifyPersonaCategory --personaPages` adds it there"
            )))
        }
    }
}

/// The pages of these names, all of which there must be.
pub(super) fn known_pages(view: &View, names: &[&str]) -> Result<Vec<u32>, Box<Refusal>> {
    names.iter().map(|name| named(view, PERSONA_PAGE, name)).collect()
}

/// What a persona shows of a category, or nothing where it does not.
fn reply(state: &State, persona: u32, category: u32) -> Fields {
    let persona = state.persona(persona);
    let detail = persona.details.iter().find(|(known, _)| *known == category);
    detail.map_or_else(Fields::default, |(category, pages)| {
        Fields::default().value("personaDetail", render(state, *category, pages))
    })
}

/// A detail as answers have it.
pub(super) fn render(state: &State, category: u32, pages: &[u32]) -> Json {
    render_pages(state, category, &in_order(state, category, pages)).done()
}

/// Pages of a category, which are sorted by id, in the order of the category.
pub(super) fn in_order(state: &State, category: u32, pages: &[u32]) -> Vec<u32> {
    pages_among(&state.category(category).pages, pages, true)
}

fn render_page_name(state: &State, page: u32) -> Json {
    Fields::default().text("personaPageName", state.objects.name(page)).done()
}

/// A category's name and pages of it.
pub(super) fn render_pages(state: &State, category: u32, pages: &[u32]) -> Fields {
    let list = Fields::default().list("personaPage", render_all(state, pages, render_page_name));
    Fields::default().text("personaCategoryName", state.objects.name(category)).value("personaPages", list.done())
}
