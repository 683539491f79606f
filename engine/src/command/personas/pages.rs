//! Persona pages: what personas show.

use super::{all_readable, categories, changeable, pages_among, put, readable, remove, render_all, unless_empty};
use crate::arguments::Arguments;
use crate::command::{Reply, objects};
use crate::fields::{Fields, Json};
use crate::particulars::{Page, Particulars};
use crate::refusal::Refusal;
use crate::schema::{PERSONA_PAGE, PERSONAS};
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::View;

pub(in crate::command) fn create_page(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let object = objects::create_under(tx, PERSONAS, PERSONA_PAGE, arguments.required("personaPageName")?)?;
    alter(tx, object, arguments)
}

pub(in crate::command) fn modify_page(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let object = changeable(tx, PERSONA_PAGE, arguments.required("personaPageName")?)?;
    if let Some(new_name) = arguments.text("newName")? {
        objects::rename(tx, object, new_name)?;
    }
    alter(tx, object, arguments)
}

fn alter(tx: &mut Transaction, object: u32, arguments: &Arguments) -> Reply {
    let mut page = tx.state.page(object);
    for (name, text) in [("description", &mut page.description), ("url", &mut page.url)] {
        if let Some(given) = arguments.value_text(name)? {
            *text = given.to_owned();
        }
    }
    let is_empty = page == Page::default();
    put(tx, object, Particulars::Page(page), is_empty)?;
    Ok(reply(tx.state, object))
}

pub(in crate::command) fn delete_page(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    remove(tx, PERSONA_PAGE, arguments.required("personaPageName")?)
}

pub(in crate::command) fn get_page(view: &View, arguments: &Arguments) -> Reply {
    let object = readable(view, PERSONA_PAGE, arguments.required("personaPageName")?)?;
    Ok(reply(view.state, object))
}

pub(in crate::command) fn get_pages(view: &View, _: &Arguments) -> Reply {
    let all = all_readable(view, PERSONA_PAGE);
    Ok(Fields::default().list("personaPage", render_all(view.state, &all, render)))
}

/// Takes a page that is being removed from every category, and so from every persona.
pub(super) fn release(tx: &mut Transaction, page: u32) -> Result<(), Box<Refusal>> {
    for object in tx.state.holders_of(page) {
        let mut category = tx.state.category(object);
        category.pages = pages_among(&category.pages, &[page], false);
        categories::put_category(tx, object, category)?;
    }
    Ok(())
}

fn reply(state: &State, object: u32) -> Fields {
    Fields::default().value("personaPage", render(state, object))
}

fn render(state: &State, object: u32) -> Json {
    let Page { description, url } = state.page(object);
    Fields::default()
        .text("personaPageName", state.objects.name(object))
        .maybe("description", unless_empty(description))
        .maybe("url", unless_empty(url))
        .done()
}
