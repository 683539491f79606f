//! The estate that is measured, in the size that is asked for: objects in a tree of depth 8, entries, users, groups.

use portcullis_engine::{Change, ChangeSet, PrincipalType, Record, Request, State, Window};
use rand::distr::weighted::WeightedIndex;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

/// How much of everything.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    /// Its name, in figures and folders.
    pub(crate) name: &'static str,
    pub(crate) objects: usize,
    pub(crate) entries: usize,
    pub(crate) users: usize,
    pub(crate) groups: usize,
}

/// The estates, by their entries; the last has as many objects as the largest, and as few entries as the smallest.
pub(crate) const SIZES: [Size; 4] = [
    Size { name: "1k", objects: 1_000, entries: 1_000, users: 100, groups: 100 },
    Size { name: "100k", objects: 100_000, entries: 100_000, users: 10_000, groups: 1_000 },
    Size { name: "1M", objects: 1_000_000, entries: 1_000_000, users: 10_000, groups: 1_000 },
    Size { name: "sparse", objects: 1_000_000, entries: 1_000, users: 10_000, groups: 1_000 },
];

/// How many children an object has at each level from the projects down: with `server` and `projects` above them, a
/// tree of depth 8.
const FAN_OUT: [(&str, usize); 5] = [("pipeline", 25), ("stage", 20), ("task", 5), ("task", 4), ("task", 4)];

/// A question about a random object by a random user.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) principal: String,
    pub(crate) privilege: &'static str,
    pub(crate) path: String,
}

pub(crate) struct Estate {
    pub(crate) state: State,
    pub(crate) questions: Vec<Question>,
}

const PRIVILEGES: [&str; 4] = ["read", "modify", "execute", "changePermissions"];

/// As people ask: the question at place n comes up in proportion to 1/n.
pub(crate) fn skewed(questions: usize) -> Vec<usize> {
    let weights = (1..=questions).map(|place| 1.0 / place as f64);
    let places = WeightedIndex::new(weights).expect("weights");
    StdRng::seed_from_u64(11).sample_iter(places).take(questions).collect()
}

struct Builder {
    changes: Vec<Change>,
    random: StdRng,
    object: u32,
    principal: u32,
    entry: u32,
    /// Objects with their paths.
    objects: Vec<(u32, String)>,
}

/// The same estate every time. `look` sees every change that makes it, in order, and the ids and paths of the objects in
/// the tree; they are not kept, since at full size they take more memory than the engine.
pub(crate) fn build(size: Size, look: impl FnOnce(&mut dyn Iterator<Item = &Change>, &[(u32, String)])) -> Estate {
    let mut state = State::new().expect("an empty state");
    let create = br#"{"request":"propose","caller":"user:admin","now":0,"seed":"00112233445566778899aabbccddeeff",
        "commands":[{"command":"createPolicy"}]}"#;
    let first = state.propose(&Request::parse(create).expect("a request")).expect("a proposal").changes;
    let first = first.expect("changes");
    state.apply(&first).expect("the first change set applies");
    let mut builder = Builder::after(&first);
    let (projects, directory) = (system_object(&first, "projects"), system_object(&first, "directory"));
    builder.add_tree(projects, size.objects);
    let principals = builder.add_principals(directory, size);
    builder.add_entries(&principals, size);
    let questions = builder.questions(size.users, 65_536);
    look(&mut first.changes.iter().chain(&builder.changes), &builder.objects);
    let set = ChangeSet {
        revision: 2,
        at_ms: 0,
        caller: "user:admin".into(),
        commands: vec!["import".into()],
        changes: builder.changes,
    };
    state.apply(&set).expect("the estate applies");
    Estate { state, questions }
}

fn system_object(first: &ChangeSet, wanted: &str) -> u32 {
    let ids = first.changes.iter().filter_map(|change| match change {
        Change::Put(Record::Object { id, name, .. }) if name == wanted => Some(*id),
        _ => None,
    });
    ids.into_iter().next().expect("a system object")
}

impl Builder {
    fn after(first: &ChangeSet) -> Self {
        let (mut object, mut principal, mut entry) = (0, 0, 0);
        for change in &first.changes {
            match change {
                Change::Put(Record::Object { id, .. }) => object = *id,
                Change::Put(Record::Principal { id, .. }) => principal = *id,
                Change::Put(Record::Entry { id, .. }) => entry = *id,
                _ => {}
            }
        }
        Self { changes: Vec::new(), random: StdRng::seed_from_u64(7), object, principal, entry, objects: Vec::new() }
    }

