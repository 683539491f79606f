//! The class `Projection` for JavaScript, in Node. An engine makes what it loads, so this runs with `face-js`.

#![cfg(all(target_arch = "wasm32", feature = "face-js"))]
#![expect(clippy::unwrap_used, reason = "tests")]

use js_sys::{Error, Reflect};
use portcullis_engine::face_check::Projection;
use portcullis_engine::face_js::Engine;
use portcullis_engine::{Identity, State};
use wasm_bindgen_test::wasm_bindgen_test;

const SALT: [u8; 16] = *b"0123456789abcdef";

/// A policy in which `user:dev` may change one project until the first second is over.
fn snapshot() -> Vec<u8> {
    let request =
        br#"{"request":"propose","caller":"user:admin","now":0,"seed":"00112233445566778899aabbccddeeff","commands":[
        {"command":"createPolicy"},
        {"command":"createObject","arguments":{"projectName":"Default"}},
        {"command":"createObject","arguments":{"userName":"dev"}},
        {"command":"createAclEntry","arguments":{"principalType":"user","principalName":"dev","projectName":"Default",
            "modifyPrivilege":"allow","notAfter":"1970-01-01T00:00:01Z"}}]}"#;
    let mut state = State::new().unwrap();
    let changes = state.call(request).changes.unwrap();
    state.apply(&changes).unwrap();
    state.snapshot()
}

fn projection() -> Projection {
    let engine = Engine::restore(&snapshot()).unwrap();
    Projection::load(&engine.project("user:dev", 0.0, &SALT).unwrap()).unwrap()
}

fn code(error: &Error) -> String {
    Reflect::get(error, &"code".into()).unwrap().as_string().unwrap()
}

fn joined(texts: &[&str]) -> (Vec<u8>, Vec<u32>) {
    let mut all = Vec::new();
    let ends = texts.iter().map(|text| {
        all.extend_from_slice(text.as_bytes());
        all.len() as u32
    });
    let ends = ends.collect();
    (all, ends)
}

#[wasm_bindgen_test]
fn it_answers_as_the_engine_does() {
    let (engine, projection) = (Engine::restore(&snapshot()).unwrap(), projection());
    for privilege in ["read", "modify", "execute", "changePermissions"] {
        for path in ["/projects/Default", "/projects/Default/properties/x", "/projects/None", "/users/dev"] {
            for now in [0.0, 999.0, 1000.0, 1_700_000_000_000.0] {
                let whole = engine.check("user:dev", privilege, path, now).unwrap();
                assert_eq!(
                    projection.check("user:dev", privilege, path, now).unwrap(),
                    whole,
                    "{privilege} {path} {now}"
                );
            }
        }
    }
    assert_eq!(projection.valid_until("user:dev", "modify", "/projects/Default", 0.0).unwrap(), Some(1000.0));
    assert_eq!(projection.valid_until("user:dev", "modify", "/projects/Default", 1000.0).unwrap(), None);
    assert_eq!(projection.from(), 0.0);
}

#[wasm_bindgen_test]
fn many_at_once_are_answered_one_by_one() {
    let projection = projection();
    let (text, ends) = joined(&["/projects/Default", "/projects/None", "/projects/Default/jobs/ü"]);
    assert_eq!(projection.filter("user:dev", "modify", &text, &ends, 0.0).unwrap(), [1, 0, 1]);
    let (text, ends) = joined(&["user:dev", "modify", "/projects/Default", "user:dev", "modify", "/projects/None"]);
    assert_eq!(projection.check_many(&text, &ends, 0.0).unwrap(), [1, 0]);
    assert!(projection.check_many(&[], &[], 0.0).unwrap().is_empty());
    let (text, ends) = joined(&["user:dev", "modify"]);
    assert_eq!(code(&projection.check_many(&text, &ends, 0.0).unwrap_err()), "InvalidArgument");
    let (text, ends) = joined(&["/projects/Default", "nonsense"]);
    assert_eq!(code(&projection.filter("user:dev", "modify", &text, &ends, 0.0).unwrap_err()), "InvalidArgument");
}

#[wasm_bindgen_test]
fn what_it_cannot_answer_is_thrown_with_its_code() {
    let projection = projection();
    let path = "/projects/Default";
    assert_eq!(code(&projection.check("user:other", "read", path, 0.0).unwrap_err()), "NotInProjection");
    assert_eq!(code(&projection.check("user:dev", "nonsense", path, 0.0).unwrap_err()), "InvalidPrivilege");
    assert_eq!(code(&projection.check("user:dev", "read", "nonsense", 0.0).unwrap_err()), "InvalidArgument");
    let engine = Engine::restore(&snapshot()).unwrap();
    assert_eq!(code(&engine.project("nobody", 0.0, &SALT).unwrap_err()), "InvalidPrincipalName");
    assert_eq!(code(&engine.project("user:dev", 0.0, &[0; 15]).unwrap_err()), "InvalidArgument");
    assert_eq!(code(&Projection::load(&snapshot()).err().unwrap()), "Damaged");
    let bytes = engine.project("user:dev", 0.0, &SALT).unwrap();
    assert_eq!(code(&Projection::load(&bytes[1..]).err().unwrap()), "Damaged");
    assert_eq!(code(&Engine::restore(&bytes).err().unwrap()), "Damaged");
}

#[wasm_bindgen_test]
fn the_engine_class_makes_the_same_bytes_as_the_state() {
    let state = State::restore(&snapshot()).unwrap();
    let bytes = state.project(&Identity::parse("user:dev").unwrap(), 0, &SALT).unwrap();
    assert_eq!(Engine::restore(&snapshot()).unwrap().project("user:dev", 0.0, &SALT).unwrap(), bytes);
    // The same in `rules/projection.rs`, on another target.
    let sum = u64::from_le_bytes(bytes[8..16].try_into().unwrap());
    assert_eq!(format!("{sum:016x}"), "0d677c3c33ddfd50");
}
