//! What a command that changes sees.

use crate::arguments::Arguments;
use crate::change::{Change, Key, PrincipalType, Record};
use crate::command::{self, Command, Run};
use crate::decision::Identity;
use crate::fields::Fields;
use crate::refusal::Refusal;
use crate::state::State;
use crate::view::View;
use serde_json::{Map, Value};
use std::sync::Arc;

/// What a command that changes sees: the state as the commands before it would leave it, and a place for its own
/// changes. All are taken back at the end; what is kept is the list of them.
pub(crate) struct Transaction<'a> {
    pub(crate) state: &'a mut State,
    caller: &'a [Identity],
    now: i64,
    pub(crate) seed: [u8; 16],
    changes: Vec<Change>,
    undo: Vec<Change>,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(state: &'a mut State, caller: &'a [Identity], now: i64, seed: [u8; 16]) -> Self {
        Self { state, caller, now, seed, changes: Vec::new(), undo: Vec::new() }
    }

    /// The changes that were made, and those that take them back.
    pub(crate) fn end(self) -> (Vec<Change>, Vec<Change>) {
        (self.changes, self.undo)
    }

    pub(crate) fn view(&self) -> View<'_> {
        View { state: self.state, caller: self.caller, now: self.now }
    }

    pub(crate) fn caller(&self) -> Option<&Identity> {
        self.caller.first()
    }

    /// Runs a command by its name.
    pub(crate) fn run(&mut self, name: &str, values: &Map<String, Value>) -> Result<Fields, Box<Refusal>> {
        let command = command::find(name)?;
        let schema = Arc::clone(&self.state.schema);
        let arguments = Arguments::new(command, &schema, values)?;
        match command.run {
            Run::Ask(run) => run(&self.view(), &arguments),
            Run::Change(run) => {
                self.require_policy(command)?;
                run(self, &arguments)
            }
        }
    }

    fn require_policy(&self, command: &Command) -> Result<(), Box<Refusal>> {
        if self.state.policy == [0; 16] {
            let first = command.name == "createPolicy";
            return if first {
                Ok(())
            } else {
                Err(Refusal::invalid("there is no policy yet: `createPolicy` comes first").into())
            };
        }
        self.view().require_registered_caller()
    }

    /// Puts a record, unless it stands there already.
    pub(crate) fn put(&mut self, record: Record) -> Result<(), Box<Refusal>> {
        if self.state.record(&record.key()).as_ref() == Some(&record) {
            return Ok(());
        }
        self.change(Change::Put(record))
    }

    pub(crate) fn delete(&mut self, key: Key) -> Result<(), Box<Refusal>> {
        self.change(Change::Delete(key))
    }

    fn change(&mut self, change: Change) -> Result<(), Box<Refusal>> {
        let inverse = self.state.change(&change)?;
        self.undo.push(inverse);
        self.changes.push(change);
        Ok(())
    }

    /// How many changes have been made so far.
    pub(crate) fn change_count(&self) -> usize {
        self.changes.len()
    }

    /// The principal's id, giving it a record if it has none.
    pub(crate) fn keep_principal(&mut self, kind: PrincipalType, name: &str) -> Result<u32, Box<Refusal>> {
        if let Some(known) = self.state.principals.find(kind, name) {
            return Ok(known);
        }
        let id = take_id(self.state.next.principal, "principals")?;
        self.put(Record::Principal { id, kind, name: name.into() })?;
        Ok(id)
    }

    /// Removes a principal's record when nothing refers to it any more.
    pub(crate) fn release_principal(&mut self, id: u32) -> Result<(), Box<Refusal>> {
        let Some(known) = self.state.principals.get(id) else { return Ok(()) };
        let used = known.registered || known.entries > 0 || !known.groups.is_empty() || !known.members.is_empty();
        if used || id <= crate::principals::DEFAULT_USER { Ok(()) } else { self.delete(Key::Principal(id)) }
    }
}

/// The next id, unless all have been given.
pub(crate) fn take_id(next: u32, what: &str) -> Result<u32, Box<Refusal>> {
    if next < u32::MAX - 1 {
        Ok(next)
    } else {
        Err(Refusal::StateTooLarge(format!("the policy has given all its ids to {what}")).into())
    }
}
