//! Which personas there are, which of them somebody has, and what they are together.

use super::{all_readable, details, render, render_all, render_rest, unite};
use crate::arguments::Arguments;
use crate::change::PrincipalType;
use crate::command::Reply;
use crate::fields::{Fields, Json};
use crate::order;
use crate::particulars::Persona;
use crate::refusal::Refusal;
use crate::schema::PERSONA;
use crate::state::State;
use crate::view::View;

pub(in crate::command) fn get_all(view: &View, arguments: &Arguments) -> Reply {
    let (user, group) = (arguments.text("userName")?, arguments.text("groupName")?);
    let (merged, direct) = (arguments.flag("merged")?, arguments.flag("excludeGroupPersonas")?);
    let mut found = match (user, group) {
        (Some(_), Some(_)) => {
            return Err(Refusal::invalid(format_args!("`userName` and `groupName` exclude each other")));
        }
        (None, _) if merged || direct => {
            return Err(Refusal::invalid(format_args!(
                "`merged` and `excludeGroupPersonas` are about a user: `userName`"
            )));
        }
        (Some(user), None) => of_user(view, user, direct)?,
        (None, Some(group)) => of_group(view, group)?,
        (None, None) => order::by_text(all_readable(view, PERSONA), |id| order::name_key(view.state.objects.name(*id))),
    };
    // What may not be read is as if it were not assigned, so that no merged persona tells of it.
    found.retain(|persona| view.may_read(*persona));
    let personas =
        if merged { merge(view, &found).into_iter().collect() } else { render_all(view.state, &found, render) };
    Ok(Fields::default().list("persona", personas))
}

/// The personas of a user, the earliest assigned first: its own, and unless `direct` those of every group that holds
/// it. One that is reached in several ways counts once, at its earliest assignment.
fn of_user(view: &View, name: &str, direct: bool) -> Result<Vec<u32>, Box<Refusal>> {
    let user = view.known(PrincipalType::User, name)?;
    let state = view.state;
    let bearers = if direct { vec![user.id] } else { state.principals.closure(user.id).to_vec() };
    let mut found: Vec<(u32, i64)> = Vec::new();
    for (persona, at_ms) in bearers.iter().flat_map(|bearer| state.assignments_of(*bearer)) {
        match found.binary_search_by_key(&persona, |(known, _)| *known) {
            Ok(place) => found.get_mut(place).into_iter().for_each(|(_, earliest)| *earliest = at_ms.min(*earliest)),
            Err(place) => found.insert(place, (persona, at_ms)),
        }
    }
    // A policy's time begins with 1970, so that an instant is no negative number.
    let found = order::by_text(found, |(persona, at_ms)| {
        format!("{at_ms:020}{}", order::name_key(state.objects.name(*persona)))
    });
    Ok(found.into_iter().map(|(persona, _)| persona).collect())
}

/// The personas of a group and of the groups that hold it, in the order in which they were made.
fn of_group(view: &View, name: &str) -> Result<Vec<u32>, Box<Refusal>> {
    let group = view.known(PrincipalType::Group, name)?;
    let mut found = Vec::new();
    for bearer in view.state.principals.closure(group.id) {
        for (persona, _) in view.state.assignments_of(*bearer) {
            order::insert(&mut found, persona);
        }
    }
    Ok(found)
}

/// One persona in the place of several, which are in the order of their assignment: `seeds/004…`, `getPersonas`.
fn merge(view: &View, assigned: &[u32]) -> Option<Json> {
    let state = view.state;
    let with_details: Vec<(u32, Persona)> = assigned
        .iter()
        .map(|object| (*object, state.persona(*object)))
        .filter(|(_, persona)| !persona.details.is_empty())
        .collect();
    match (assigned, with_details.as_slice()) {
        (_, []) => state.default_persona().filter(|default| view.may_read(*default)).map(|id| render(state, id)),
        ([one], _) => Some(render(state, *one)),
        (_, several) => Some(render_merged(state, several)),
    }
}

fn render_merged(state: &State, several: &[(u32, Persona)]) -> Json {
    let names: Vec<&str> = several.iter().map(|(object, _)| state.objects.name(*object)).collect();
    let mut merged = Persona::default();
    for (category, pages) in several.iter().flat_map(|(_, persona)| &persona.details) {
        unite(&mut merged.details, *category, pages);
    }
    let oldest_home = several.iter().map(|(_, persona)| persona.home).find(|home| *home != 0);
    merged.home = oldest_home.or_else(|| first_page(state, several)).unwrap_or(0);
    render_rest(state, Fields::default().text("personaName", &names.join(" ")), &merged)
}

/// The page with the least index in the category with the least index, of the oldest persona that has any.
fn first_page(state: &State, several: &[(u32, Persona)]) -> Option<u32> {
    let mut details = several.iter().flat_map(|(_, persona)| &persona.details);
    details.find_map(|(category, pages)| details::in_order(state, *category, pages).first().copied())
}
