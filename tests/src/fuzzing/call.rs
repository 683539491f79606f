//! Any bytes as a request, to a policy with something of everything.

use super::policy;
use portcullis_engine::State;
use std::cell::RefCell;

thread_local! {
    /// A call changes nothing, and that is checked: one state serves all of them.
    static STATE: RefCell<State> = RefCell::new(policy::state());
}

/// Bytes as a request.
///
/// # Panics
///
/// The answer is no JSON, or something has changed that should not have.
pub fn run(bytes: &[u8]) {
    STATE.with_borrow_mut(|state| policy::check_call(state, bytes));
}
