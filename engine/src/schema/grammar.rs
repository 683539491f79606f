//! What of a schema the reading of paths needs, and no more: a projection carries it instead of the schema.

use super::{ObjectType, ROOT, SYSTEM_OBJECT, TypeId, collection_hash, pack, unpack};
use crate::bytes::{Reader, put_short, put_small};
use crate::index::Index;
use crate::refusal::Refusal;

/// Collections, what lies in them and under what, and the names that are limited.
#[derive(Clone, Debug)]
pub(crate) struct Grammar {
    system_objects: Vec<String>,
    kinds: Vec<Kind>,
    /// A parent's and a child's type, [`packed`](pack), by the parent and the child's collection: one probe per path
    /// segment.
    collections: Index,
}

/// What paths know of an object type; each field is that of [`ObjectType`].
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) name: String,
    pub(crate) collection: String,
    pub(crate) system_object: Option<u16>,
    pub(crate) parents: Vec<TypeId>,
    pub(crate) anywhere: bool,
    pub(crate) properties: bool,
    pub(crate) names: Vec<String>,
}

/// Two types whose objects would have the same paths.
#[derive(Debug)]
pub(crate) struct Clash {
    pub(crate) first: TypeId,
    pub(crate) second: TypeId,
}

/// A type that may lie anywhere is filed under every other, so a few bytes could ask for more room than there is.
const MAX_ANYWHERE: usize = 1 << 20;

/// Whether so many types, of which so many may lie anywhere, are too many.
pub(super) fn are_too_many(types: usize, anywhere: usize) -> bool {
    types >= usize::from(ROOT) || types * anywhere > MAX_ANYWHERE
}

impl From<&ObjectType> for Kind {
    fn from(kind: &ObjectType) -> Self {
        Self {
            name: kind.name.clone(),
            collection: kind.collection.clone(),
            system_object: kind.system_object,
            parents: kind.parents.clone(),
            anywhere: kind.anywhere,
            properties: kind.properties,
            names: kind.names.clone(),
        }
    }
}

impl Grammar {
    /// The grammar of the types, the system objects' own first.
    pub(crate) fn new(system_objects: Vec<String>, kinds: Vec<Kind>) -> Result<Self, Clash> {
        Ok(Self { collections: index(&kinds)?, system_objects, kinds })
    }

    /// The names of the system objects.
    pub(crate) fn system_objects(&self) -> &[String] {
        &self.system_objects
    }

    /// Every type; that of the system objects first.
    pub(crate) fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    #[inline]
    pub(crate) fn kind(&self, id: TypeId) -> Option<&Kind> {
        self.kinds.get(id.index())
    }

    /// The type of the objects in this collection, at the beginning of a path or below an object of type `parent`.
    #[inline]
    pub(crate) fn collection(&self, parent: Option<TypeId>, collection: &str) -> Option<TypeId> {
        let parent = parent.map_or(ROOT, |parent| parent.0);
        let is_meant = |pair| {
            let (of, child) = unpack(pair);
            of == parent && self.kind(child).is_some_and(|kind| kind.collection == collection)
        };
        self.collections.find(collection_hash(parent, collection), is_meant).map(|pair| unpack(pair).1)
    }

    /// Adds it in bytes.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        put_texts(out, &self.system_objects);
        put_small(out, self.kinds.len() as u32);
        self.kinds.iter().for_each(|kind| kind.write(out));
    }

    /// Reads what [`Grammar::write`] wrote.
    pub(crate) fn read(input: &mut Reader) -> Result<Self, Box<Refusal>> {
        let system_objects = read_texts(input)?;
        let mut kinds = Vec::new();
        for _ in 0..input.few()? {
            kinds.push(Kind::read(input)?);
        }
        if are_too_many(kinds.len(), kinds.iter().filter(|kind| kind.anywhere).count()) {
            return Err(input.damaged("has more types than fit"));
        }
        Self::new(system_objects, kinds).map_err(|_| input.damaged("has two types with the same paths"))
    }
}

impl Kind {
    /// A number says what it is plus one, and 0 that there is none; no text is as most collections are: the name and
    /// an `s`.
    fn write(&self, out: &mut Vec<u8>) {
        put_short(out, &self.name);
        put_short(out, if self.collection == plural(&self.name) { "" } else { &self.collection });
        put_small(out, self.system_object.map_or(0, |index| u32::from(index) + 1));
        out.push(u8::from(self.anywhere));
        out.push(u8::from(self.properties));
        put_texts(out, &self.names);
        put_small(out, self.parents.len() as u32);
        self.parents.iter().for_each(|parent| put_small(out, u32::from(parent.0)));
    }

