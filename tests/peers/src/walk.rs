//! What somebody would write by hand: hash maps, and the walk up the tree.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash, RandomState};

use anyhow::Result;
use rustc_hash::FxBuildHasher;

use crate::contest::{Contestant, timed};
use crate::estate::{EntryRow, Estate, Question};

/// By ids that were given out beforehand; by the texts themselves, at every level; and by texts that are looked up once,
/// after which the walk is that by ids. Each with the standard library's hasher, and with one that is fast.
pub(crate) fn contestants(estate: &Estate) -> Result<Vec<Contestant<'_>>> {
    Ok(vec![
        by_ids::<RandomState>("walk handle", estate)?,
        by_ids::<FxBuildHasher>("walk handle fast", estate)?,
        by_texts::<RandomState>("walk names", estate)?,
        by_texts::<FxBuildHasher>("walk names fast", estate)?,
        by_texts_once::<RandomState>("walk names once", estate)?,
        by_texts_once::<FxBuildHasher>("walk names once fast", estate)?,
    ])
}

fn by_ids<'a, S: BuildHasher + Default + 'a>(id: &'static str, estate: &'a Estate) -> Result<Contestant<'a>> {
    struct Asked {
        principal: u32,
        bit: u32,
        object: u32,
    }
    let (walk, ready) = timed(id, || Ok(Walk::<u32, S>::interned(estate)))?;
    let asked =
        |question: &Question| Asked { principal: question.principal_id, bit: question.bit, object: question.object_id };
    let questions: Vec<Asked> = estate.questions.iter().map(asked).collect();
    Ok(Contestant::new(id, questions.len(), ready, move |number| {
        let asked: Option<&Asked> = questions.get(number);
        asked.is_some_and(|Asked { principal, bit, object }| walk.check(principal, *bit, object))
    }))
}

fn by_texts<'a, S: BuildHasher + Default + 'a>(id: &'static str, estate: &'a Estate) -> Result<Contestant<'a>> {
    let make = || Ok((Walk::<String, S>::spelled(estate), privileges::<S>(estate)));
    let ((walk, bits), ready) = timed(id, make)?;
    Ok(Contestant::new(id, estate.questions.len(), ready, move |number| {
        let Some(Question { principal, privilege, path, .. }) = estate.questions.get(number) else { return false };
        bits.get(privilege).is_some_and(|bit| walk.check(principal, *bit, path))
    }))
}

fn by_texts_once<'a, S: BuildHasher + Default + 'a>(id: &'static str, estate: &'a Estate) -> Result<Contestant<'a>> {
    let make = || {
        let people: HashMap<String, u32, S> = estate.principals.iter().map(|(id, name)| (name.clone(), *id)).collect();
        let objects: HashMap<String, u32, S> = estate.objects.iter().map(|row| (row.3.clone(), row.0)).collect();
        Ok((people, privileges::<S>(estate), objects, Walk::<u32, S>::interned(estate)))
    };
    let ((people, bits, objects, walk), ready) = timed(id, make)?;
    let check = move |question: &Question| {
        let (principal, bit) = (people.get(&question.principal)?, bits.get(&question.privilege)?);
        Some(walk.check(principal, *bit, objects.get(&question.path)?))
    };
    let count = estate.questions.len();
    Ok(Contestant::new(id, count, ready, move |number| estate.questions.get(number).and_then(&check).unwrap_or(false)))
}

/// The bit that each privilege's name stands for.
fn privileges<S: BuildHasher + Default>(estate: &Estate) -> HashMap<String, u32, S> {
    estate.privileges.iter().cloned().zip((0..).map(|place| 1 << place)).collect()
}

/// Everything by `K`: ids, or texts.
struct Walk<K, S> {
    objects: HashMap<K, Object<K>, S>,
    /// Whose entries match each principal.
    matched: HashMap<K, HashSet<K, S>, S>,
}

struct Object<K> {
    /// Of the root, one that there is not.
    parent: K,
    inheriting: bool,
    entries: Vec<Entry<K>>,
}

struct Entry<K> {
    principal: K,
    allow: u32,
    deny: u32,
}

impl<S: BuildHasher + Default> Walk<u32, S> {
    fn interned(estate: &Estate) -> Self {
        Self::build(estate, |id| id, |id| id)
    }
}

impl<S: BuildHasher + Default> Walk<String, S> {
    /// Objects by path, or by number where they have none; principals by name.
    fn spelled(estate: &Estate) -> Self {
        let paths: HashMap<u32, &str> = estate.objects.iter().map(|row| (row.0, row.3.as_str())).collect();
        let names: HashMap<u32, &str> = estate.principals.iter().map(|(id, name)| (*id, name.as_str())).collect();
        let path = |id: u32| match paths.get(&id) {
            Some(path) if !path.is_empty() => (*path).to_owned(),
            _ => format!("#{id}"),
        };
        Self::build(estate, path, |id| names.get(&id).map_or_else(String::new, |name| (*name).to_owned()))
    }
}

impl<K: Eq + Hash, S: BuildHasher + Default> Walk<K, S> {
    fn build(estate: &Estate, object: impl Fn(u32) -> K, principal: impl Fn(u32) -> K) -> Self {
        let mut lists = estate.lists();
        let mut entries_of = |id| {
            let rows = lists.remove(&id).unwrap_or_default();
            let entry = |row: &EntryRow| Entry { principal: principal(row.1), allow: row.2, deny: row.3 };
            rows.into_iter().map(entry).collect()
        };
        let objects = estate.objects.iter().map(|row| {
            let entries = entries_of(row.0);
            (object(row.0), Object { parent: object(row.1), inheriting: row.2, entries })
        });
        let objects = objects.collect();
        let matched = estate.matched().into_iter();
        let matched = matched.map(|(id, all)| (principal(id), all.into_iter().map(&principal).collect())).collect();
        Self { objects, matched }
    }

    /// Whether the principal may do to the object what the bit says.
    #[inline]
    fn check(&self, principal: &K, bit: u32, object: &K) -> bool {
        let Some(matched) = self.matched.get(principal) else { return false };
        let mut next = self.objects.get(object);
        while let Some(object) = next {
            if let Some(said) = object.says(matched, bit) {
                return said;
            }
            next = if object.inheriting { self.objects.get(&object.parent) } else { None };
        }
        false
    }
}

impl<K: Eq + Hash> Object<K> {
    /// What the entries settle: a denial, before any other entry's allowance, or an allowance, or nothing.
    fn says<S: BuildHasher>(&self, matched: &HashSet<K, S>, bit: u32) -> Option<bool> {
        let mut said = None;
        for entry in &self.entries {
            if (entry.allow | entry.deny) & bit == 0 || !matched.contains(&entry.principal) {
                continue;
            }
            if entry.deny & bit != 0 {
                return Some(false);
            }
            said = Some(true);
        }
        said
    }
}
