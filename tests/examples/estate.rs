//! Writes the estate of the JavaScript benchmark into a folder, with the native engine's answers to every question:
//! `cargo run --release --package conformance --example estate -- FOLDER`.
//!
//! * `policy.snapshot`: the policy.
//! * `reader.projection`: what decides for one user.
//! * `questions.json`: what is asked, and what the native engine answers.
//! * `estate.json`: the tree, the memberships and the entries, from which the peers' own encodings are made.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "an estate that cannot be made has nothing to say")]

#[path = "../benches/spine/estate.rs"]
mod estate;

use std::fs;
use std::path::{Path, PathBuf};

use estate::{Estate, Question, Size};
use portcullis_engine::{Change, Identity, Record, State};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

/// The size that the goals of the JavaScript package are set for.
const SIZE: Size = Size { objects: 100_000, entries: 100_000, users: 10_000, groups: 1_000 };

const NOW: i64 = 1_700_000_000_000;

/// Whose interface is drawn: it filters lists, and it has a projection.
const READER: &str = "user:user0@example.com";

/// What is filtered by.
const SHOWN: &str = "read";

/// How many objects a filter is asked about at once.
const LISTED: usize = 10_000;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("the folder to write to"));
    fs::create_dir_all(&folder).expect("the folder");
    let mut paths = Vec::new();
    let Estate { state, questions } = estate::build(SIZE, |changes, tree| {
        write_json(&folder.join("estate.json"), &records(changes, tree));
        paths = tree.to_vec();
    });
    fs::write(folder.join("policy.snapshot"), state.snapshot()).expect("the snapshot");
    fs::write(folder.join("reader.projection"), projection(&state)).expect("the projection");
    let asked = Asked { state, paths, random: StdRng::seed_from_u64(13) };
    write_json(&folder.join("questions.json"), &asked.everything(&questions));
}

fn projection(state: &State) -> Vec<u8> {
    let reader = Identity::parse(READER).expect("a principal");
    state.project(&reader, NOW, &[7; 16]).expect("no two keys are the same")
}

fn write_json(file: &Path, value: &Value) {
    fs::write(file, value.to_string()).expect("a file in the folder");
}

/// The records that decide, as lists of numbers: objects as `[id, parent, inheriting, path]`, the path empty outside the
/// tree; principals as `[id, name]`; members as `[group, member]`; entries as `[object, principal, allow, deny]`.
fn records(changes: &mut dyn Iterator<Item = &Change>, tree: &[(u32, String)]) -> Value {
    let mut lists = Map::new();
    let mut paths = tree.iter().peekable();
    for change in changes {
        let Change::Put(record) = change else { continue };
        let (list, row) = match record {
            Record::Object { id, parent, inheriting, .. } => {
                let path = paths.next_if(|(known, _)| known == id).map_or("", |(_, path)| path);
                ("objects", json!([id, parent, inheriting, path]))
            }
            Record::Principal { id, kind, name } => ("principals", json!([id, format!("{}:{name}", kind.as_str())])),
            Record::Member { group, member } => ("members", json!([group, member])),
            Record::Entry { object, principal, allow, deny, .. } => {
                ("entries", json!([object, principal, allow, deny]))
            }
            _ => continue,
        };
        let rows = lists.entry(list).or_insert_with(|| Value::Array(Vec::new()));
        rows.as_array_mut().expect("a list").push(row);
    }
    lists.into()
}

/// The native engine, and what is there to ask about.
struct Asked {
    state: State,
    paths: Vec<(u32, String)>,
    random: StdRng,
}

impl Asked {
    fn everything(mut self, questions: &[Question]) -> Value {
        let Size { objects, entries, users, groups } = SIZE;
        json!({
            "size": { "objects": objects, "entries": entries, "users": users, "groups": groups },
            "now": NOW,
            "privileges": self.state.schema().privileges(),
            "questions": self.checks(questions),
            "skewed": estate::skewed(questions.len()),
            "reader": READER,
            "readers": self.checks(&self.by_reader(questions)),
            "shown": SHOWN,
            "lists": self.lists(),
            "explanations": self.explanations(questions),
            "whoCan": self.who_can(),
            "whatCan": self.what_can(questions),
            "previews": self.previews(),
        })
    }

    /// Questions in three lists of texts, and the answers as one digit each.
    fn checks(&self, questions: &[Question]) -> Value {
        let column = |text: fn(&Question) -> &str| questions.iter().map(text).collect::<Vec<_>>();
        json!({
            "principal": column(|question| &question.principal),
            "privilege": column(|question| question.privilege),
            "path": column(|question| &question.path),
            "allowed": questions.iter().map(|question| self.digit(question)).collect::<String>(),
        })
    }

