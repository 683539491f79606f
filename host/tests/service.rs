//! A policy that is begun in memory and kept later.

#![expect(clippy::unwrap_used, reason = "tests")]

use portcullis_host::runtime::Runtime;
use portcullis_host::service::{Caller, Service, ServiceOptions};
use portcullis_host::store::{Head, MemoryStore, PolicyId, Store, verify};
use serde_json::{Map, json};
use std::sync::Arc;

const POLICY: PolicyId = PolicyId(1);

fn begin(store: &MemoryStore) -> Service {
    let runtime = Arc::new(Runtime::new().unwrap());
    Service::open(Box::new(store.clone()), runtime, &ServiceOptions::default()).unwrap()
}

fn create(service: &mut Service, project: &str) {
    let arguments = Map::from_iter([("projectName".to_owned(), project.into())]);
    service.propose(&Caller::user("admin"), &[("createObject".into(), arguments)]).unwrap();
}

fn projects(service: &mut Service) -> Vec<String> {
    let arguments = Map::from_iter([("systemObjectName".to_owned(), json!("projects"))]);
    let reply = service.ask(&Caller::user("admin"), "getObjects", &arguments).unwrap().reply;
    let objects = reply.get("object").and_then(|objects| objects.as_array().cloned()).unwrap_or_default();
    objects.iter().map(|object| object.get("objectName").unwrap().as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_policy_moves_with_its_whole_log_and_goes_on_where_it_moved() {
    let (begun, kept) = (MemoryStore::new(), MemoryStore::new());
    let mut service = begin(&begun);
    create(&mut service, "before");
    service.move_to(Box::new(kept.clone())).unwrap();
    assert_eq!(verify(&kept, POLICY, None), begun.head(POLICY).map_err(Into::into));
    create(&mut service, "after");
    assert_eq!((begun.head(POLICY).unwrap().revision, kept.head(POLICY).unwrap().revision), (2, 3));
    assert_eq!(service.head(), kept.head(POLICY).unwrap());
    assert_eq!(projects(&mut begin(&kept)), ["after", "before"]);
}

#[test]
fn a_snapshot_moves_along() {
    let (begun, kept) = (MemoryStore::new(), MemoryStore::new());
    let mut service = begin(&begun);
    (0..300).for_each(|number| create(&mut service, &number.to_string()));
    let snapshot = begun.snapshot(POLICY).unwrap();
    assert!(snapshot.is_some());
    service.move_to(Box::new(kept.clone())).unwrap();
    assert_eq!(kept.snapshot(POLICY).unwrap(), snapshot);
}

#[test]
fn a_policy_does_not_move_over_another() {
    let (begun, taken) = (MemoryStore::new(), MemoryStore::new());
    create(&mut begin(&taken), "first");
    let before: Head = taken.head(POLICY).unwrap();
    let mut service = begin(&begun);
    create(&mut service, "second");
    assert_eq!(service.move_to(Box::new(taken.clone())).unwrap_err().code(), "Conflict");
    assert_eq!(taken.head(POLICY).unwrap(), before);
    assert_eq!(projects(&mut service), ["second"], "it stays where it was");
}
