//! Which store, and the policy in it.

use super::caller::environment;
use super::failure::{Failure, UsageError};
use super::form::{Form, note};
use super::text::quoted;
use super::words::Words;
use crate::runtime::Runtime;
use crate::service::{Answers, Caller, Service, ServiceError, ServiceOptions};
use crate::store::{Head, MemoryStore, SqliteOptions, SqliteStore, Store};
use portcullis_engine::Schema;
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::Arc;

/// The store where neither an option nor a variable names one.
const DEFAULT_STORE: &str = "portcullis.db";

/// The file that holds the store.
#[derive(Debug)]
pub(super) struct Place {
    /// Its path as it was given.
    pub(super) path: String,
}

impl Place {
    /// `--store`, else `PORTCULLIS_STORE`, else `portcullis.db` in the current folder.
    pub(super) fn find(words: &Words) -> Result<Self, Failure> {
        let (option, path) = match &words.store {
            Some(path) => ("--store", path.clone()),
            None => ("PORTCULLIS_STORE", environment("PORTCULLIS_STORE")?.unwrap_or_else(|| DEFAULT_STORE.into())),
        };
        if path.is_empty() {
            return Err(UsageError::InvalidValue { option, given: path, expected: "a file" }.into());
        }
        Ok(Self { path })
    }

    /// Whether there is no store yet.
    pub(super) fn is_missing(&self) -> Result<bool, Failure> {
        Ok(SqliteStore::is_missing(Path::new(&self.path))?)
    }

    /// The policy that is kept here. Where there is no store, it is a new one, which is only in memory as long as
    /// nothing has changed it.
    pub(super) fn open(&self, form: Form) -> Result<Policy<'_>, Failure> {
        self.begin(&ServiceOptions::default(), form)
    }

    /// The same; a new policy is made as the options say.
    pub(super) fn begin(&self, options: &ServiceOptions, form: Form) -> Result<Policy<'_>, Failure> {
        let is_kept = !self.is_missing()?;
        let service = match is_kept {
            true => serve(self.open_existing()?, options)?,
            false => serve(MemoryStore::new(), options)?,
        };
        let policy = Policy { place: self, service, is_kept, form };
        if is_kept && policy.is_new() {
            policy.announce();
        }
        Ok(policy)
    }

    /// Opens the store as it is, and never makes one.
    pub(super) fn open_existing(&self) -> Result<SqliteStore, Failure> {
        let options = SqliteOptions { create: false, ..SqliteOptions::default() };
        Ok(SqliteStore::open(Path::new(&self.path), &options)?)
    }

    /// The same, as a service.
    pub(super) fn open_service(&self) -> Result<Service, Failure> {
        serve(self.open_existing()?, &ServiceOptions::default())
    }
}

fn serve(store: impl Store + 'static, options: &ServiceOptions) -> Result<Service, Failure> {
    Ok(Service::open(Box::new(store), Arc::new(Runtime::new()?), options)?)
}

/// The policy of a place. It makes the place's store with the first change, so that what is refused, and what only
/// asks, makes none.
pub(super) struct Policy<'a> {
    place: &'a Place,
    service: Service,
    /// Whether it is in the store, and not in memory.
    is_kept: bool,
    form: Form,
}

impl Policy<'_> {
    /// Whether it was begun just now.
    pub(super) const fn is_new(&self) -> bool {
        self.service.is_new()
    }

    /// Whether it is in the store, and not only in memory.
    pub(super) const fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Where its log stands.
    pub(super) const fn head(&self) -> Head {
        self.service.head()
    }

    /// Its schema.
    pub(super) fn schema(&mut self) -> Result<Schema, Failure> {
        Ok(self.service.schema()?)
    }

    /// Answers a question.
    pub(super) fn ask(&mut self, caller: &Caller, name: &str, given: &Map<String, Value>) -> Result<Value, Failure> {
        let answer = self.service.ask(caller, name, given)?;
        self.warn_if_missing();
        Ok(answer.reply)
    }

    /// Does one command. What it changes is in the store afterwards.
    pub(super) fn propose(&mut self, caller: &Caller, name: &str, given: Map<String, Value>) -> Result<Done, Failure> {
        let command = [(name.to_owned(), given)];
        let mut answers = self.service.propose(caller, &command)?;
        if !answers.changed {
            self.warn_if_missing();
        } else if !self.is_kept && !self.keep()? {
            // Somebody else has made the store meanwhile, so it is that policy which is to be changed.
            self.service = self.place.open_service()?;
            self.is_kept = true;
            answers = self.service.propose(caller, &command)?;
        }
        let Answers { revision, replies, changed } = answers;
        Ok(Done { revision, reply: replies.into_iter().next().unwrap_or_default(), changed })
    }

    /// Makes the store, and puts the policy into it; says whether there was none by then.
    pub(super) fn keep(&mut self) -> Result<bool, Failure> {
        let store = SqliteStore::open(Path::new(&self.place.path), &SqliteOptions::default())?;
        match self.service.move_to(Box::new(store)) {
            Err(ServiceError::Conflict { .. }) => Ok(false),
            moved => {
                moved?;
                self.is_kept = true;
                self.announce();
                Ok(true)
            }
        }
    }

    fn announce(&self) {
        self.note("is a new store");
    }

    fn warn_if_missing(&self) {
        if !self.is_kept {
            self.note("does not exist yet; this is true of a new policy");
        }
    }

    /// Says something about the store, to people.
    fn note(&self, what: &str) {
        if self.form == Form::Table {
            note(&format!("note: {} {what}\n", quoted(&self.place.path)));
        }
    }
}

/// How a command was done.
pub(super) struct Done {
    /// The policy's revision after it.
    pub(super) revision: u64,
    /// What it answers.
    pub(super) reply: Value,
    /// Whether it changed anything.
    pub(super) changed: bool,
}
