//! The engine's figures, native and under wasmtime, on the estates that the example `estate` has written:
//! `cargo bench --package conformance --bench spine -- ESTATES FIGURES`. `cargo xtask bench` makes the estates, runs
//! this and prints the table. With `--quick` behind, the native engine alone, in half a minute.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark that cannot go on has nothing to say")]

mod command_line;
mod engines;
mod measurements;
mod questions;
mod sample;
mod uncached;

use std::fs;
use std::path::{Path, PathBuf};

use engines::Native;
use measurements::Subject;
use portcullis_engine::State;
use portcullis_host::runtime::{Instance, Runtime};
use sample::Sheet;
use uncached::Uncached;

/// The estates, from small to large. In the last there are few lists in a large tree.
const ESTATES: [&str; 4] = ["1k", "100k", "1M", "sparse"];

/// How often everything is measured in turn.
const ROUNDS: usize = 4;

const MEMORY_CAP: usize = 3 << 30;

/// An estate, and the engine with it in both places.
struct Both {
    subject: Subject,
    snapshot: Vec<u8>,
    native: Native,
    instance: Instance,
}

fn main() {
    let mut words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let is_quick = words.last().is_some_and(|word| word == "--quick");
    words.truncate(2);
    let [estates, figures] = words.try_into().expect("two folders, of estates and of figures");
    let (runtime, mut sheet) = (Runtime::new().expect("the runtime"), Sheet::new());
    // Before anything else, so that what others have freed is not counted as taken.
    let policies = ESTATES.map(|name| Policy::restore(PathBuf::from(&estates).join(name)));
    let mut all = Vec::new();
    for (name, policy) in ESTATES.into_iter().zip(policies) {
        sheet.figure(&format!("native {name} memory"), policy.resident_bytes);
        let both = Both::new(name, policy, &runtime);
        sheet.figure(&both.subject.id("wasmtime", "memory"), both.instance.memory_bytes() as f64);
        all.push(both);
    }
    if is_quick {
        all.iter_mut().for_each(|both| both.measure_native(&mut sheet));
    } else {
        measure(&mut all, &runtime, &mut sheet);
    }
    write(sheet, Path::new(&figures));
}

/// Everything in turns: noise hits all alike.
fn measure(all: &mut [Both], runtime: &Runtime, sheet: &mut Sheet) {
    let mut uncached = Uncached::new();
    for _ in 0..ROUNDS {
        uncached.measure(sheet);
        for both in &mut *all {
            both.measure_native(sheet);
            both.subject.measure("wasmtime", sheet, &mut both.instance);
            both.measure_restoring(runtime, sheet);
        }
    }
    all.iter().for_each(|both| both.tell_sizes(sheet));
    command_line::measure(sheet);
}

/// A policy that was just restored, and by how much the process has grown for it.
struct Policy {
    folder: PathBuf,
    snapshot: Vec<u8>,
    state: State,
    resident_bytes: f64,
}

impl Policy {
    fn restore(folder: PathBuf) -> Self {
        let snapshot = fs::read(folder.join("policy.snapshot")).expect("a snapshot");
        let before = resident_bytes();
        let state = State::restore(&snapshot).expect("the snapshot is sound");
        Self { folder, snapshot, state, resident_bytes: resident_bytes() - before }
    }
}

/// How much memory this process has, as the kernel counts it.
fn resident_bytes() -> f64 {
    let pages = fs::read_to_string("/proc/self/statm").expect("the kernel's count");
    let resident = pages.split(' ').nth(1).and_then(|pages| pages.parse::<f64>().ok());
    resident.expect("a number of pages") * 4096.0
}

impl Both {
    fn new(name: &'static str, Policy { folder, snapshot, state, .. }: Policy, runtime: &Runtime) -> Self {
        let mut instance = runtime.new_instance(MEMORY_CAP).expect("an instance");
        instance.restore(&snapshot).expect("the snapshot is sound");
        let subject = Subject::new(name, &state, questions::read(&folder));
        Self { subject, snapshot, native: Native::new(state), instance }
    }

    fn measure_native(&mut self, sheet: &mut Sheet) {
        self.subject.measure_filter("native", sheet, &self.native);
        self.subject.measure("native", sheet, &mut self.native);
    }

    fn measure_restoring(&self, runtime: &Runtime, sheet: &mut Sheet) {
        let id = |place| self.subject.id(place, "restore");
        let state = sheet.time(&id("native"), || State::restore(&self.snapshot).expect("the snapshot is sound"));
        self.subject.measure_first("native", sheet, &mut Native::new(state));
        let mut instance = runtime.new_instance(MEMORY_CAP).expect("an instance");
        sheet.time(&id("wasmtime"), || instance.restore(&self.snapshot).expect("the snapshot is sound"));
        self.subject.measure_first("wasmtime", sheet, &mut instance);
    }

    fn tell_sizes(&self, sheet: &mut Sheet) {
        let (state, id) = (&self.native.state, |place, what| self.subject.id(place, what));
        let objects = state.object_count() as f64;
        sheet.figure(&id("native", "memory per object"), state.object_heap_bytes() as f64 / objects);
        sheet.figure(&id("native", "rows and lists"), self.subject.rows_and_lists());
    }
}

/// One file per figure, its name the id, its text the number; and a line of output.
fn write(sheet: Sheet, folder: &Path) {
    fs::create_dir_all(folder).expect("a folder for figures");
    for (id, value) in sheet.figures() {
        println!("{id}: {value:.1}");
        fs::write(folder.join(id), value.to_string()).expect("a figure");
    }
}
