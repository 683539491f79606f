//! The estate that everybody is asked about: the folder that the example `estate` of the crate `conformance` writes.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

/// Everybody's group is the first principal of every policy.
const EVERYONE: u32 = 1;

/// The policy as rows, and what is asked.
pub(crate) struct Estate {
    /// For our own engine: the same policy.
    pub(crate) snapshot: Vec<u8>,
    /// Objects, those above first.
    pub(crate) objects: Vec<ObjectRow>,
    pub(crate) principals: Vec<(u32, String)>,
    /// Groups and what they hold: users, or other groups.
    pub(crate) members: Vec<(u32, u32)>,
    pub(crate) entries: Vec<EntryRow>,
    pub(crate) now: i64,
    /// The order of the bits of a mask.
    pub(crate) privileges: Vec<String>,
    pub(crate) questions: Vec<Question>,
}

/// Outside the tree the path is empty.
#[derive(Deserialize)]
pub(crate) struct ObjectRow(pub(crate) u32, pub(crate) u32, pub(crate) bool, pub(crate) String);

/// Object, principal, the privileges allowed and those denied.
#[derive(Deserialize)]
pub(crate) struct EntryRow(pub(crate) u32, pub(crate) u32, pub(crate) u32, pub(crate) u32);

/// A question, by names and by ids, and what the native engine answers.
pub(crate) struct Question {
    pub(crate) principal: String,
    pub(crate) privilege: String,
    pub(crate) path: String,
    pub(crate) principal_id: u32,
    pub(crate) bit: u32,
    pub(crate) object_id: u32,
    pub(crate) allowed: bool,
}

#[derive(Deserialize)]
struct Records {
    objects: Vec<ObjectRow>,
    principals: Vec<(u32, String)>,
    members: Vec<(u32, u32)>,
    entries: Vec<EntryRow>,
}

#[derive(Deserialize)]
struct Asked {
    now: i64,
    privileges: Vec<String>,
    questions: Columns,
}

#[derive(Deserialize)]
struct Columns {
    principal: Vec<String>,
    privilege: Vec<String>,
    path: Vec<String>,
    allowed: String,
}

impl Estate {
    /// Reads the folder.
    ///
    /// # Errors
    ///
    /// A file is missing or is not what it should be, or a question is about something that the estate does not have.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let Records { objects, principals, members, entries } = json(&folder.join("estate.json"))?;
        let Asked { now, privileges, questions } = json(&folder.join("questions.json"))?;
        let snapshot = fs::read(folder.join("policy.snapshot"))?;
        let questions = with_ids(questions, &privileges, &principals, &objects)?;
        Ok(Self { snapshot, objects, principals, members, entries, now, privileges, questions })
    }

    /// Whose entries match each principal: its own, those of its groups and of theirs, Everyone's.
    pub(crate) fn matched(&self) -> HashMap<u32, Vec<u32>> {
        let mut groups: HashMap<u32, Vec<u32>> = HashMap::new();
        for (group, member) in &self.members {
            groups.entry(*member).or_default().push(*group);
        }
        self.principals.iter().map(|(id, _)| (*id, closure(*id, &groups))).collect()
    }

    /// The entries of each object that has some.
    pub(crate) fn lists(&self) -> HashMap<u32, Vec<&EntryRow>> {
        let mut lists: HashMap<u32, Vec<&EntryRow>> = HashMap::new();
        for entry in &self.entries {
            lists.entry(entry.0).or_default().push(entry);
        }
        lists
    }

    /// The tree, for who makes an object's levels beforehand.
    pub(crate) fn tree(&self) -> Tree<'_> {
        Tree { objects: self.objects.iter().map(|row| (row.0, row)).collect(), lists: self.lists() }
    }
}

fn json<T: for<'a> Deserialize<'a>>(file: &Path) -> Result<T> {
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not an estate's", file.display()))
}

