//! The runtime with a module that misbehaves on demand: `faulty.wat`.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use super::*;

static FAULTY: &[u8] = include_bytes!(env!("PORTCULLIS_FAULTY_CODE"));

const CAP_BYTES: usize = 8 << 20;
const LONG: Duration = Duration::from_secs(60);
const OBJECT: ObjectHandle = ObjectHandle { object: 1, stamp: 0 };

fn instance() -> Instance {
    Runtime::load(FAULTY).unwrap().new_instance(CAP_BYTES).unwrap()
}

fn failure(request: &[u8]) -> RuntimeError {
    instance().call(request, LONG).unwrap_err()
}

#[test]
fn a_call_returns_the_answer_whatever_its_length() {
    let mut instance = instance();
    for length in [1, 100, 65_536, 1_000_000] {
        let request = vec![b'e'; length];
        assert_eq!(instance.call(&request, LONG).unwrap(), request);
    }
}

#[test]
fn a_call_beyond_its_deadline_is_stopped_and_not_before_it() {
    let start = Instant::now();
    let error = instance().call(b"loop", Duration::from_millis(80)).unwrap_err();
    assert_eq!(error, RuntimeError::DeadlineExceeded { deadline_ms: 80 });
    assert!(start.elapsed() >= Duration::from_millis(80), "{:?}", start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn a_deadline_holds_after_the_thread_has_gone_to_sleep() {
    let runtime = Runtime::load(FAULTY).unwrap();
    runtime.new_instance(CAP_BYTES).unwrap().call(b"echo", LONG).unwrap();
    std::thread::sleep(Duration::from_millis(1_500));
    let error = runtime.new_instance(CAP_BYTES).unwrap().call(b"loop", Duration::from_millis(20)).unwrap_err();
    assert_eq!(error.code(), "DeadlineExceeded");
}

#[test]
fn a_deadline_does_not_outlast_its_call() {
    let mut instance = instance();
    instance.call(b"echo", Duration::ZERO).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(instance.snapshot().unwrap(), b"state");
    instance.apply(b"changes").unwrap();
}

#[test]
fn growing_beyond_the_cap_is_a_state_too_large() {
    assert_eq!(failure(b"grow"), RuntimeError::StateTooLarge { cap_bytes: CAP_BYTES });
    let request = vec![b'e'; CAP_BYTES];
    assert_eq!(failure(&request).code(), "StateTooLarge");
    assert_eq!(instance().restore(&request).unwrap_err().code(), "StateTooLarge");
}

#[test]
fn a_cap_below_the_empty_engine_is_a_state_too_large() {
    let error = Runtime::load(FAULTY).unwrap().new_instance(65_536).err().unwrap();
    assert_eq!(error, RuntimeError::StateTooLarge { cap_bytes: 65_536 });
}

#[test]
fn a_trap_an_overflow_and_a_broken_answer_are_engine_failures() {
    for request in ["unreachable", "recurse", "beyond its memory", "no answer"] {
        assert_eq!(failure(request.as_bytes()).code(), "EngineFailure", "{request}");
    }
}

#[test]
fn after_a_trap_every_method_fails_and_another_instance_does_not() {
    let runtime = Runtime::load(FAULTY).unwrap();
    let (mut broken, mut sound) = (runtime.new_instance(CAP_BYTES).unwrap(), runtime.new_instance(CAP_BYTES).unwrap());
    broken.call(b"unreachable", LONG).unwrap_err();
    let errors = [
        broken.call(b"echo", LONG).unwrap_err(),
        broken.take_changes().unwrap_err(),
        broken.apply(b"a").unwrap_err(),
        broken.restore(b"a").unwrap_err(),
        broken.snapshot().unwrap_err(),
        broken.resolve_principal("user:u").unwrap_err(),
        broken.resolve_object("/u").unwrap_err(),
        broken.check_handle(1, OBJECT, 1, 0).unwrap_err(),
        broken.check_text("u", "read", "/", 0).unwrap_err(),
    ];
    assert!(errors.iter().all(|error| error.code() == "EngineFailure"), "{errors:?}");
    assert_eq!(sound.call(b"echo", LONG).unwrap(), b"echo");
}

#[test]
fn a_trap_in_a_quick_call_poisons_too() {
    let mut instance = instance();
    assert_eq!(instance.check_handle(1, OBJECT, 9, 0).unwrap_err().code(), "EngineFailure");
    assert_eq!(instance.check_handle(1, OBJECT, 1, 0).unwrap_err().code(), "EngineFailure");
}

#[test]
fn a_refused_change_set_has_the_engines_code_and_words_and_the_instance_goes_on() {
    let mut instance = instance();
    for error in [instance.apply(b"bad").unwrap_err(), instance.restore(b"bad").unwrap_err()] {
        assert_eq!(error.code(), "InvalidArgument");
        assert_eq!(error.to_string(), "not a change set");
    }
    instance.apply(b"good").unwrap();
}

#[test]
fn the_engines_numbers_are_verdicts() {
    let mut instance = instance();
    let verdicts = [0, 1, 2, 3].map(|number| instance.check_handle(1, OBJECT, number, 0).unwrap());
    assert_eq!(verdicts, [Verdict::Deny, Verdict::Allow, Verdict::StaleHandle, Verdict::BadRequest]);
}

#[test]
fn a_number_that_is_no_verdict_denies() {
    assert_eq!(instance().check_handle(1, OBJECT, 77, 0).unwrap(), Verdict::Deny);
}

#[test]
fn texts_lie_one_after_the_other() {
    let mut instance = instance();
    assert_eq!(instance.check_text("user:dev", "read", "/projects/Default", 0).unwrap(), Verdict::Allow);
    assert_eq!(instance.check_text("user:dev", "read", "projects/Default", 0).unwrap(), Verdict::Deny);
}

#[test]
fn names_resolve_or_are_unknown() {
    let mut instance = instance();
    assert_eq!(instance.resolve_principal("user:dev").unwrap(), Some(8));
    assert_eq!(instance.resolve_principal("group:dev").unwrap(), None);
    assert_eq!(instance.resolve_object("uuu").unwrap(), Some(ObjectHandle { object: 3, stamp: 7 }));
    assert_eq!(instance.resolve_object("/").unwrap(), None);
}

#[test]
fn texts_beyond_the_buffer_are_too_long_and_nothing_is_lost() {
    let mut instance = instance();
    let (longest, too_long) = ("u".repeat(16_384), "u".repeat(16_385));
    assert_eq!(instance.resolve_principal(&longest).unwrap(), Some(16_384));
    assert_eq!(instance.resolve_object(&too_long), Err(RuntimeError::ValueTooLong { bytes: 16_385 }));
    assert_eq!(instance.check_text("user:u", "read", &longest, 0).unwrap(), Verdict::BadRequest);
    assert_eq!(instance.resolve_principal("u").unwrap(), Some(1));
}

#[test]
fn code_that_is_not_the_builds_is_refused() {
    let error = Runtime::load(b"not machine code").err().unwrap();
    assert_eq!(error.code(), "EngineFailure");
}

#[test]
fn instances_may_move_to_other_threads() {
    let mut instance = instance();
    let answer = std::thread::spawn(move || instance.call(b"echo", LONG)).join().unwrap();
    assert_eq!(answer.unwrap(), b"echo");
}

#[test]
fn the_engine_inside_this_program_imports_nothing() {
    assert_eq!(Runtime::new().unwrap().imports(), Vec::<String>::new());
}
