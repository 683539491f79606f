//! The face for JavaScript, in Node and in a browser.

#![cfg(all(target_arch = "wasm32", feature = "face-js"))]
#![expect(clippy::unwrap_used, reason = "tests")]

use js_sys::{Error, Reflect};
use portcullis_engine::face_js::Engine;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

const SEED: &str = "00112233445566778899aabbccddeeff";
const PROJECT: &str = "/projects/Default";

fn call(engine: &mut Engine, request: &str, commands: &str) -> String {
    engine.call(&format!(
        r#"{{"request":"{request}","caller":"user:admin","now":0,"seed":"{SEED}","commands":{commands}}}"#
    ))
}

/// Proposes and applies; the answer.
fn propose(engine: &mut Engine, commands: &str) -> String {
    let answer = call(engine, "propose", commands);
    if let Some(changes) = engine.take_changes() {
        let beside = engine.take_private();
        engine.apply(&changes, Some(beside)).unwrap();
    }
    answer
}

fn engine() -> Engine {
    let mut engine = Engine::new().unwrap();
    let commands = r#"[{"command":"createPolicy"},
        {"command":"createObject","arguments":{"projectName":"Default"}},
        {"command":"createObject","arguments":{"projectName":"Ünïcode ✓"}},
        {"command":"createObject","arguments":{"userName":"dev"}},
        {"command":"createAclEntry","arguments":{"principalType":"user","principalName":"dev","projectName":"Default",
            "modifyPrivilege":"allow","notAfter":"1970-01-01T00:00:05Z"}}]"#;
    assert!(!propose(&mut engine, commands).contains("error"));
    engine
}

/// The code of what was thrown.
fn code(thrown: Error) -> String {
    assert!(thrown.is_instance_of::<Error>() && thrown.message().length() > 0);
    Reflect::get(&thrown, &"code".into()).unwrap().as_string().unwrap()
}

/// Texts as they cross: one after the other, and where each ends.
fn texts(texts: &[&str]) -> (Vec<u8>, Vec<u32>) {
    let ends = texts.iter().scan(0, |end, text| {
        *end += text.len() as u32;
        Some(*end)
    });
    (texts.concat().into_bytes(), ends.collect())
}

#[wasm_bindgen_test]
fn a_check_on_strings_and_one_on_handles_agree() {
    let mut engine = engine();
    let object = engine.resolve_object(PROJECT).unwrap();
    assert_eq!(engine.object_stamp(), 0.0);
    let principal = engine.resolve_principal("user:dev").unwrap();
    for (privilege, expected) in [("read", true), ("modify", true), ("changePermissions", false)] {
        let bit = engine.resolve_privilege(privilege).unwrap();
        assert_eq!(engine.check("user:dev", privilege, PROJECT, 0.0).unwrap(), expected, "{privilege}");
        assert_eq!(engine.check_handle(principal, object, 0.0, bit, 0.0), expected, "{privilege}");
    }
}

#[wasm_bindgen_test]
fn a_dated_entry_counts_until_the_instant_that_valid_until_tells() {
    let engine = engine();
    let until = engine.valid_until("user:dev", "modify", PROJECT, 0.0).unwrap();
    assert_eq!(until, Some(5_000.0));
    assert!(engine.check("user:dev", "modify", PROJECT, 4_999.0).unwrap());
    assert!(!engine.check("user:dev", "modify", PROJECT, 5_000.0).unwrap());
    assert_eq!(engine.valid_until("user:dev", "modify", PROJECT, 5_000.0).unwrap(), None);
}

