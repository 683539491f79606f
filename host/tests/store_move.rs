//! What moves with a policy from one store to another, beside its log.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use portcullis_host::runtime::Runtime;
use portcullis_host::service::{Service, ServiceOptions};
use portcullis_host::store::{MemoryStore, NewSet, Outcome, PolicyId, PrivateRow, Store, verify};

#[test]
fn private_values_and_a_kept_instant_move_along() {
    let policy = PolicyId(1);
    let (mut begun, kept) = (MemoryStore::new(), MemoryStore::new());
    let runtime = Arc::new(Runtime::new().unwrap());
    let mut service = Service::open(Box::new(begun.clone()), runtime, &ServiceOptions::default()).unwrap();
    let rows = [1, 2, 3].map(|number| PrivateRow { digest: [number; 32], value: vec![number; 9] });
    let brings = NewSet { private: rows.to_vec(), ..NewSet::new(1, b"brings".to_vec()) };
    let erases = NewSet { gone: vec![[2; 32]], ..NewSet::new(1, b"erases".to_vec()) };
    let head = begun.head(policy).unwrap();
    let Outcome::Done(head) = begun.append(policy, &head, &[brings, erases]).unwrap() else { panic!("a conflict") };
    let head = begun.keep_instant(policy, head.at_ms + 1000).unwrap();
    service.move_to(Box::new(kept.clone())).unwrap();
    assert_eq!(service.head(), head);
    assert_eq!(verify(&kept, policy, None), Ok(head));
    let [first, _, third] = rows;
    assert_eq!(kept.read_private(policy, None, 10), Ok(vec![first, third]));
}
