//! The spine's figures: checks native and under wasmtime on the same questions, restoring, memory, and the command
//! line. `cargo xtask bench` runs this and prints the table.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark that cannot go on has nothing to say")]

mod estate;

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use estate::{Estate, Question, Size};
use portcullis_engine::{Handle, Identity, State};
use portcullis_host::runtime::{Instance, ObjectHandle, Runtime, Verdict};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const MEMORY_CAP: usize = 3 << 30;
const NOW: i64 = 1_700_000_000_000;

/// The size that the goals are set for.
const FULL: Size = Size { objects: 1_000_000, entries: 100_000, users: 10_000, groups: 1_000 };

/// Goes round a list for ever: each turn asks the next question.
struct Round<'a, T>(&'a [T], usize);

impl<'a, T> Round<'a, T> {
    fn next(&mut self) -> &'a T {
        self.1 = (self.1 + 1) % self.0.len();
        &self.0[self.1]
    }
}

/// Which questions are asked, in what order.
struct Mix {
    name: &'static str,
    questions: Vec<usize>,
}

/// A question, made ready for each way of asking. It owns its texts, which so lie in the order of asking: a caller has
/// just made the path that it asks about, and fetching it is not the check.
struct Asked {
    text: Question,
    principal: u32,
    object: Handle,
    privilege: u32,
}

fn spine(criterion: &mut Criterion) {
    let estate = estate::build(FULL, |_, _| ());
    let runtime = Runtime::new().expect("the runtime");
    let snapshot = estate.state.snapshot();
    let mut instance = runtime.new_instance(MEMORY_CAP).expect("an instance");
    instance.restore(&snapshot).expect("the snapshot is sound");
    compare(&estate, &mut instance);
    let objects = estate.state.object_count() as f64;
    figure("memory per object", estate.state.object_heap_bytes() as f64 / objects);
    let all = estate.questions.len();
    for mix in
        [Mix { name: "skewed", questions: estate::skewed(all) }, Mix { name: "uniform", questions: (0..all).collect() }]
    {
        let asked: Vec<Asked> = mix.questions.iter().map(|&at| ready(&estate.state, &estate.questions[at])).collect();
        checks_native(criterion, mix.name, &estate.state, &asked);
        checks_wasmtime(criterion, mix.name, &mut instance, &asked);
    }
    drop(instance);
    restoring(criterion, &runtime, &snapshot);
    command_line(criterion);
}

/// Both must answer every question alike, or the times mean nothing.
fn compare(estate: &Estate, instance: &mut Instance) {
    let mut allowed = 0;
    for question in &estate.questions {
        let native = native_text(&estate.state, question);
        let there =
            instance.check_text(&question.principal, question.privilege, &question.path, NOW).expect("an answer");
        assert_eq!(native, there == Verdict::Allow, "{} {}", question.principal, question.path);
        allowed += usize::from(native);
    }
    eprintln!("{allowed} of {} questions are allowed", estate.questions.len());
}

fn native_text(state: &State, question: &Question) -> bool {
    state.check_names(&question.principal, question.privilege, &question.path, NOW).expect("an answer")
}

fn ready(state: &State, text: &Question) -> Asked {
    let identity = Identity::parse(&text.principal).expect("a principal");
    Asked {
        text: text.clone(),
        principal: state.principal(&identity),
        object: state.resolve(&text.path).expect("a path"),
        privilege: state.schema().privilege(text.privilege).expect("a privilege"),
    }
}

fn checks_native(criterion: &mut Criterion, mix: &str, state: &State, asked: &[Asked]) {
    let mut group = criterion.benchmark_group("check");
    let mut round = Round(asked, 0);
    group.bench_function(format!("handle native {mix}"), |bencher| {
        bencher.iter(|| {
            let asked = round.next();
            black_box(state.check(asked.principal, asked.object, asked.privilege, NOW))
        });
    });
    let mut round = Round(asked, 0);
    group.bench_function(format!("path native {mix}"), |bencher| {
        bencher.iter(|| {
            let asked = round.next();
            black_box(state.check_path(asked.principal, asked.privilege, &asked.text.path, NOW))
        });
    });
    let mut round = Round(asked, 0);
    group.bench_function(format!("names native {mix}"), |bencher| {
        bencher.iter(|| black_box(native_text(state, &round.next().text)));
    });
    group.finish();
}