    fn digit(&self, Question { principal, privilege, path }: &Question) -> char {
        let allowed = self.state.check_names(principal, privilege, path, NOW).expect("an answer");
        if allowed { '1' } else { '0' }
    }

    /// The same questions, all of one user.
    fn by_reader(&self, questions: &[Question]) -> Vec<Question> {
        questions.iter().map(|question| Question { principal: READER.to_owned(), ..question.clone() }).collect()
    }

    /// Every object of the tree in one of some lists, mixed.
    fn lists(&mut self) -> Vec<Value> {
        let mut paths: Vec<&str> = self.paths.iter().map(|(_, path)| path.as_str()).collect();
        paths.shuffle(&mut self.random);
        paths.chunks_exact(LISTED).map(|list| self.list(list)).collect()
    }

    fn list(&self, paths: &[&str]) -> Value {
        let question =
            |path: &&str| Question { principal: READER.to_owned(), privilege: SHOWN, path: (*path).to_owned() };
        let allowed: String = paths.iter().map(|path| self.digit(&question(path))).collect();
        json!({ "path": paths, "allowed": allowed })
    }

    /// Explanations as the engine gives them to `admin`.
    fn explanations(&mut self, questions: &[Question]) -> Vec<Value> {
        let explain = |Question { principal, privilege, path }: &Question| {
            let arguments = json!({ "principal": principal, "privilege": privilege, "path": path });
            let reply = self.call("reply", json!({ "request": "ask", "command": "explain", "arguments": arguments }));
            json!({ "principal": principal, "privilege": privilege, "path": path, "reply": reply })
        };
        questions.iter().take(256).map(explain).collect()
    }

    /// What would change if a group were denied something on a pipeline: one entry that nobody has made yet.
    fn previews(&mut self) -> Vec<Value> {
        let is_pipeline = |path: &str| path.matches('/').count() == 4;
        let pipelines: Vec<String> =
            self.paths.iter().map(|(_, path)| path.clone()).filter(|path| is_pipeline(path)).take(4).collect();
        let preview = |(path, number): (&String, usize)| {
            let arguments = json!({
                "principalType": "group", "principalName": format!("Group {number}"), "path": path,
                "readPrivilege": "deny",
            });
            let commands = json!([{ "command": "createAclEntry", "arguments": arguments }]);
            let seed = "00112233445566778899aabbccddeeff";
            let reply = self.call("access", json!({ "request": "preview", "seed": seed, "commands": commands }));
            json!({ "commands": commands, "reply": reply })
        };
        pipelines.iter().zip(0..).map(preview).collect()
    }

    /// A part of the engine's answer to what `admin` asks.
    fn call(&mut self, part: &str, mut request: Value) -> Value {
        request["caller"] = "user:admin".into();
        request["now"] = NOW.into();
        let answer = self.state.call(request.to_string().as_bytes()).answer;
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        answer.get(part).expect("an answer").clone()
    }

    /// Who may do something to some random objects: each principal's name, in the engine's order.
    fn who_can(&mut self) -> Vec<Value> {
        let objects: Vec<_> = self.paths.sample(&mut self.random, 8).cloned().collect();
        objects
            .iter()
            .map(|(id, path)| json!({ "privilege": SHOWN, "path": path, "reply": self.holders(*id) }))
            .collect()
    }

    fn holders(&self, object: u32) -> Vec<String> {
        let wanted = self.state.schema().privilege(SHOWN).expect("a privilege");
        let held = self.state.access_to(object, NOW).into_iter().filter(|(_, mask)| mask & wanted != 0);
        held.map(|(identity, _)| identity.to_string()).collect()
    }

    /// What some users may do in some project: the paths, sorted.
    fn what_can(&mut self, questions: &[Question]) -> Vec<Value> {
        let ask = |Question { principal, .. }: &Question| {
            let under = format!("/projects/Project {}", self.random.random_range(0..20));
            let reply = self.held(principal, &under);
            json!({ "principal": principal, "privilege": SHOWN, "under": under, "reply": reply })
        };
        questions.iter().take(8).map(ask).collect()
    }

    fn held(&self, principal: &str, under: &str) -> Vec<&str> {
        let identity = Identity::parse(principal).expect("a principal");
        let wanted = self.state.schema().privilege(SHOWN).expect("a privilege");
        let top = self.state.resolve(under).expect("a path").object;
        let held = self.state.access_of(&[identity], top, NOW).into_iter().filter(|(_, mask)| mask & wanted != 0);
        let mut paths: Vec<&str> = held.filter_map(|(id, _)| self.path(id)).collect();
        paths.sort_unstable();
        paths
    }

    fn path(&self, object: u32) -> Option<&str> {
        let place = self.paths.binary_search_by_key(&object, |(id, _)| *id).ok()?;
        self.paths.get(place).map(|(_, path)| path.as_str())
    }
}
