//! Persona categories: lists of pages, from which personas show some.

use super::{
    all_readable, changeable, details, find, pages_among, put, put_persona, readable, remove, render_all, sorted,
    unless_empty,
};
use crate::arguments::Arguments;
use crate::command::{Reply, objects};
use crate::fields::{Fields, Json};
use crate::order;
use crate::particulars::{Category, Particulars};
use crate::refusal::Refusal;
use crate::schema::{PERSONA_CATEGORY, PERSONA_PAGE, PERSONAS};
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::View;

pub(in crate::command) fn create_category(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let object = objects::create_under(tx, PERSONAS, PERSONA_CATEGORY, arguments.required("personaCategoryName")?)?;
    let description = arguments.value_text("description")?.unwrap_or_default().to_owned();
    let pages = details::known_pages(&tx.view(), &arguments.texts("personaPages")?)?;
    put_category(tx, object, Category { description, pages: appended(Vec::new(), &pages) })?;
    Ok(reply(tx.state, object))
}

pub(in crate::command) fn modify_category(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let object = changeable(tx, PERSONA_CATEGORY, arguments.required("personaCategoryName")?)?;
    if let Some(new_name) = arguments.text("newName")? {
        objects::rename(tx, object, new_name)?;
    }
    let mut category = tx.state.category(object);
    if let Some(description) = arguments.value_text("description")? {
        category.description = description.to_owned();
    }
    if arguments.flag("clearPages")? {
        category.pages.clear();
    }
    let mut pages = Vec::new();
    for name in arguments.texts("personaPages")? {
        pages.push(page(tx, name)?);
    }
    category.pages = appended(category.pages, &pages);
    put_category(tx, object, category)?;
    Ok(reply(tx.state, object))
}

/// The page of that name, which is made if there is none.
fn page(tx: &mut Transaction, name: &str) -> Result<u32, Box<Refusal>> {
    match find(tx.state, PERSONA_PAGE, name) {
        Some(page) => Ok(page),
        None => objects::create_under(tx, PERSONAS, PERSONA_PAGE, name),
    }
}

/// Pages with others behind them, each once.
fn appended(mut pages: Vec<u32>, more: &[u32]) -> Vec<u32> {
    let mut known = sorted(&pages);
    for page in more {
        if order::insert(&mut known, *page) {
            pages.push(*page);
        }
    }
    pages
}

pub(in crate::command) fn delete_category(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    remove(tx, PERSONA_CATEGORY, arguments.required("personaCategoryName")?)
}

pub(in crate::command) fn get_category(view: &View, arguments: &Arguments) -> Reply {
    let object = readable(view, PERSONA_CATEGORY, arguments.required("personaCategoryName")?)?;
    Ok(reply(view.state, object))
}

pub(in crate::command) fn get_categories(view: &View, _: &Arguments) -> Reply {
    let all = all_readable(view, PERSONA_CATEGORY);
    Ok(Fields::default().list("personaCategory", render_all(view.state, &all, render)))
}

/// Puts a category. The pages that it loses leave what personas show of it.
pub(super) fn put_category(tx: &mut Transaction, object: u32, category: Category) -> Result<(), Box<Refusal>> {
    let lost = pages_among(&tx.state.category(object).pages, &sorted(&category.pages), false);
    let is_empty = category == Category::default();
    put(tx, object, Particulars::Category(category), is_empty)?;
    if lost.is_empty() { Ok(()) } else { withdraw(tx, object, &sorted(&lost)) }
}

/// Takes pages out of what every persona shows of a category.
fn withdraw(tx: &mut Transaction, category: u32, pages: &[u32]) -> Result<(), Box<Refusal>> {
    for object in tx.state.holders_of(category) {
        let mut persona = tx.state.persona(object);
        details::take(&mut persona, category, pages);
        put_persona(tx, object, persona)?;
    }
    Ok(())
}

/// Takes a category that is being removed from every persona.
pub(super) fn release(tx: &mut Transaction, category: u32) -> Result<(), Box<Refusal>> {
    for object in tx.state.holders_of(category) {
        let mut persona = tx.state.persona(object);
        details::drop_category(&mut persona, category);
        put_persona(tx, object, persona)?;
    }
    Ok(())
}

fn reply(state: &State, object: u32) -> Fields {
    Fields::default().value("personaCategory", render(state, object))
}

fn render(state: &State, object: u32) -> Json {
    let Category { description, pages } = state.category(object);
    details::render_pages(state, object, &pages).maybe("description", unless_empty(description)).done()
}
