//! Which store, and opening it.

use super::caller::environment;
use super::failure::{Failure, UsageError};
use super::form::{Form, note};
use super::text::quoted;
use super::words::Words;
use crate::runtime::Runtime;
use crate::service::{Service, ServiceOptions};
use crate::store::{SqliteOptions, SqliteStore};
use std::fs;
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

    /// Whether there is no store yet: the file is missing or has no bytes.
    pub(super) fn is_vacant(&self) -> bool {
        fs::metadata(&self.path)
            .map_or_else(|error| error.kind() == std::io::ErrorKind::NotFound, |file| file.len() == 0)
    }

    /// Opens the store, and makes one with a new policy where there is none.
    pub(super) fn open(&self, form: Form) -> Result<Service, Failure> {
        let service = self.begin(ServiceOptions::default())?;
        if service.is_new() && form == Form::Table {
            note(&format!("note: {} is a new store\n", quoted(&self.path)));
        }
        Ok(service)
    }

    /// Opens the store; a new policy is made as the options say.
    pub(super) fn begin(&self, options: ServiceOptions) -> Result<Service, Failure> {
        let store = SqliteStore::open(Path::new(&self.path), &SqliteOptions::default())?;
        serve(store, &options)
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

fn serve(store: SqliteStore, options: &ServiceOptions) -> Result<Service, Failure> {
    Ok(Service::open(Box::new(store), Arc::new(Runtime::new()?), options)?)
}