fn checks_wasmtime(criterion: &mut Criterion, mix: &str, instance: &mut Instance, asked: &[Asked]) {
    let mut group = criterion.benchmark_group("check");
    let mut round = Round(asked, 0);
    group.bench_function(format!("handle wasmtime {mix}"), |bencher| {
        bencher.iter(|| {
            let asked = round.next();
            let object = ObjectHandle { object: asked.object.object, stamp: asked.object.stamp };
            black_box(instance.check_handle(asked.principal, object, asked.privilege.trailing_zeros(), NOW))
        });
    });
    let mut round = Round(asked, 0);
    group.bench_function(format!("path wasmtime {mix}"), |bencher| {
        bencher.iter(|| {
            let asked = round.next();
            let bit = asked.privilege.trailing_zeros();
            black_box(instance.check_path(asked.principal, bit, &asked.text.path, NOW))
        });
    });
    let mut round = Round(asked, 0);
    group.bench_function(format!("names wasmtime {mix}"), |bencher| {
        bencher.iter(|| {
            let Question { principal, privilege, path } = &round.next().text;
            black_box(instance.check_text(principal, privilege, path, NOW))
        });
    });
    group.finish();
}

fn restoring(criterion: &mut Criterion, runtime: &Runtime, snapshot: &[u8]) {
    let mut group = criterion.benchmark_group("snapshot");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("restore wasmtime", |bencher| {
        bencher.iter_custom(|rounds| {
            let mut taken = Duration::ZERO;
            for _ in 0..rounds {
                let mut instance = runtime.new_instance(MEMORY_CAP).expect("an instance");
                let start = Instant::now();
                instance.restore(snapshot).expect("the snapshot is sound");
                taken += start.elapsed();
            }
            taken
        });
    });
    group.bench_with_input(BenchmarkId::from_parameter("restore native"), snapshot, |bencher, snapshot| {
        bencher.iter(|| black_box(State::restore(snapshot).expect("the snapshot is sound").revision()));
    });
    group.finish();
}

/// The program, as it was built for release, from its start to its answer and end, on a store of 1,000 objects.
fn command_line(criterion: &mut Criterion) {
    let program = workspace().join("target/release/portcullis");
    if !program.is_file() {
        eprintln!("the command line is not measured: `cargo xtask build` makes {}", program.display());
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("bench.db");
    for project in 0..10 {
        for procedure in 0..100 {
            if procedure == 0 {
                portcullis(&program, &store, &["createObject", "--projectName", &format!("Project {project}")]);
            }
            let path = format!("/projects/Project {project}/procedures/Procedure {procedure}");
            portcullis(&program, &store, &["createObject", "--path", &path]);
        }
    }
    let mut group = criterion.benchmark_group("cli");
    group.sample_size(30);
    group.bench_function("start to answer", |bencher| {
        bencher.iter(|| {
            portcullis(
                &program,
                &store,
                &["checkAccess", "--projectName", "Project 7", "--procedureName", "Procedure 42"],
            );
        });
    });
    group.finish();
}

fn portcullis(program: &Path, store: &Path, words: &[&str]) {
    let status = Command::new(program).arg("--store").arg(store).args(words).stdout(Stdio::null()).status();
    assert!(status.expect("the program runs").success(), "{words:?}");
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A figure that is not a time, where `cargo xtask bench` looks for it.
fn figure(name: &str, value: f64) {
    let folder = workspace().join("target/figures");
    std::fs::create_dir_all(&folder).expect("a folder for figures");
    std::fs::write(folder.join(name), value.to_string()).expect("a figure");
}

criterion_group!(benches, spine);
criterion_main!(benches);
