//! What is measured on one estate, wherever the engine is.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use portcullis_engine::State;

use crate::engines::{Asked, Engine, Native};
use crate::questions::{Change, Questions, Request};
use crate::sample::Sheet;

/// How many checks are timed together after a change is taken back, each of something else.
const AFTER: usize = 64;

/// An estate and what is asked about it.
pub(crate) struct Subject {
    name: &'static str,
    mixes: [(&'static str, Vec<Asked>); 2],
    requests: Vec<(&'static str, Vec<Proven>)>,
    questions: Questions,
    hasher: RandomState,
}

/// A request, and the hash of an answer to it that was found right.
struct Proven {
    request: Request,
    answer: Option<u64>,
}

impl Subject {
    /// The questions are made ready with the native engine, whose handles are those of every other.
    pub(crate) fn new(name: &'static str, state: &State, questions: Questions) -> Self {
        let ready = |checks: Vec<_>| checks.into_iter().map(|check| Asked::of(state, check)).collect();
        let mixes = [("skewed", ready(questions.skewed())), ("uniform", ready(questions.uniform()))];
        let prove = |requests: Vec<Request>| requests.into_iter().map(|request| Proven { request, answer: None });
        let requests = questions.requests().map(|(what, requests)| (what, prove(requests).collect()));
        Self { name, mixes, requests: requests.into(), questions, hasher: RandomState::new() }
    }

    /// What the figure of something is called.
    pub(crate) fn id(&self, place: &str, what: &str) -> String {
        format!("{place} {} {what}", self.name)
    }

    /// Everything that both places have.
    pub(crate) fn measure(&mut self, place: &str, sheet: &mut Sheet, engine: &mut impl Engine) {
        self.measure_checks(place, sheet, engine);
        self.measure_requests(place, sheet, engine);
        self.measure_changes(place, sheet, engine);
    }

    /// Checks on handles, on a principal's handle and a path, and on names.
    fn measure_checks(&self, place: &str, sheet: &mut Sheet, engine: &mut impl Engine) {
        let now = self.questions.now;
        for (mix, asked) in &self.mixes {
            let id = |way: &str| self.id(place, &format!("check {way} {mix}"));
            sheet.time_each(&id("handle"), asked, |asked| engine.check_handle(asked, now) == asked.names.allowed);
            sheet.time_each(&id("path"), asked, |asked| engine.check_path(asked, now) == asked.names.allowed);
            sheet.time_each(&id("names"), asked, |asked| engine.check_names(&asked.names, now) == asked.names.allowed);
        }
    }

    /// Checks that nobody has asked before, of an engine that was just restored: half of them on names, half on handles.
    pub(crate) fn measure_first(&self, place: &str, sheet: &mut Sheet, engine: &mut impl Engine) {
        let [_, (_, asked)] = &self.mixes;
        let (names, handles) = asked.split_at(asked.len() / 2);
        let (id, now) = (|way: &str| self.id(place, &format!("check {way} first")), self.questions.now);
        sheet.time_first(&id("names"), names, |asked| engine.check_names(&asked.names, now) == asked.names.allowed);
        sheet.time_first(&id("handle"), handles, |asked| engine.check_handle(asked, now) == asked.names.allowed);
    }

    /// Questions by command, in JSON. An answer is compared in full once, and later by its hash.
    fn measure_requests(&mut self, place: &str, sheet: &mut Sheet, engine: &mut impl Engine) {
        for (what, requests) in &mut self.requests {
            let id = format!("{place} {} {what}", self.name);
            for Proven { request, answer } in requests {
                let given = sheet.time(&id, || engine.call(&request.json));
                let hash = self.hasher.hash_one(&given);
                if *answer != Some(hash) {
                    assert!(request.expected.is_in(&given), "wrong answer: {id}");
                    *answer = Some(hash);
                }
            }
        }
    }

    /// Changes of each kind: proposing them, applying them, the first check after them, and others
    /// when they are taken back.
    fn measure_changes(&self, place: &str, sheet: &mut Sheet, engine: &mut impl Engine) {
        let [_, (_, asked)] = &self.mixes;
        let mut others = asked.chunks_exact(AFTER).cycle();
        for (kind, changes) in &self.questions.changes {
            for change in changes {
                self.measure_change(place, sheet, engine, (kind, change), others.next().unwrap_or_default());
            }
        }
    }

    fn measure_change<E: Engine>(
        &self,
        place: &str,
        sheet: &mut Sheet,
        engine: &mut E,
        (kind, change): (&str, &Change),
        others: &[Asked],
    ) {
        let (id, now) = (|what| self.id(place, what), self.questions.now);
        let [make, undo] = self.questions.proposals(change);
        sheet.time_kind(&id("propose"), kind, || engine.call(&make));
        let set = engine.take_changes();
        sheet.time_kind(&id("apply"), kind, || engine.apply(&set));
        let allowed = sheet.time_kind(&id("check after"), kind, || engine.check_names(&change.question, now));
        assert_eq!(allowed, change.question.allowed, "wrong answer: {}", id("check after"));
        engine.call(&undo);
        let set = engine.take_changes();
        engine.apply(&set);
        let is_right = |asked: &Asked| engine.check_handle(asked, now) == asked.names.allowed;
        let right = sheet.time_kind(&id("checks after"), kind, || others.iter().all(is_right));
        assert!(right, "wrong answer: {}", id("checks after"));
    }

    /// Filtering lists, which the native engine and JavaScript's have.
    pub(crate) fn measure_filter(&self, place: &str, sheet: &mut Sheet, engine: &Native) {
        let Questions { reader, shown, now, .. } = &self.questions;
        for (order, lists) in self.questions.lists() {
            let id = self.id(place, &format!("filter {order}"));
            for list in lists {
                let paths = list.path.iter().map(String::as_str);
                let answers = sheet.time(&id, || engine.state.filter(reader, shown, paths, *now).expect("answers"));
                assert!(answers == list.answers(), "wrong answers: {id}");
            }
        }
    }

    /// What a listing of everything gives and how many lists there are, together: what it may cost.
    pub(crate) fn rows_and_lists(&self) -> f64 {
        self.questions.rows_and_lists()
    }
}
