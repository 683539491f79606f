//! What the sentences are too short for.

use portcullis_host::store::{Head, NewSet, Outcome};

use crate::store_sentences::{Open, POLICY};
use crate::store_values::{digest, row};

/// Each change set brings a value, short or of several pages, and erases that of an earlier one; between them come a
/// snapshot, an instant and a new opening.
pub(crate) fn values_come_and_go(open: Open<'_>) {
    let mut store = open();
    let mut head = Head::EMPTY;
    for revision in 1..=9 {
        let gone = u64::checked_sub(revision, 3).map(digest).into_iter().collect();
        let private = vec![row(revision, [40, 5000, 300][usize::try_from(revision % 3).unwrap()])];
        let set = NewSet { private, gone, ..NewSet::new(1, vec![1; 900]) };
        let Ok(Outcome::Done(next)) = store.append(POLICY, &head, &[set]) else { panic!("nobody else writes") };
        head = next;
        match revision {
            3 => store.put_snapshot(POLICY, &head, &[7; 9000]).unwrap(),
            5 => head = store.keep_instant(POLICY, 500).unwrap(),
            6 => {
                drop(store);
                store = open();
            }
            8 => store.put_snapshot(POLICY, &head, &[8; 300]).unwrap(),
            _ => {}
        }
    }
    let kept: Vec<_> = store.read_private(POLICY, None, 100).unwrap().into_iter().map(|row| row.digest).collect();
    let mut expected = [7, 8, 9].map(digest);
    expected.sort_unstable();
    assert_eq!(kept, expected);
}
