//! Any bytes as a snapshot and as a projection. The first byte says how they are taken: as they are; or as what follows
//! the head of one, with the check sum that belongs to it, so that what is behind the check sum is reached at all.

use super::policy;
use portcullis_engine::{Identity, Projection, State};
use twox_hash::XxHash64;

/// What the first byte may say; any other is as [`Form::Raw`].
#[derive(Clone, Copy)]
pub(super) enum Form {
    Raw,
    Snapshot,
    Projection,
}

/// What seals begin with: which kind of file it is, and its version.
const SNAPSHOT: &[u8; 8] = b"PCLSNAP\x01";
const PROJECTION: &[u8; 8] = b"PCLPROJ\x01";
/// A mark and a check sum.
const HEAD_BYTES: usize = 16;

/// Bytes as a snapshot or a projection.
///
/// # Panics
///
/// What is accepted cannot be written again, asked or changed.
pub fn run(bytes: &[u8]) {
    let Some((form, rest)) = bytes.split_first() else { return };
    match *form {
        form if form == Form::Snapshot as u8 => restore(&sealed(SNAPSHOT, rest)),
        form if form == Form::Projection as u8 => load(&sealed(PROJECTION, rest)),
        _ => {
            restore(rest);
            load(rest);
        }
    }
}

/// The bytes that make [`run`] take what is sealed for what it is.
pub(super) fn seed(form: Form, sealed: &[u8]) -> Vec<u8> {
    let head = match form {
        Form::Raw => 0,
        Form::Snapshot | Form::Projection => HEAD_BYTES,
    };
    [&[form as u8], sealed.get(head..).unwrap_or_default()].concat()
}

fn sealed(mark: &[u8; 8], body: &[u8]) -> Vec<u8> {
    let sum = XxHash64::oneshot(0, body).to_le_bytes();
    [mark.as_slice(), &sum, body].concat()
}

/// What is accepted is a state: it has a snapshot, which is one of that very state, and can be asked.
fn restore(bytes: &[u8]) {
    let Ok(mut state) = State::restore(bytes) else { return };
    let own = state.snapshot();
    assert!(State::restore(&own).is_ok_and(|again| again.snapshot() == own), "its own snapshot is not one of it");
    policy::question(&mut state);
    for salt in [0, 7] {
        let ann = Identity::parse("user:ann");
        if let Ok(projection) = ann.and_then(|ann| state.project(&ann, policy::NOW, &[salt; 16])) {
            assert!(Projection::load(&projection).is_ok(), "its projection is none");
        }
    }
}

fn load(bytes: &[u8]) {
    let Ok(projection) = Projection::load(bytes) else { return };
    for principal in ["user:ann", "user:admin"] {
        let Ok(question) = projection.ask_names(principal, "read") else { continue };
        for path in [
            "/systemObjects/server",
            "/projects/Web",
            "/projects/Web/procedures/Build/steps/compile",
            "/projects/a%25b",
            "/nonsense",
        ] {
            for now in [i64::MIN, policy::NOW, i64::MAX] {
                // That it says something, and no more: what is right is not known.
                let _said = (question.check(path, now).is_ok(), question.valid_until(path, now).is_ok());
            }
        }
    }
}
