//! The contract of `Store` put to every store. A further store is one more module here.

#![expect(clippy::unwrap_used, reason = "tests")]

mod store_sentences;

use portcullis_host::store::{MemoryStore, SqliteOptions, SqliteStore, Store};

fn memory() -> impl Fn() -> Box<dyn Store> {
    let store = MemoryStore::new();
    move || Box::new(store.clone())
}

fn sqlite() -> impl Fn() -> Box<dyn Store> {
    let folder = tempfile::tempdir().unwrap();
    move || Box::new(SqliteStore::open(&folder.path().join("policy.db"), &SqliteOptions::default()).unwrap())
}

macro_rules! in_memory {
    ($($sentence:ident)*) => { mod memory { $(#[test] fn $sentence() { crate::store_sentences::$sentence(&super::memory()); })* } };
}

macro_rules! on_sqlite {
    ($($sentence:ident)*) => { mod sqlite { $(#[test] fn $sentence() { crate::store_sentences::$sentence(&super::sqlite()); })* } };
}

store_sentences::sentences!(in_memory!);
store_sentences::sentences!(on_sqlite!);
