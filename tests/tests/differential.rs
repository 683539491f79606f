//! Random sequences of requests, natively and in wasmtime: the same bytes. `cargo xtask test` puts the same sequences to
//! the JavaScript module (`tests/javascript/cases`).
//!
//! `PORTCULLIS_SEED` says which sequences, `PORTCULLIS_SEQUENCES` how many.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use conformance::chance::acts::Draw;
use conformance::target::{Native, Wasmtime};
use conformance::transcript;
use portcullis_host::runtime::Runtime;
use serde_json::Value;
use std::io::Write;

#[test]
fn random_sequences_give_the_same_bytes_natively_and_in_wasmtime() {
    let (draw, runtime) = (Draw::wanted().unwrap(), Runtime::new().unwrap());
    let mut requests = 0;
    for (number, acts) in draw.sequences().unwrap().iter().enumerate() {
        let native = transcript::of_sequence(&draw.name(number), acts, Native::new().unwrap());
        let wasmtime = transcript::of_sequence(&draw.name(number), acts, Wasmtime::new(&runtime).unwrap());
        let (native, wasmtime) = (without_projections(native.unwrap()), wasmtime.unwrap());
        assert!(native == wasmtime, "{}: {}", draw.name(number), difference(&native, &wasmtime));
        requests += steps(&native).iter().filter(|step| step.get("call").is_some()).count();
    }
    assert!(requests > draw.count * 20, "too few requests to show anything: {requests}");
    // Past what the harness keeps to itself.
    let told = format!("{requests} requests in {} sequences of seed {}: the same bytes\n", draw.count, draw.seed);
    std::io::stderr().write_all(told.as_bytes()).unwrap();
}

/// The host's module makes none.
fn without_projections(mut transcript: Value) -> Value {
    let steps = transcript.get_mut("steps").and_then(Value::as_array_mut);
    steps.unwrap().retain(|step| step.get("projectFor").is_none());
    transcript
}

fn steps(transcript: &Value) -> &[Value] {
    transcript.get("steps").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn difference(native: &Value, wasmtime: &Value) -> String {
    let mut pairs = steps(native).iter().zip(steps(wasmtime));
    match pairs.find(|(one, other)| one != other) {
        Some((one, other)) => format!("natively {one}, in wasmtime {other}"),
        None => "the snapshots at the end, or how many steps there are".into(),
    }
}
