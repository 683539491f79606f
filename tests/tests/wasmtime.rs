//! Every case on the WebAssembly module in wasmtime: as true there, and byte for byte what the native engine does.

use conformance::case::{Case, TargetName};
use conformance::play::{Played, play};
use conformance::suite;
use conformance::target::{Native, Target, Wasmtime};
use portcullis_host::runtime::Runtime;
use std::process::ExitCode;
use std::sync::LazyLock;

static RUNTIME: LazyLock<Result<Runtime, String>> = LazyLock::new(|| Runtime::new().map_err(|error| error.to_string()));

fn main() -> ExitCode {
    suite::run(TargetName::Wasmtime, test)
}

fn test(case: &Case) -> Result<(), String> {
    let runtime = RUNTIME.as_ref().map_err(Clone::clone)?;
    let mut target = Wasmtime::new(runtime)?;
    let mut played = play(case, &mut target, |_, _, _| Vec::new());
    let native = play(case, &mut Native::new()?, |_, _, _| Vec::new());
    played.faults.extend(differences(&native, &played));
    played.faults.extend(second_life(runtime, &played)?);
    suite::verdict(case, &played.faults)
}

/// Where the two targets did not give the same bytes.
fn differences(native: &Played, wasm: &Played) -> Vec<String> {
    let mut faults = Vec::new();
    for (native, wasm) in native.exchanges.iter().zip(&wasm.exchanges).filter(|(native, wasm)| native != wasm) {
        let (one, other) = (String::from_utf8_lossy(&native.answer), String::from_utf8_lossy(&wasm.answer));
        faults.push(format!("{}: natively {one}, in wasmtime {other}, or other changes", native.request));
    }
    if native.exchanges.len() != wasm.exchanges.len() || native.snapshot != wasm.snapshot {
        faults.push("the native engine's snapshot has other bytes".into());
    }
    faults
}

/// Another instance, given the snapshot, must give it back.
fn second_life(runtime: &Runtime, played: &Played) -> Result<Option<String>, String> {
    let mut second = Wasmtime::new(runtime)?;
    second.restore(&played.snapshot)?;
    let again = second.snapshot()?;
    Ok((again != played.snapshot).then(|| "the snapshot, restored in wasmtime, gives another".into()))
}
