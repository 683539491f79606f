//! Our own engine, natively, from the snapshot.

use std::rc::Rc;

use anyhow::Result;
use portcullis_engine::{Handle, Identity, State};

use crate::contest::{Contestant, timed};
use crate::estate::{Estate, Question};

/// The same two ways of asking as of the walks: by handles, and by three strings. Once with all questions, and once with as
/// many as who is slow gets: few questions stay in the processor's caches.
pub(crate) fn contestants(estate: &Estate, few: usize) -> Result<Vec<Contestant<'_>>> {
    let (state, ready) = timed("portcullis", || Ok(State::restore(&estate.snapshot)?))?;
    let (state, count) = (Rc::new(state), estate.questions.len());
    let by_handles = || by_handles(Rc::clone(&state), estate);
    let by_names = || by_names(Rc::clone(&state), estate);
    Ok(vec![
        Contestant::new("portcullis handle", count, ready, by_handles()?),
        Contestant::new("portcullis names", count, ready, by_names()),
        Contestant::new("portcullis handle few", few, ready, by_handles()?),
        Contestant::new("portcullis names few", few, ready, by_names()),
    ])
}

/// A question whose names were looked up before.
struct Resolved {
    principal: u32,
    object: Handle,
    privilege: u32,
}

fn by_handles(state: Rc<State>, estate: &Estate) -> Result<impl FnMut(usize) -> bool> {
    let questions: Result<Vec<Resolved>> = estate.questions.iter().map(|question| resolve(&state, question)).collect();
    let (questions, now) = (questions?, estate.now);
    Ok(move |number| {
        let asked: Option<&Resolved> = questions.get(number);
        asked.is_some_and(|asked| state.check(asked.principal, asked.object, asked.privilege, now))
    })
}

fn resolve(state: &State, question: &Question) -> Result<Resolved> {
    let principal = state.principal(&Identity::parse(&question.principal)?);
    Ok(Resolved { principal, object: state.resolve(&question.path)?, privilege: question.bit })
}

fn by_names(state: Rc<State>, estate: &Estate) -> impl FnMut(usize) -> bool {
    let now = estate.now;
    move |number| {
        let asked = estate.questions.get(number);
        asked.is_some_and(|Question { principal, privilege, path, .. }| {
            state.check_names(principal, privilege, path, now).is_ok_and(|allowed| allowed)
        })
    }
}