    fn add_object(&mut self, kind: &str, parent: u32, name: &str, path: String) -> u32 {
        self.object += 1;
        let inheriting = !self.random.random_bool(0.001);
        let record = Record::Object { id: self.object, kind: kind.into(), parent, name: name.into(), inheriting };
        self.changes.push(Change::Put(record));
        self.objects.push((self.object, path));
        self.object
    }

    /// Each object before what lies below it and after its elder siblings with all of theirs, as an import has them.
    fn add_tree(&mut self, projects: u32, total: usize) {
        let per_project = total / 20;
        for number in 0..20 {
            let name = format!("Project {number}");
            let end = self.objects.len() + per_project;
            self.add_branch("project", projects, &name, format!("/projects/{name}"), 0, end);
        }
    }

    fn add_branch(&mut self, kind: &str, parent: u32, name: &str, path: String, depth: usize, end: usize) {
        let id = self.add_object(kind, parent, name, path.clone());
        let Some((kind, fan_out)) = FAN_OUT.get(depth) else { return };
        for number in 0..*fan_out {
            if self.objects.len() >= end {
                return;
            }
            let name = format!("{kind} {number}");
            let path = format!("{path}/{kind}s/{name}");
            self.add_branch(kind, id, &name, path, depth + 1, end);
        }
    }

    fn add_principal(&mut self, directory: u32, kind: PrincipalType, name: &str) -> u32 {
        self.principal += 1;
        self.changes.push(Change::Put(Record::Principal { id: self.principal, kind, name: name.into() }));
        self.object += 1;
        let kind = kind.as_str().to_owned();
        let record = Record::Object { id: self.object, kind, parent: directory, name: name.into(), inheriting: true };
        self.changes.push(Change::Put(record));
        self.principal
    }

    /// Groups, a tenth of them in another, and users, each in five.
    fn add_principals(&mut self, directory: u32, size: Size) -> Vec<u32> {
        let name = |number: usize| format!("Group {number}");
        let groups: Vec<u32> =
            (0..size.groups).map(|n| self.add_principal(directory, PrincipalType::Group, &name(n))).collect();
        for (inner, outer) in groups.iter().zip(groups.iter().skip(1)).step_by(10) {
            self.changes.push(Change::Put(Record::Member { group: *outer, member: *inner }));
        }
        let mut principals = groups.clone();
        for number in 0..size.users {
            let user = self.add_principal(directory, PrincipalType::User, &format!("user{number}@example.com"));
            for _ in 0..5 {
                let group = *groups.choose(&mut self.random).expect("a group");
                self.changes.push(Change::Put(Record::Member { group, member: user }));
            }
            principals.push(user);
        }
        principals
    }

    /// On random objects, half for users and half for groups, some for Everyone; each says something of each
    /// privilege with one chance in two.
    fn add_entries(&mut self, principals: &[u32], Size { entries, groups, .. }: Size) {
        let mut taken = std::collections::HashSet::new();
        while taken.len() < entries {
            let (object, _) = *self.objects.choose(&mut self.random).expect("an object");
            let principal = match self.random.random_range(0..20) {
                0 => 1,
                1..=10 => principals[self.random.random_range(0..groups)],
                _ => *principals.choose(&mut self.random).expect("a principal"),
            };
            if !taken.insert((object, principal)) {
                continue;
            }
            let (said, denied) = (self.random.random_range(1..16_u32), self.random.random_range(0..16_u32));
            self.entry += 1;
            self.changes.push(Change::Put(Record::Entry {
                object,
                principal,
                qualifier: String::new(),
                id: self.entry,
                allow: said & !denied,
                deny: said & denied,
                window: Window::default(),
            }));
        }
    }

    fn questions(&mut self, users: usize, count: usize) -> Vec<Question> {
        let ask = |_| Question {
            principal: format!("user:user{}@example.com", self.random.random_range(0..users)),
            privilege: PRIVILEGES[self.random.random_range(0..4)],
            path: self.objects.choose(&mut self.random).expect("an object").1.clone(),
        };
        (0..count).map(ask).collect()
    }
}
