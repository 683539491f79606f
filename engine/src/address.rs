//! Addresses of objects: paths, and the locator arguments of the commands.
//!
//! A path is a sequence of collections and names, `/projects/Default/procedures/Build/steps/compile`. In a name only
//! `%2F` (`/`) and `%25` (`%`) are escapes (`domain.md` §1, "Objects, locators, parents").

mod locators;

use crate::refusal::Refusal;
use crate::schema::grammar::{Grammar, Kind};
use crate::schema::{SERVER, SYSTEM_OBJECT, Schema, TypeId};
pub(crate) use locators::{from_locators, is_object_argument};
use std::borrow::Cow;
use std::fmt::Write;

/// The most characters that a name may have.
pub const MAX_NAME_CHARS: usize = 255;

/// The collection of properties, which have no access control list of their own.
pub(crate) const PROPERTIES: &str = "properties";

/// Where an object is, or would be: the way to it from the root.
///
/// ```
/// use portcullis_engine::{Address, Schema};
///
/// let schema = Schema::cdro();
/// let address = Address::parse(&schema, "/projects/Default/credentials/a%2Fb")?;
/// assert_eq!(address.name(), Some("a/b"));
/// assert_eq!(address.locators(&schema)?, [("projectName", "Default".into()), ("credentialName", "a/b".into())]);
/// assert_eq!(address.path(&schema), "/projects/Default/credentials/a%2Fb");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Address {
    /// Types and names, the outermost first; none for `server`.
    pub(crate) steps: Vec<(TypeId, String)>,
    /// What is meant is the property sheet of what the steps lead to.
    pub(crate) sheet: bool,
}

impl Address {
    /// Reads a path.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a path that does not begin with `/`, has an empty segment, a trailing slash or an
    /// unknown escape, or names a collection that the schema does not have there; `InvalidSystemObject`;
    /// `NameTooLong`.
    pub fn parse(schema: &Schema, path: &str) -> Result<Self, Box<Refusal>> {
        let mut steps = Vec::new();
        let mut walk = PathSteps::new(schema.grammar(), path);
        while let Some(step) = walk.next_step() {
            let (kind, name) = step?;
            steps.push((kind, name.into_owned()));
        }
        if matches!(steps.as_slice(), [(SYSTEM_OBJECT, name)] if name == SERVER) {
            steps.clear();
        }
        Ok(Self { steps, sheet: walk.sheet })
    }

    /// The last name; none for `server`.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.steps.last().map(|(_, name)| name.as_str())
    }

    /// The type of what is addressed.
    #[must_use]
    pub fn kind(&self) -> TypeId {
        self.steps.last().map_or(SYSTEM_OBJECT, |(kind, _)| *kind)
    }

    /// The path in text.
    #[must_use]
    pub fn path(&self, schema: &Schema) -> String {
        if self.steps.is_empty() {
            return format!("/systemObjects/{SERVER}");
        }
        let steps =
            self.steps.iter().map(|(kind, name)| (schema.object_type(*kind).collection.as_str(), name.as_str()));
        write_path(steps)
    }

    /// The locator arguments that address the same object.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` where there are none: an object nested so deeply in others of its type that only a path
    /// addresses it, or a name that begins with `/`, which a locator takes for a path.
    pub fn locators<'a>(&'a self, schema: &'a Schema) -> Result<Vec<(&'a str, Cow<'a, str>)>, Box<Refusal>> {
        locators::of(schema, self)
    }
}

pub(crate) fn write_path<'a>(steps: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut path = String::new();
    for (collection, name) in steps {
        let _ = write!(path, "/{collection}/{}", escape(name));
    }
    path
}

fn escape(name: &str) -> Cow<'_, str> {
    if !name.contains(['/', '%']) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.replace('%', "%25").replace('/', "%2F"))
}

/// One step of a path: a type and a name.
pub(crate) type Step<'a> = (TypeId, Cow<'a, str>);

/// The steps of a path, read as they are asked for: a check on a path keeps no list of them.
pub(crate) struct PathSteps<'a> {
    grammar: &'a Grammar,
    path: &'a str,
    rest: &'a str,
    /// The type of the step before; none at the beginning.
    parent: Option<TypeId>,
    /// The path ended in a property: what comes after the last step names no object.
    pub(crate) property: bool,
    /// The property is one of an object, whose sheet is meant, and not of a sheet.
    pub(crate) sheet: bool,
}

impl<'a> PathSteps<'a> {
    pub(crate) fn new(grammar: &'a Grammar, path: &'a str) -> Self {
        Self { grammar, path, rest: path, parent: None, property: false, sheet: false }
    }

    /// The steps that follow the first `length` bytes, which lead to an object of that type.
    pub(crate) fn after(grammar: &'a Grammar, path: &'a str, length: usize, kind: TypeId) -> Self {
        let rest = path.get(length..).unwrap_or_default();
        Self { grammar, path, rest, parent: Some(kind), property: false, sheet: false }
    }

