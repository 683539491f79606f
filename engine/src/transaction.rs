//! What a command that changes sees.

use crate::arguments::Arguments;
use crate::change::{Change, Key, PrincipalType, Record};
use crate::command::{self, Command, Run};
use crate::fields::Fields;
use crate::particulars::Particulars;
use crate::private::{PrivateField, PrivatePart, PrivateValue};
use crate::refusal::Refusal;
use crate::request::{Call, Issue};
use crate::sessions::Admitted;
use crate::state::State;
use crate::view::View;
use std::sync::Arc;

/// What a command that changes sees: the state as the commands before it would leave it, and a place for its own
/// changes. All are taken back at the end; what is kept is the list of them.
pub(crate) struct Transaction<'a> {
    pub(crate) state: &'a mut State,
    caller: &'a Admitted,
    pub(crate) now: i64,
    pub(crate) seed: [u8; 16],
    /// What the host has made for the command that is being done.
    issue: Option<&'a Issue>,
    changes: Vec<Change>,
    undo: Vec<Change>,
    values: Vec<PrivateValue>,
}

/// What a transaction leaves behind.
pub(crate) struct Ended {
    /// The changes that were made.
    pub(crate) changes: Vec<Change>,
    /// Those that take them back.
    pub(crate) undo: Vec<Change>,
    /// The private values that were put, and those that went.
    pub(crate) private: PrivatePart,
    /// The digests of all that the state was told on the way, and must forget again.
    pub(crate) told: Vec<[u8; 32]>,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(state: &'a mut State, caller: &'a Admitted, now: i64, seed: [u8; 16]) -> Self {
        Self { state, caller, now, seed, issue: None, changes: Vec::new(), undo: Vec::new(), values: Vec::new() }
    }

    pub(crate) fn end(self) -> Ended {
        let (gone, values) = (self.state.gone_digests(&self.undo), self.values);
        let told = values.iter().map(PrivateValue::digest).collect();
        // What was put and replaced again by a later command never was, as far as anybody outside knows.
        let (gone, never): (Vec<_>, Vec<_>) =
            gone.into_iter().partition(|digest| !values.iter().any(|value| value.digest() == *digest));
        let values = values.into_iter().filter(|value| !never.contains(&value.digest())).collect();
        Ended { changes: self.changes, undo: self.undo, private: PrivatePart { values, gone }, told }
    }

    #[inline(never)]
    pub(crate) fn view(&self) -> View<'_> {
        View { state: self.state, caller: &self.caller.identities, via: &self.caller.via, now: self.now }
    }

    /// The SHA-256 of the secret that the host has made, and the rest that it says of what is issued.
    pub(crate) fn issue(&self) -> Result<&'a Issue, Box<Refusal>> {
        let none = || {
            Refusal::told(
                Refusal::NotConfigured,
                format_args!("secrets are made by the host, and this engine has none"),
            )
        };
        self.issue.ok_or_else(none)
    }

    /// Does one command.
    pub(crate) fn run(&mut self, call: &'a Call) -> Result<Fields, Box<Refusal>> {
        let command = command::find(&call.command)?;
        let schema = Arc::clone(&self.state.schema);
        let arguments = Arguments::new(command, &schema, &call.arguments)?;
        self.issue = call.issue.as_ref();
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
                Err(Refusal::invalid(format_args!("there is no policy yet: `createPolicy` comes first")))
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

    /// Puts what there is to an object beyond its place and its list.
    pub(crate) fn put_particulars(&mut self, object: u32, particulars: Particulars) -> Result<(), Box<Refusal>> {
        self.put(Record::Particulars { object, particulars })
    }

    /// Puts a private value, or removes it where there is none or it is empty.
    pub(crate) fn put_private(
        &mut self,
        owner: u32,
        field: PrivateField,
        value: Option<&str>,
    ) -> Result<(), Box<Refusal>> {
        let value = value.filter(|value| !value.is_empty());
        if self.state.private(owner, field) == value && value.is_some() {
            return Ok(());
        }
        let Some(value) = value else { return self.remove(Key::Private { owner, field }) };
        let place = [owner, field as u32, self.values.len() as u32];
        let value = PrivateValue::new(self.seed, self.state.revision, place, value);
        self.put(Record::Private { owner, field, digest: value.digest() })?;
        self.state.reveal(std::slice::from_ref(&value));
        self.values.push(value);
        Ok(())
    }

    /// Deletes what stands under a key, if anything does.
    pub(crate) fn remove(&mut self, key: Key) -> Result<(), Box<Refusal>> {
        if self.state.record(&key).is_some() { self.delete(key) } else { Ok(()) }
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
        Err(Refusal::told(Refusal::StateTooLarge, format_args!("the policy has given all its ids to {what}")))
    }
}