fn with_ids(
    asked: Columns,
    privileges: &[String],
    principals: &[(u32, String)],
    objects: &[ObjectRow],
) -> Result<Vec<Question>> {
    let bits: HashMap<&str, u32> = privileges.iter().map(String::as_str).zip((0..).map(|place| 1 << place)).collect();
    let people: HashMap<&str, u32> = principals.iter().map(|(id, name)| (name.as_str(), *id)).collect();
    let things: HashMap<&str, u32> = objects.iter().map(|row| (row.3.as_str(), row.0)).collect();
    let answers = asked.allowed.chars().map(|digit| digit == '1');
    let names = asked.principal.into_iter().zip(asked.privilege).zip(asked.path).zip(answers);
    let question = |(((principal, privilege), path), allowed): (((String, String), String), bool)| {
        Some(Question {
            principal_id: *people.get(principal.as_str())?,
            bit: *bits.get(privilege.as_str())?,
            object_id: *things.get(path.as_str())?,
            principal,
            privilege,
            path,
            allowed,
        })
    };
    names.map(question).collect::<Option<_>>().context("a question about what is not there")
}

fn closure(id: u32, groups: &HashMap<u32, Vec<u32>>) -> Vec<u32> {
    let (mut found, mut next) = (HashSet::from([EVERYONE, id]), vec![id]);
    while let Some(member) = next.pop() {
        next.extend(groups.get(&member).into_iter().flatten().filter(|group| found.insert(**group)));
    }
    found.into_iter().collect()
}

/// Objects with what lies above them, and their entries.
pub(crate) struct Tree<'a> {
    objects: HashMap<u32, &'a ObjectRow>,
    lists: HashMap<u32, Vec<&'a EntryRow>>,
}

/// Who is allowed and who is denied on one level.
#[derive(Default)]
pub(crate) struct Level {
    pub(crate) allow: Vec<u32>,
    pub(crate) deny: Vec<u32>,
}

impl Tree<'_> {
    /// Whether the object has entries.
    pub(crate) fn has_list(&self, object: u32) -> bool {
        self.lists.contains_key(&object)
    }

    /// The object and what lies above it, up to where inheritance is broken.
    pub(crate) fn scope(&self, object: u32) -> impl Iterator<Item = u32> {
        let mut next = self.objects.get(&object).copied();
        std::iter::from_fn(move || {
            let here = next?;
            next = here.2.then(|| self.objects.get(&here.1).copied()).flatten();
            Some(here.0)
        })
    }

    /// How many objects lie above it.
    pub(crate) fn depth(&self, object: u32) -> usize {
        std::iter::successors(self.objects.get(&object), |row| self.objects.get(&row.1)).count()
    }

    /// What one object's entries say of the privilege.
    pub(crate) fn level(&self, object: u32, bit: u32) -> Level {
        let mut level = Level::default();
        for EntryRow(_, principal, allow, deny) in self.lists.get(&object).into_iter().flatten() {
            if deny & bit != 0 {
                level.deny.push(*principal);
            } else if allow & bit != 0 {
                level.allow.push(*principal);
            }
        }
        level
    }

    /// The levels that say anything of the privilege, the nearest first.
    pub(crate) fn levels(&self, object: u32, bit: u32) -> impl Iterator<Item = Level> {
        self.scope(object).map(move |at| self.level(at, bit)).filter(Level::says_something)
    }

    /// The same as lines: whom each is for, and whether it allows. The first that is for somebody decides; a principal's
    /// later lines are left out.
    pub(crate) fn lines(&self, object: u32, bit: u32) -> Vec<(u32, bool)> {
        let mut seen = BTreeSet::new();
        let lines = self.levels(object, bit).flat_map(Level::lines);
        lines.filter(|(principal, _)| seen.insert(*principal)).collect()
    }
}

impl Level {
    fn says_something(&self) -> bool {
        !(self.allow.is_empty() && self.deny.is_empty())
    }

    /// Denials before allowances: whom each line is for, and whether it allows.
    pub(crate) fn lines(self) -> impl Iterator<Item = (u32, bool)> {
        let denials = self.deny.into_iter().map(|principal| (principal, false));
        denials.chain(self.allow.into_iter().map(|principal| (principal, true)))
    }
}