    /// The part of the path that has been read.
    pub(crate) fn read(&self) -> &'a str {
        self.path.get(..self.path.len() - self.rest.len()).unwrap_or_default()
    }

    /// The next type and name.
    #[inline]
    pub(crate) fn next_step(&mut self) -> Option<Result<Step<'a>, Box<Refusal>>> {
        if self.rest.is_empty() && self.parent.is_some() {
            return None;
        }
        match self.read_step() {
            Ok(None) => None,
            Ok(Some(step)) => Some(Ok(step)),
            Err(refusal) => {
                self.rest = "";
                self.parent = Some(SYSTEM_OBJECT);
                Some(Err(refusal))
            }
        }
    }

    #[inline]
    fn read_step(&mut self) -> Result<Option<Step<'a>>, Box<Refusal>> {
        let collection = self.segment()?;
        let Some(kind) = self.grammar.collection(self.parent, collection) else { return self.property(collection) };
        if self.rest.is_empty() {
            return Err(self.fault(format_args!("it ends after `{collection}`, where a name is missing")));
        }
        let raw = self.segment()?;
        let name = self.unescape(raw)?;
        check_name_rules(self.grammar, kind, &name)?;
        check_length(&name)?;
        self.parent = Some(kind);
        Ok(Some((kind, name)))
    }

    #[inline]
    fn segment(&mut self) -> Result<&'a str, Box<Refusal>> {
        let Some(rest) = self.rest.strip_prefix('/') else {
            return Err(self.fault(format_args!("a path begins with `/`")));
        };
        let end = rest.bytes().position(|byte| byte == b'/').unwrap_or(rest.len());
        let Some((segment, rest)) = rest.split_at_checked(end).filter(|_| end > 0) else {
            return Err(self.fault(format_args!("it has an empty segment")));
        };
        self.rest = rest;
        Ok(segment)
    }

    #[inline]
    fn unescape(&self, raw: &'a str) -> Result<Cow<'a, str>, Box<Refusal>> {
        if !raw.bytes().any(|byte| byte == b'%') {
            return Ok(Cow::Borrowed(raw));
        }
        let mut name = String::with_capacity(raw.len());
        let mut parts = raw.split('%');
        name.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let (escaped, plain) = match (part.get(..2), part.get(2..)) {
                (Some("2F"), Some(plain)) => ('/', plain),
                (Some("25"), Some(plain)) => ('%', plain),
                _ => {
                    let what =
                        format_args!("in `{}` a `%` stands that is neither `%2F` (/) nor `%25` (%)", shorten(raw));
                    return Err(self.fault(what));
                }
            };
            name.push(escaped);
            name.push_str(plain);
        }
        Ok(Cow::Owned(name))
    }

    /// A collection that the type does not have: a property's path means its sheet, anything else is a mistake.
    #[cold]
    fn property(&mut self, collection: &str) -> Result<Option<Step<'a>>, Box<Refusal>> {
        let of = self.parent.and_then(|parent| self.grammar.kind(parent));
        let has_sheets = self.grammar.kinds().iter().any(|kind| kind.properties);
        if let Some(of) = of
            && collection == PROPERTIES
            && has_sheets
        {
            if self.rest.is_empty() {
                return Err(self.fault(format_args!("it ends after `{PROPERTIES}`, where a name is missing")));
            }
            // A property in a nested sheet that nobody registered is protected as the outermost one is.
            while !self.rest.is_empty() {
                let property = self.segment()?;
                self.unescape(property)?;
            }
            (self.property, self.sheet) = (true, !of.properties);
            return Ok(None);
        }
        let place =
            of.map_or("it begins with".to_owned(), |of| format!("below an object of type `{}` it has", of.name));
        Err(self.fault(format_args!("{place} `{}`, which the schema does not have there", shorten(collection))))
    }

    #[cold]
    fn fault(&self, what: std::fmt::Arguments<'_>) -> Box<Refusal> {
        Refusal::invalid(format_args!("the path `{}` is not valid: {what}", shorten(self.path)))
    }
}

/// A name in an error text: a long one by its beginning.
pub(crate) fn shorten(text: &str) -> Shortened<'_> {
    Shortened(text)
}

/// See [`shorten`].
pub(crate) struct Shortened<'a>(&'a str);

impl std::fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.char_indices().nth(120) {
            Some((end, _)) => write!(f, "{}…", self.0.get(..end).unwrap_or_default()),
            None => f.write_str(self.0),
        }
    }
}

/// Refuses a name that is too long.
#[inline]
pub(crate) fn check_length(name: &str) -> Result<(), Box<Refusal>> {
    if name.len() <= MAX_NAME_CHARS || name.chars().count() <= MAX_NAME_CHARS {
        return Ok(());
    }
    Err(Refusal::NameTooLong { name: name.chars().take(40).collect(), chars: name.chars().count() }.into())
}

/// Refuses a name that the schema does not let an object of this type have.
#[inline]
pub(crate) fn check_name_rules(grammar: &Grammar, id: TypeId, name: &str) -> Result<(), Box<Refusal>> {
    match grammar.kind(id) {
        Some(kind) if id == SYSTEM_OBJECT || !kind.names.is_empty() => check_limited(grammar, id, kind, name),
        _ => Ok(()),
    }
}

fn check_limited(grammar: &Grammar, id: TypeId, kind: &Kind, name: &str) -> Result<(), Box<Refusal>> {
    let is_in = |names: &[String]| names.iter().any(|known| known == name);
    if id == SYSTEM_OBJECT {
        let refusal = || Refusal::InvalidSystemObject(shorten(name).to_string()).into();
        return if is_in(grammar.system_objects()) { Ok(()) } else { Err(refusal()) };
    }
    if is_in(&kind.names) {
        return Ok(());
    }
    let allowed = kind.names.join("`, `");
    Err(Refusal::invalid(format_args!("a {} has no name `{}`: it is one of `{allowed}`", kind.name, shorten(name))))
}

/// The name of an object whose name may be given with its parent's in front.
pub(crate) fn unqualified<'a>(schema: &Schema, kind: TypeId, parent: &str, name: &'a str) -> &'a str {
    let separator = schema.object_type(kind).qualified;
    let stripped = separator.and_then(|separator| name.strip_prefix(parent)?.strip_prefix(separator));
    stripped.filter(|rest| !rest.is_empty()).unwrap_or(name)
}