#[wasm_bindgen_test]
fn handles_of_what_is_not_there_are_stale_or_nobodys() {
    let mut engine = engine();
    let object = engine.resolve_object("/projects/New").unwrap();
    let stamp = engine.object_stamp();
    assert_eq!(stamp, 2.0);
    let (dev, read) = (engine.resolve_principal("user:dev").unwrap(), engine.resolve_privilege("read").unwrap());
    assert!(engine.check_handle(dev, object, stamp, read, 0.0) && !engine.is_stale(object, stamp));
    propose(&mut engine, r#"[{"command":"createObject","arguments":{"projectName":"New"}}]"#);
    assert!(!engine.check_handle(dev, object, stamp, read, 0.0) && engine.is_stale(object, stamp));
    assert!(engine.is_stale(4_000_000_000, 0.0));
    assert_eq!(engine.resolve_principal("user:nobody").unwrap(), u32::MAX);
    assert!(!engine.check_handle(u32::MAX, object, 0.0, read, 0.0));
    for (object, stamp, privilege, now) in
        [(u32::MAX, f64::NAN, u32::MAX, f64::NAN), (0, -1.0, 31, f64::INFINITY), (object, 1e300, 32, -1e300)]
    {
        assert!(!engine.check_handle(dev, object, stamp, privilege, now));
    }
}

#[wasm_bindgen_test]
fn questions_are_text_in_and_text_out() {
    let mut engine = engine();
    let answer = engine.call(
        r#"{"request":"ask","caller":"user:dev","now":0,"command":"checkAccess","arguments":{"projectName":"Default"}}"#,
    );
    assert!(
        answer.starts_with(r#"{"revision":1,"reply":{"access":{"readPrivilege":"allow","modifyPrivilege":"allow""#)
    );
    assert_eq!(engine.revision(), 1.0);
}

#[wasm_bindgen_test]
fn a_refusal_is_an_answer_and_leaves_nothing_to_take() {
    let mut engine = engine();
    let refused = call(&mut engine, "propose", r#"[{"command":"deleteObject","arguments":{"projectName":"None"}}]"#);
    assert!(refused.starts_with(r#"{"revision":1,"error":{"code":"NoSuchProject","message":"#), "{refused}");
    assert!(refused.ends_with(r#""command":0}}"#) && engine.take_changes().is_none(), "{refused}");
    for request in ["", "{", "null", "[]", "\u{0}", r#"{"request":"preview"}"#, &"[".repeat(100_000)] {
        assert!(engine.call(request).starts_with(r#"{"revision":1,"error":{"code":""#));
    }
    assert!(engine.check("user:dev", "read", PROJECT, 0.0).unwrap());
}

#[wasm_bindgen_test]
fn a_preview_tells_who_gains_what_and_changes_nothing() {
    let mut engine = engine();
    let before = engine.snapshot();
    let entry = r#"[{"command":"createAclEntry","arguments":{"principalType":"user","principalName":"new",
        "projectName":"Default","readPrivilege":"allow"}}]"#;
    let answer = call(&mut engine, "preview", entry);
    assert!(answer.contains(r#""path":"/projects/Default","gains":["read"],"loses":[],"below":0}]"#), "{answer}");
    assert!(engine.take_changes().is_none() && engine.snapshot() == before);
}

#[wasm_bindgen_test]
fn what_travels_beside_a_change_set_is_revealed_with_it() {
    let mut engine = engine();
    let mut replica = Engine::restore(&engine.snapshot()).unwrap();
    let mut forgetful = Engine::restore(&engine.snapshot()).unwrap();
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
    let user = format!(r#"[{{"command":"createUser","arguments":{{"userName":"dora","password":"{hash}"}}}}]"#);
    let answer = call(&mut engine, "propose", &user);
    let (changes, beside) = (engine.take_changes().unwrap(), engine.take_private());
    assert!(engine.take_changes().is_none(), "{answer}");
    assert_eq!(code(replica.apply(&changes, Some(vec![1, 2, 3])).unwrap_err()), "Damaged");
    assert_eq!(replica.revision(), 1.0, "nothing was applied");
    replica.apply(&changes, Some(beside)).unwrap();
    forgetful.apply(&changes, None).unwrap();
    assert_eq!(replica.password_of("dora").as_deref(), Some(hash));
    assert_eq!((forgetful.password_of("dora"), replica.password_of("nobody")), (None, None));
    assert_eq!(forgetful.snapshot(), replica.snapshot());
    assert_eq!(code(replica.apply(&changes, None).unwrap_err()), "Damaged");
}

#[wasm_bindgen_test]
fn a_snapshot_gives_the_same_policy_and_a_damaged_one_is_refused() {
    let engine = engine();
    let bytes = engine.snapshot();
    assert_eq!(Engine::restore(&bytes).unwrap().snapshot(), bytes);
    for cut in [0, 1, 8, bytes.len() / 2, bytes.len() - 1] {
        assert_eq!(code(Engine::restore(&bytes[..cut]).err().unwrap()), "Damaged");
    }
    let mut other = bytes;
    other[40] ^= 1;
    assert_eq!(code(Engine::restore(&other).err().unwrap()), "Damaged");
}

#[wasm_bindgen_test]
fn what_names_nothing_is_thrown_with_its_code() {
    let mut engine = engine();
    for (principal, privilege, path, expected) in [
        ("dev", "read", PROJECT, "InvalidPrincipalName"),
        ("robot:dev", "read", PROJECT, "InvalidPrincipalType"),
        ("user:dev", "write", PROJECT, "InvalidPrivilege"),
        ("user:dev", "read", "projects", "InvalidArgument"),
        ("", "", "", "InvalidPrivilege"),
    ] {
        assert_eq!(code(engine.check(principal, privilege, path, 0.0).unwrap_err()), expected);
        assert_eq!(code(engine.valid_until(principal, privilege, path, 0.0).unwrap_err()), expected);
        let (text, ends) = texts(&[path]);
        assert_eq!(code(engine.filter(principal, privilege, &text, &ends, 0.0).unwrap_err()), expected);
        let (text, ends) = texts(&[principal, privilege, path]);
        assert_eq!(code(engine.check_many(&text, &ends, 0.0).unwrap_err()), expected);
    }
    assert_eq!(code(engine.resolve_principal("dev").unwrap_err()), "InvalidPrincipalName");
    assert_eq!(code(engine.resolve_object("").unwrap_err()), "InvalidArgument");
    assert_eq!(code(engine.resolve_privilege("").unwrap_err()), "InvalidPrivilege");
}

#[wasm_bindgen_test]
fn many_questions_in_one_crossing_are_answered_as_one_by_one() {
    let engine = engine();
    let paths = [PROJECT, "/projects/Ünïcode ✓", "/projects/None/pipelines/P", PROJECT, "/systemObjects/directory"];
    let (text, ends) = texts(&paths);
    for (principal, privilege) in
        [("user:dev", "modify"), ("user:dev", "read"), ("user:admin", "modify"), ("group:x", "read")]
    {
        let one_by_one: Vec<u8> =
            paths.iter().map(|path| u8::from(engine.check(principal, privilege, path, 0.0).unwrap())).collect();
        assert_eq!(engine.filter(principal, privilege, &text, &ends, 0.0).unwrap(), one_by_one);
        let questions: Vec<&str> = paths.iter().flat_map(|path| [principal, privilege, path]).collect();
        let (text, ends) = texts(&questions);
        assert_eq!(engine.check_many(&text, &ends, 0.0).unwrap(), one_by_one);
    }
    assert_eq!(engine.filter("user:dev", "modify", &text, &ends, 0.0).unwrap(), [1, 0, 0, 1, 0]);
    assert!(engine.filter("user:dev", "read", b"", &[], 0.0).unwrap().is_empty());
    assert!(engine.check_many(b"", &[], 0.0).unwrap().is_empty());
}

#[wasm_bindgen_test]
fn texts_that_do_not_lie_one_after_the_other_are_refused() {
    let engine = engine();
    let (text, ends) = texts(&[PROJECT, "/projects/Ünïcode ✓"]);
    let cut = [[17, 12].as_slice(), &[11, 28], &[17], &[], &[17, u32::MAX]];
    for ends in cut {
        assert_eq!(code(engine.filter("user:dev", "read", &text, ends, 0.0).unwrap_err()), "InvalidArgument");
    }
    assert_eq!(code(engine.filter("user:dev", "read", &[0xff, 0xfe], &[2], 0.0).unwrap_err()), "InvalidArgument");
    assert_eq!(code(engine.check_many(&text, &ends, 0.0).unwrap_err()), "InvalidArgument");
}
