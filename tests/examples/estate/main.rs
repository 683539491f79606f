//! Writes an estate that is measured into a folder, with the native engine's answers to every question:
//! `cargo run --release --package conformance --example estate -- FOLDER [1k|100k|1M|sparse]`, of 100,000 entries
//! where no size is given.
//!
//! * `policy.snapshot`: the policy.
//! * `reader.projection`: what decides for one user.
//! * `questions.json`: what is asked, what is changed, and what the native engine answers.
//! * `estate.json`, at 100,000 entries only: the tree, the memberships and the entries, from which the peers' own
//!   encodings are made.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "an estate that cannot be made has nothing to say")]

mod builder;
mod changes;
mod records;

use std::fs;
use std::path::{Path, PathBuf};

use builder::{Estate, Question, SIZES, Size};
use portcullis_engine::{Identity, State};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use records::Lists;
use serde_json::{Value, json};

/// The size that the JavaScript package and the peers are measured at.
const USUAL: &str = "100k";

const NOW: i64 = 1_700_000_000_000;

/// Whose interface is drawn: it filters lists, and it has a projection.
const READER: &str = "user:user0@example.com";

/// What is filtered by: what a user may see.
const SHOWN: &str = "read";

/// What few may do to anything: whom everything is listed for, gets what entries give and not the whole tree.
const RARE: &str = "modify";

/// How many objects a filter is asked about at once, and how many such lists there are.
const LISTED: usize = 10_000;
const LISTS: usize = 10;

fn main() {
    let mut words = std::env::args().skip(1);
    let folder = PathBuf::from(words.next().expect("the folder to write to"));
    let name = words.next().unwrap_or_else(|| USUAL.to_owned());
    let size = SIZES.into_iter().find(|size| size.name == name).expect("a size");
    fs::create_dir_all(&folder).expect("the folder");
    let (mut paths, mut lists) = (Vec::new(), Lists::default());
    let Estate { state, questions } = builder::build(size, |changes, tree| {
        let changes: Vec<_> = changes.collect();
        lists = Lists::of(&changes);
        if size.name == USUAL {
            write_json(&folder.join("estate.json"), &records::all(&changes, tree));
        }
        paths = tree.to_vec();
    });
    fs::write(folder.join("policy.snapshot"), state.snapshot()).expect("the snapshot");
    fs::write(folder.join("reader.projection"), projection(&state)).expect("the projection");
    let asked = Asked { size, state, paths, lists, random: StdRng::seed_from_u64(13) };
    write_json(&folder.join("questions.json"), &asked.everything(&questions));
}

fn projection(state: &State) -> Vec<u8> {
    let reader = Identity::parse(READER).expect("a principal");
    state.project(&reader, NOW, &[7; 16]).expect("no two keys are the same")
}

fn write_json(file: &Path, value: &Value) {
    fs::write(file, value.to_string()).expect("a file in the folder");
}

/// The native engine, and what is there to ask about.
struct Asked {
    size: Size,
    state: State,
    paths: Vec<(u32, String)>,
    lists: Lists,
    random: StdRng,
}

impl Asked {
    fn everything(mut self, questions: &[Question]) -> Value {
        let Size { objects, entries, users, groups, .. } = self.size;
        json!({
            "size": { "objects": objects, "entries": entries, "users": users, "groups": groups },
            "now": NOW,
            "privileges": self.state.schema().privileges(),
            "questions": self.checks(questions),
            "skewed": builder::skewed(questions.len()),
            "reader": READER,
            "readers": self.checks(&self.by_reader(questions)),
            "shown": SHOWN,
            "lists": self.mixed(),
            "neighbours": self.neighbours(),
            "explanations": self.explanations(questions),
            "whoCan": self.who_can(),
            "whatCan": self.what_can(questions),
            "everything": self.everywhere(questions),
            "listings": self.listings(questions),
            "previews": self.previews(),
            "changes": changes::all(&mut self),
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

    /// Lists of objects from everywhere.
    fn mixed(&mut self) -> Vec<Value> {
        let mut order: Vec<usize> = (0..self.paths.len()).collect();
        order.shuffle(&mut self.random);
        self.cut(&order)
    }

    /// Lists as people look at them: of neighbours in the tree.
    fn neighbours(&self) -> Vec<Value> {
        self.cut(&(0..self.paths.len()).collect::<Vec<_>>())
    }

    /// Some lists out of one. A small tree's objects come up in a list several times.
    fn cut(&self, order: &[usize]) -> Vec<Value> {
        let starts = (0..LISTS).map(|number| order.len() / LISTS * number);
        let lists = starts.map(|start| order.iter().cycle().skip(start).take(LISTED));
        lists.map(|list| self.list(&list.map(|&at| self.paths[at].1.as_str()).collect::<Vec<_>>())).collect()
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
            let reply = self.held(principal, SHOWN, &under);
            json!({ "principal": principal, "privilege": SHOWN, "under": under, "reply": reply })
        };
        questions.iter().take(4).map(ask).collect()
    }

    /// What some users may do to anything at all: the paths, sorted, and how many objects have a list.
    fn everywhere(&self, questions: &[Question]) -> Vec<Value> {
        let ask = |Question { principal, .. }: &Question| {
            let reply = self.held(principal, RARE, "");
            json!({ "principal": principal, "privilege": RARE, "reply": reply, "lists": self.lists.count() })
        };
        questions.iter().take(2).map(ask).collect()
    }

    /// What a listing of some project shows to some users: the paths, sorted.
    fn listings(&mut self, questions: &[Question]) -> Vec<Value> {
        let ask = |Question { principal, .. }: &Question| {
            let under = format!("/projects/Project {}", self.random.random_range(0..20));
            let reply = self.held(principal, SHOWN, &under);
            let below: Vec<_> = reply.into_iter().filter(|path| *path != under).collect();
            json!({ "principal": principal, "under": under, "reply": below })
        };
        questions.iter().skip(8).take(4).map(ask).collect()
    }

    /// What is found by asking about one object after the other.
    fn held(&self, principal: &str, privilege: &str, under: &str) -> Vec<&str> {
        let wanted = self.state.schema().privilege(privilege).expect("a privilege");
        let principal = self.state.principal(&Identity::parse(principal).expect("a principal"));
        let may = |path: &str| self.state.check_path(principal, wanted, path, NOW).expect("an answer");
        let below = |path: &str| path.strip_prefix(under).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let all = self.paths.iter().map(|(_, path)| path.as_str());
        let mut held: Vec<&str> = all.filter(|path| below(path) && may(path)).collect();
        held.sort_unstable();
        held
    }

    fn path(&self, object: u32) -> Option<&str> {
        let place = self.paths.binary_search_by_key(&object, |(id, _)| *id).ok()?;
        self.paths.get(place).map(|(_, path)| path.as_str())
    }
}