    fn read(input: &mut Reader) -> Result<Self, Box<Refusal>> {
        let (name, collection) = (input.short_text()?.to_owned(), input.short_text()?);
        let collection = if collection.is_empty() { plural(&name) } else { collection.to_owned() };
        let system_object = input.small()?.checked_sub(1).map(|index| index as u16);
        let (anywhere, properties) = (input.flag()?, input.flag()?);
        let names = read_texts(input)?;
        let mut parents = Vec::new();
        for _ in 0..input.few()? {
            parents.push(TypeId(input.small()? as u16));
        }
        Ok(Self { name, collection, system_object, parents, anywhere, properties, names })
    }
}

/// The collection of a type that does not say which.
pub(super) fn plural(name: &str) -> String {
    format!("{name}s")
}

/// Adds texts that are mostly short.
pub(crate) fn put_texts(out: &mut Vec<u8>, texts: &[String]) {
    put_small(out, texts.len() as u32);
    texts.iter().for_each(|text| put_short(out, text));
}

/// Reads what [`put_texts`] wrote.
pub(crate) fn read_texts(input: &mut Reader) -> Result<Vec<String>, Box<Refusal>> {
    let mut texts = Vec::new();
    for _ in 0..input.few()? {
        texts.push(input.short_text()?.to_owned());
    }
    Ok(texts)
}

fn index(kinds: &[Kind]) -> Result<Index, Clash> {
    let mut index = Index::default();
    let collection = |id: TypeId| kinds.get(id.index()).map_or("", |kind| kind.collection.as_str());
    let hash_of = |pair| collection_hash(unpack(pair).0, collection(unpack(pair).1));
    for (id, kind) in (0..).map(TypeId).zip(kinds) {
        for parent in parents_of(kinds.len(), id, kind) {
            let hash = collection_hash(parent, &kind.collection);
            let same = |pair| unpack(pair).0 == parent && collection(unpack(pair).1) == kind.collection;
            if let Some(other) = index.find(hash, same) {
                return Err(Clash { first: unpack(other).1, second: id });
            }
            index.insert(hash, pack(parent, id), &hash_of);
        }
    }
    Ok(index)
}

fn parents_of(kinds: usize, id: TypeId, kind: &Kind) -> Vec<u16> {
    let root = (kind.system_object.is_some() || id == SYSTEM_OBJECT).then_some(ROOT);
    let named = kind.parents.iter().map(|parent| parent.0).filter(|_| !kind.anywhere);
    let all = 0..if kind.anywhere { kinds as u16 } else { 0 };
    root.into_iter().chain(named).chain(all).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many types, numbered and without parents, as [`Grammar::write`] writes them.
    fn types(count: u32, anywhere: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_texts(&mut bytes, &[]);
        put_small(&mut bytes, count);
        for number in 0..count {
            put_short(&mut bytes, &number.to_string());
            bytes.extend([0, 0, u8::from(anywhere), 0, 0, 0]);
        }
        bytes
    }

    #[test]
    fn more_types_than_have_numbers_are_refused() {
        assert!(Grammar::read(&mut Reader::new(&types(65_534, false), "it")).is_ok());
        assert!(Grammar::read(&mut Reader::new(&types(65_536, false), "it")).is_err());
    }

    #[test]
    fn types_that_lie_anywhere_do_not_take_more_room_than_there_is() {
        assert!(Grammar::read(&mut Reader::new(&types(1_000, true), "it")).is_ok());
        assert!(Grammar::read(&mut Reader::new(&types(1_025, true), "it")).is_err());
        let of = |count: usize| {
            let types: Vec<String> =
                (0..count).map(|number| format!(r#"{{"name": "t{number}", "parents": ["*"]}}"#)).collect();
            let roles = r#"{"read": "p", "modify": "p", "changePermissions": "p"}"#;
            format!(r#"{{"name": "n", "privileges": ["p"], "roles": {roles}, "types": [{}]}}"#, types.join(","))
        };
        assert!(crate::schema::Schema::parse(&of(500)).is_ok());
        assert!(crate::schema::Schema::parse(&of(1_025)).is_err());
    }
}
