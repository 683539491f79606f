//! The model as data: object types, their parents, their privileges and the system objects.
//!
//! The CD/RO schema (`domain.md` §1, "Objects, locators, parents") is built in; a user may bring another as JSON:
//!
//! ```
//! use portcullis_engine::Schema;
//!
//! let schema = Schema::parse(r#"{
//!     "name": "hospital",
//!     "privileges": ["view", "edit", "delete", "grant"],
//!     "roles": { "read": "view", "modify": "edit", "changePermissions": "grant" },
//!     "types": [{ "name": "department" }, { "name": "record", "parents": ["department"] }]
//! }"#)?;
//! let department = schema.type_by_name("department").ok_or("no department")?;
//! assert!(schema.child_type(department, "records").is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(crate) mod grammar;
mod text;

use crate::index::hash;
use crate::refusal::Refusal;
use grammar::Grammar;

/// The root of every tree.
pub const SERVER: &str = "server";
/// The system object that holds users, groups and service accounts.
pub const DIRECTORY: &str = "directory";
/// The system object that holds personas, their categories and pages.
pub const PERSONAS: &str = "personas";
/// The type of personas.
pub const PERSONA: &str = "persona";
/// The type of persona categories.
pub const PERSONA_CATEGORY: &str = "personaCategory";
/// The type of persona pages.
pub const PERSONA_PAGE: &str = "personaPage";
/// The most privileges a schema may have: they are the bits of a `u32`.
pub const MAX_PRIVILEGES: usize = 32;

/// An object type's place in its schema's list. [`SYSTEM_OBJECT`] is the first of every schema.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct TypeId(pub(crate) u16);

/// The type of `server` and of everything directly below it that the schema itself brings.
pub const SYSTEM_OBJECT: TypeId = TypeId(0);

impl TypeId {
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Who is in the group `Everyone`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Everyone {
    /// Registered users only.
    Registered,
    /// Every user, known or not.
    Any,
}

/// Whether commands need their objects to exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Registration {
    /// A command on an object that was never created is refused, so that a typo is not a grant.
    Explicit,
    /// Commands on access control lists create what is missing.
    Implicit,
}

/// The masks of the privileges that commands themselves ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Roles {
    /// Needed to look at an object.
    pub read: u32,
    /// Needed to create, delete and rename.
    pub modify: u32,
    /// Needed to change an access control list.
    pub change_permissions: u32,
}

/// Whom an entry that comes with a new object names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DefaultPrincipal {
    /// The principal that belongs to the object, as `project: NAME` does.
    Own,
    /// The caller that created it.
    Creator,
    /// The group `Everyone`.
    Everyone,
}

/// The access control list that a new object starts with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OnCreate {
    /// Whether the object inherits.
    pub inheriting: bool,
    /// Its first entries: whom, and the mask that is allowed.
    pub entries: Vec<(DefaultPrincipal, u32)>,
}

/// One object type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectType {
    /// Its name, such as `pipeline`.
    pub name: String,
    /// The path segment before its objects' names, such as `pipelines`.
    pub collection: String,
    /// The argument that names one of its objects, such as `pipelineName`.
    pub locator: String,
    /// The argument that names the outer one of two nested objects of this type, such as `parentTaskName`.
    pub outer_locator: Option<String>,
    /// The system object that its objects may lie under.
    pub system_object: Option<u16>,
    /// The types that its objects may lie under.
    pub parents: Vec<TypeId>,
    /// Its objects may lie under an object of any type.
    pub anywhere: bool,
    /// Its objects hold properties, which have no access control list of their own.
    pub properties: bool,
    /// Its objects' names may be given with the parent's name and this letter in front.
    pub qualified: Option<char>,
    /// The only names its objects may have, if limited.
    pub names: Vec<String>,
    /// What stands before an object's name in the name of the principal that belongs to it.
    pub principal_prefix: Option<String>,
    /// What a new object starts with.
    pub on_create: OnCreate,
}

/// What an argument locates: a type at its own or at its outer level.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Locator {
    /// The type that it names.
    pub kind: TypeId,
    /// Whether it is the outer of two nested objects.
    pub outer: bool,
}

/// Object types, privileges and system objects, validated.
#[derive(Clone, Debug)]
pub struct Schema {
    text: String,
    name: String,
    privileges: Vec<String>,
    roles: Roles,
    everyone: Everyone,
    registration: Registration,
    on_create: OnCreate,
    types: Vec<ObjectType>,
    grammar: Grammar,
    locators: Vec<(String, Locator)>,
}

/// The parent type under which a grammar files what lies under a system object.
const ROOT: u16 = u16::MAX;

impl Schema {
    /// The built-in schema of CloudBees CD/RO.
    ///
    /// ```
    /// let schema = portcullis_engine::Schema::cdro();
    /// assert_eq!(schema.name(), "cdro");
    /// assert_eq!(schema.privileges(), ["read", "modify", "execute", "changePermissions"]);
    /// ```
    #[must_use]
    pub fn cdro() -> Self {
        match Self::parse(include_str!("schema/cdro.json")) {
            Ok(schema) => schema,
            #[expect(clippy::panic, reason = "built in; a test parses it")]
            Err(_) => panic!("the built-in schema is not valid"),
        }
    }

    /// Reads a schema from JSON.
    ///
    /// # Errors
    ///
    /// `InvalidArgument`, with the place in the text: JSON that is not a schema, an unknown parent, a type that no
    /// chain of parents joins to the root, a duplicate, more than [`MAX_PRIVILEGES`] privileges, a role that is not
    /// a privilege.
    pub fn parse(json: &str) -> Result<Self, Box<Refusal>> {
        text::read(json)
    }

