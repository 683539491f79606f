//! The face for JavaScript, in Node.

#![cfg(all(target_arch = "wasm32", feature = "face-js"))]
#![expect(clippy::unwrap_used, reason = "tests")]

use js_sys::Reflect;
use portcullis_engine::face_js::Engine;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

const SEED: &str = "00112233445566778899aabbccddeeff";

fn propose(engine: &mut Engine, commands: &str) -> Result<JsValue, js_sys::Error> {
    let request =
        format!(r#"{{"request":"propose","caller":"user:admin","now":0,"seed":"{SEED}","commands":{commands}}}"#);
    let answer = engine.call(js_sys::JSON::parse(&request).unwrap())?;
    if let Some(changes) = engine.take_changes() {
        engine.apply(&changes).unwrap();
    }
    Ok(answer)
}

fn engine() -> Engine {
    let mut engine = Engine::new().unwrap();
    let commands = r#"[{"command":"createPolicy"},
        {"command":"createObject","arguments":{"projectName":"Default"}},
        {"command":"createObject","arguments":{"userName":"dev"}},
        {"command":"createAclEntry","arguments":{"principalType":"user","principalName":"dev","projectName":"Default",
            "modifyPrivilege":"allow"}}]"#;
    propose(&mut engine, commands).unwrap();
    engine
}

fn field(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap()
}

#[wasm_bindgen_test]
fn a_check_on_strings_and_one_on_handles_agree() {
    let engine = engine();
    let object = engine.resolve_object("/projects/Default").unwrap();
    let principal = engine.resolve_principal("user:dev").unwrap();
    for (privilege, expected) in [("read", true), ("modify", true), ("changePermissions", false)] {
        let bit = engine.resolve_privilege(privilege).unwrap();
        assert_eq!(engine.check("user:dev", privilege, "/projects/Default", 0.0).unwrap(), expected, "{privilege}");
        assert_eq!(engine.check_handle(principal, &object, bit, 0.0), expected, "{privilege}");
    }
}

#[wasm_bindgen_test]
fn an_answer_is_a_plain_value() {
    let mut engine = engine();
    let request = r#"{"request":"ask","caller":"user:dev","now":0,"command":"checkAccess","arguments":{"projectName":"Default"}}"#;
    let answer = engine.call(request.into()).unwrap();
    let access = field(&field(&answer, "reply"), "access");
    assert_eq!(field(&access, "modifyPrivilege").as_string().as_deref(), Some("allow"));
    assert_eq!(field(&answer, "revision").as_f64(), Some(1.0));
}

#[wasm_bindgen_test]
fn a_refusal_is_thrown_with_its_code() {
    let mut engine = engine();
    let thrown =
        propose(&mut engine, r#"[{"command":"deleteObject","arguments":{"projectName":"None"}}]"#).unwrap_err();
    assert_eq!(field(&thrown, "code").as_string().as_deref(), Some("NoSuchProject"));
    assert!(thrown.is_instance_of::<js_sys::Error>());
}

#[wasm_bindgen_test]
fn a_snapshot_gives_the_same_policy_and_a_cut_one_is_refused() {
    let engine = engine();
    let bytes = engine.snapshot();
    assert_eq!(Engine::restore(&bytes).unwrap().snapshot(), bytes);
    let thrown = Engine::restore(&bytes[..bytes.len() - 1]).err().unwrap();
    assert_eq!(field(&thrown, "code").as_string().as_deref(), Some("Damaged"));
}