    /// The schema's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The JSON that it was read from, without its white space.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.text
    }

    /// The privileges; the first is bit 0.
    #[must_use]
    pub fn privileges(&self) -> &[String] {
        &self.privileges
    }

    /// The mask of the named privilege.
    #[must_use]
    pub fn privilege(&self, name: &str) -> Option<u32> {
        mask_of(&self.privileges, name)
    }

    /// The mask of all privileges.
    #[must_use]
    pub fn all_privileges(&self) -> u32 {
        all_masks(self.privileges.len())
    }

    /// The privileges that commands themselves ask for.
    #[must_use]
    pub fn roles(&self) -> Roles {
        self.roles
    }

    /// Who is in the group `Everyone`.
    #[must_use]
    pub fn everyone(&self) -> Everyone {
        self.everyone
    }

    /// Whether commands need their objects to exist.
    #[must_use]
    pub fn registration(&self) -> Registration {
        self.registration
    }

    /// What `server` starts with.
    #[must_use]
    pub fn on_create(&self) -> &OnCreate {
        &self.on_create
    }

    /// The names of the system objects, `server` among them.
    #[must_use]
    pub fn system_objects(&self) -> &[String] {
        self.grammar.system_objects()
    }

    /// Every type; [`SYSTEM_OBJECT`] first.
    pub fn types(&self) -> impl Iterator<Item = (TypeId, &ObjectType)> {
        self.types.iter().enumerate().map(|(index, kind)| (TypeId(index as u16), kind))
    }

    /// The type of that name.
    #[must_use]
    pub fn type_by_name(&self, name: &str) -> Option<TypeId> {
        self.types().find(|(_, kind)| kind.name == name).map(|(id, _)| id)
    }

    /// The type's definition. An id of another schema gives the system object's.
    #[must_use]
    pub fn object_type(&self, id: TypeId) -> &ObjectType {
        #[expect(clippy::indexing_slicing, reason = "the list always begins with `systemObject`")]
        self.types.get(id.index()).unwrap_or(&self.types[0])
    }

    /// The type of the objects in this collection of an object of type `parent`.
    ///
    /// ```
    /// # use portcullis_engine::Schema;
    /// let schema = Schema::cdro();
    /// let stage = schema.type_by_name("stage").ok_or("no stage")?;
    /// assert_eq!(schema.child_type(stage, "gates"), schema.type_by_name("gate"));
    /// assert_eq!(schema.child_type(stage, "projects"), None);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn child_type(&self, parent: TypeId, collection: &str) -> Option<TypeId> {
        self.grammar.collection(Some(parent), collection)
    }

    /// The type of the objects in a collection at the beginning of a path, such as `/projects`.
    #[must_use]
    pub fn root_type(&self, collection: &str) -> Option<TypeId> {
        self.grammar.collection(None, collection)
    }

    /// What the reading of paths needs of it.
    #[inline]
    pub(crate) fn grammar(&self) -> &Grammar {
        &self.grammar
    }

    /// Whether an object of type `child` may lie directly under one of type `parent`.
    #[must_use]
    pub fn is_child(&self, parent: TypeId, child: TypeId) -> bool {
        let kind = self.object_type(child);
        child != SYSTEM_OBJECT && (kind.anywhere || kind.parents.contains(&parent))
    }

    /// Whether an object of type `upper` may lie somewhere above one of type `lower`.
    pub(crate) fn may_be_above(&self, upper: TypeId, lower: TypeId) -> bool {
        let mut seen = vec![false; self.types.len()];
        let mut todo = vec![lower];
        while let Some(at) = todo.pop() {
            let parents = self.types().map(|(id, _)| id).filter(|&id| self.is_child(id, at));
            for parent in parents {
                if parent == upper {
                    return true;
                }
                if let Some(seen) = seen.get_mut(parent.index())
                    && !std::mem::replace(seen, true)
                {
                    todo.push(parent);
                }
            }
        }
        false
    }

    /// What the named argument locates; `systemObjectName` included.
    #[must_use]
    pub fn locator(&self, argument: &str) -> Option<Locator> {
        self.locators.iter().find(|(known, _)| known == argument).map(|(_, locator)| *locator)
    }

    /// The names of all locator arguments, in the order of the types.
    pub fn locators(&self) -> impl Iterator<Item = &str> {
        self.types.iter().flat_map(|kind| std::iter::once(&kind.locator).chain(&kind.outer_locator)).map(String::as_str)
    }
}

/// The mask of so many privileges.
pub(crate) fn all_masks(privileges: usize) -> u32 {
    u32::MAX.checked_shr(32 - privileges as u32).unwrap_or(0)
}

fn mask_of(privileges: &[String], name: &str) -> Option<u32> {
    privileges.iter().position(|known| known == name).map(|bit| 1 << bit)
}

/// The mask of the named one of these privileges.
pub(crate) fn known_mask(privileges: &[String], name: &str) -> Result<u32, Box<Refusal>> {
    mask_of(privileges, name).ok_or_else(|| {
        let known = privileges.join("`, `");
        let given = crate::address::shorten(name);
        Box::new(Refusal::InvalidPrivilege(format!("`{given}` is not a privilege: it is one of `{known}`")))
    })
}

fn collection_hash(parent: u16, collection: &str) -> u64 {
    hash(0, u64::from(parent), collection.as_bytes())
}

/// Two types in one number, for the index.
fn pack(parent: u16, child: TypeId) -> u32 {
    u32::from(parent) << 16 | u32::from(child.0)
}

fn unpack(pair: u32) -> (u16, TypeId) {
    ((pair >> 16) as u16, TypeId(pair as u16))
}
