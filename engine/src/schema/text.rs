//! A schema's JSON: its shape, and what makes it valid.

use super::{
    DIRECTORY, DefaultPrincipal, Everyone, Locator, MAX_PRIVILEGES, ObjectType, OnCreate, PERSONA, PERSONA_CATEGORY,
    PERSONA_PAGE, PERSONAS, ROOT, Registration, Roles, SERVER, Schema, TypeId,
};
use crate::command::{Argument, COMMANDS};
use crate::json::{self, Map, Value};
use crate::principals::PROJECT_PREFIX;
use crate::refusal::Refusal;
use crate::schema::grammar::{Grammar, Kind, are_too_many, plural};

/// The types that every schema has, because every policy has principals and personas, and where their objects lie.
const CORE_TYPES: [(&str, &str); 6] = [
    ("user", DIRECTORY),
    ("group", DIRECTORY),
    ("serviceAccount", DIRECTORY),
    (PERSONA, PERSONAS),
    (PERSONA_CATEGORY, PERSONAS),
    (PERSONA_PAGE, PERSONAS),
];
/// The system objects that every schema has.
const CORE_SYSTEM_OBJECTS: [&str; 4] = [SERVER, DIRECTORY, PERSONAS, "session"];

/// A schema's JSON, its words not yet looked up.
struct SchemaText {
    name: String,
    privileges: Vec<String>,
    roles: [String; 3],
    everyone: Everyone,
    registration: Registration,
    on_create: Option<OnCreateText>,
    system_objects: Vec<String>,
    types: Vec<TypeText>,
}

#[derive(Default)]
struct TypeText {
    name: String,
    system_object: Option<String>,
    parents: Vec<String>,
    collection: Option<String>,
    locator: Option<String>,
    outer_locator: Option<String>,
    properties: bool,
    qualified: Option<char>,
    names: Vec<String>,
    principal_prefix: Option<String>,
    on_create: Option<OnCreateText>,
}

struct OnCreateText {
    inheriting: bool,
    entries: Vec<EntryText>,
}

struct EntryText {
    principal: String,
    allow: Vec<String>,
}

/// Reads and validates a schema.
pub(super) fn read(json: &str) -> Result<Schema, Box<Refusal>> {
    let value: Value = json::parse(json.as_bytes()).map_err(|error| fault("json", error))?;
    let kept = value.to_string();
    let mut text = read_schema(value)?;
    add_core(&mut text);
    check_words(&text)?;
    let privileges = Privileges(&text.privileges);
    let roles = privileges.roles(&text.roles)?;
    let on_create = privileges.on_create(text.on_create.as_ref(), "onCreate")?;
    let types = read_types(&text, &privileges)?;
    check_reachable(&types)?;
    Ok(Schema {
        grammar: read_grammar(text.system_objects, &types)?,
        locators: index_locators(&types)?,
        text: kept,
        name: text.name,
        privileges: text.privileges,
        roles,
        everyone: text.everyone,
        registration: text.registration,
        on_create,
        types,
    })
}

fn read_schema(value: Value) -> Result<SchemaText, Box<Refusal>> {
    let mut object = Object::new(value, "the schema")?;
    let mut roles = object.required("roles")?;
    let roles = ["read", "modify", "changePermissions"].map(|role| roles.word(role));
    let [read, modify, change] = roles;
    let types = object.list("types")?.ok_or_else(|| object.missing("types"))?;
    let text = SchemaText {
        name: object.filled("name")?,
        privileges: object.words("privileges")?,
        roles: [read?, modify?, change?],
        everyone: object.choice("everyone", [("registered", Everyone::Registered), ("any", Everyone::Any)])?,
        registration: object
            .choice("registration", [("explicit", Registration::Explicit), ("implicit", Registration::Implicit)])?,
        on_create: object.maybe("onCreate")?.map(read_on_create).transpose()?,
        system_objects: object.words("systemObjects")?,
        types: types.into_iter().zip(0..).map(|(kind, place)| read_type_text(kind, place)).collect::<Result<_, _>>()?,
    };
    object.end()?;
    Ok(text)
}

fn read_type_text(value: Value, place: usize) -> Result<TypeText, Box<Refusal>> {
    let mut object = Object::new(value, &format!("types[{place}]"))?;
    let text = TypeText {
        name: object.word("name")?,
        system_object: object.maybe_word("systemObject")?,
        parents: object.words("parents")?,
        collection: object.maybe_word("collection")?,
        locator: object.maybe_word("locator")?,
        outer_locator: object.maybe_word("outerLocator")?,
        properties: object.boolean("properties", false)?,
        qualified: object.letter("qualified")?,
        names: object.words("names")?,
        principal_prefix: object.maybe_word("principalPrefix")?,
        on_create: object.maybe("onCreate")?.map(read_on_create).transpose()?,
    };
    object.end()?;
    Ok(text)
}

fn read_on_create(mut object: Object) -> Result<OnCreateText, Box<Refusal>> {
    let inheriting = object.boolean("inheriting", true)?;
    let mut entries = Vec::new();
    for entry in object.list("entries")?.unwrap_or_default() {
        let mut entry = Object::new(entry, &format!("{}.entries", object.place))?;
        entries.push(EntryText { principal: entry.word("principal")?, allow: entry.words("allow")? });
        entry.end()?;
    }
    object.end()?;
    Ok(OnCreateText { inheriting, entries })
}

/// A JSON object that is read field by field, and its place for error texts.
struct Object {
    fields: Map,
    place: String,
}

impl Object {
    fn new(value: Value, place: &str) -> Result<Self, Box<Refusal>> {
        match value {
            Value::Object(fields) => Ok(Self { fields, place: place.to_owned() }),
            _ => Err(fault(place, "it is not a JSON object")),
        }
    }

    fn missing(&self, name: &str) -> Box<Refusal> {
        fault(&self.place, format_args!("`{name}` is missing"))
    }

    fn misfit(&self, name: &str, wanted: &str) -> Box<Refusal> {
        fault(&self.place, format_args!("`{name}` is not {wanted}"))
    }

    fn maybe(&mut self, name: &str) -> Result<Option<Self>, Box<Refusal>> {
        let place = format!("{}.{name}", self.place);
        self.fields.remove(name).map(|value| Self::new(value, &place)).transpose()
    }

    fn required(&mut self, name: &str) -> Result<Self, Box<Refusal>> {
        self.maybe(name)?.ok_or_else(|| self.missing(name))
    }

    fn maybe_word(&mut self, name: &str) -> Result<Option<String>, Box<Refusal>> {
        match self.fields.remove(name) {
            None => Ok(None),
            Some(Value::String(word)) => Ok(Some(word)),
            Some(_) => Err(self.misfit(name, "a text")),
        }
    }

    fn word(&mut self, name: &str) -> Result<String, Box<Refusal>> {
        self.maybe_word(name)?.ok_or_else(|| self.missing(name))
    }

    fn letter(&mut self, name: &str) -> Result<Option<char>, Box<Refusal>> {
        let Some(word) = self.maybe_word(name)? else { return Ok(None) };
        let mut letters = word.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) => Ok(Some(letter)),
            _ => Err(self.misfit(name, "one letter")),
        }
    }

    fn filled(&mut self, name: &str) -> Result<String, Box<Refusal>> {
        let word = self.word(name)?;
        if word.is_empty() { Err(self.misfit(name, "a text with letters in it")) } else { Ok(word) }
    }

    fn list(&mut self, name: &str) -> Result<Option<Vec<Value>>, Box<Refusal>> {
        match self.fields.remove(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(self.misfit(name, "a list")),
        }
    }

    fn words(&mut self, name: &str) -> Result<Vec<String>, Box<Refusal>> {
        let mut words = Vec::new();
        for item in self.list(name)?.unwrap_or_default() {
            match item {
                Value::String(word) => words.push(word),
                _ => return Err(self.misfit(name, "a list of texts")),
            }
        }
        Ok(words)
    }

    fn boolean(&mut self, name: &str, absent: bool) -> Result<bool, Box<Refusal>> {
        match self.fields.remove(name) {
            None => Ok(absent),
            Some(Value::Bool(value)) => Ok(value),
            Some(_) => Err(self.misfit(name, "true or false")),
        }
    }

    /// One of two words, the first where it is absent.
    fn choice<T: Copy>(&mut self, name: &str, words: [(&str, T); 2]) -> Result<T, Box<Refusal>> {
        let [(first, absent), (second, _)] = words;
        let Some(given) = self.maybe_word(name)? else { return Ok(absent) };
        let known = words.iter().find(|(word, _)| *word == given);
        known.map(|(_, value)| *value).ok_or_else(|| self.misfit(name, &format!("`{first}` or `{second}`")))
    }

    /// Refuses what nobody has read.
    fn end(&self) -> Result<(), Box<Refusal>> {
        match self.fields.keys().next() {
            Some(name) => Err(fault(&self.place, format_args!("it has no field `{name}`"))),
            None => Ok(()),
        }
    }
}

fn fault(place: impl std::fmt::Display, what: impl std::fmt::Display) -> Box<Refusal> {
    Refusal::invalid(format_args!("schema, {place}: {what}"))
}

fn add_core(text: &mut SchemaText) {
    for name in CORE_SYSTEM_OBJECTS {
        if !text.system_objects.iter().any(|known| known == name) {
            text.system_objects.push(name.into());
        }
    }
    for (name, place) in CORE_TYPES {
        if !text.types.iter().any(|kind| kind.name == name) {
            let collection = (name == PERSONA_CATEGORY).then(|| "personaCategories".into());
            let system_object = Some(place.into());
            text.types.push(TypeText { name: name.into(), system_object, collection, ..TypeText::default() });
        }
    }
}

/// Every name must be a word that can stand in a path, an option and a code, and stand once.
fn check_words(text: &SchemaText) -> Result<(), Box<Refusal>> {
    if text.privileges.is_empty() || text.privileges.len() > MAX_PRIVILEGES {
        let count = text.privileges.len();
        return Err(fault("privileges", format!("{count} privileges, where 1 to {MAX_PRIVILEGES} fit")));
    }
    check_list("privileges", text.privileges.iter())?;
    check_list("systemObjects", text.system_objects.iter())?;
    check_list("types", text.types.iter().map(|kind| &kind.name))?;
    if let Some(place) = text.types.iter().position(|kind| kind.name == "systemObject") {
        return Err(fault(
            format_args!("types[{place}]"),
            "`systemObject` is the type of what the schema itself brings",
        ));
    }
    check_principal_prefixes(text)?;
    // The system objects' own type is one more.
    let anywhere = text.types.iter().filter(|kind| kind.parents.iter().any(|parent| parent == "*")).count();
    if are_too_many(text.types.len() + 1, anywhere) || text.system_objects.len() >= usize::from(ROOT) {
        return Err(fault("types", "more types or system objects than fit"));
    }
    for kind in &text.types {
        let core = CORE_TYPES.iter().find(|(name, _)| *name == kind.name);
        if let Some((name, place)) = core.filter(|(_, place)| kind.system_object.as_deref() != Some(*place)) {
            return Err(fault(format!("type `{name}`"), format!("it lies under the system object `{place}`")));
        }
    }
    Ok(())
}

/// A principal that belongs to an object is a project's: any other prefix could spell a name that a user has.
fn check_principal_prefixes(text: &SchemaText) -> Result<(), Box<Refusal>> {
    let prefixed = text.types.iter().filter(|kind| kind.principal_prefix.is_some());
    for (number, kind) in prefixed.enumerate() {
        let at_root = kind.system_object.is_some() && kind.parents.is_empty();
        if number > 0 || !at_root || kind.principal_prefix.as_deref() != Some(PROJECT_PREFIX) {
            let what =
                format!("`principalPrefix` is `{PROJECT_PREFIX}`, for one type that lies under a system object only");
            return Err(fault(format_args!("type `{}`", kind.name), what));
        }
    }
    Ok(())
}

fn check_list<'a>(place: &str, words: impl Iterator<Item = &'a String>) -> Result<(), Box<Refusal>> {
    let mut seen: Vec<&String> = Vec::new();
    for (index, word) in words.enumerate() {
        check_word(format_args!("{place}[{index}]"), word)?;
        if seen.contains(&word) {
            return Err(fault(format_args!("{place}[{index}]"), format_args!("`{word}` stands twice")));
        }
        seen.push(word);
    }
    Ok(())
}

fn check_word(place: impl std::fmt::Display, word: &str) -> Result<(), Box<Refusal>> {
    let starts = word.starts_with(|first: char| first.is_ascii_alphabetic());
    if starts && word.len() <= 64 && word.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(fault(place, format_args!("`{word}` is not a word of 1 to 64 letters and digits that begins with a letter")))
}

struct Privileges<'a>(&'a [String]);

impl Privileges<'_> {
    fn mask(&self, name: &str, place: &str) -> Result<u32, Box<Refusal>> {
        let position = self.0.iter().position(|known| known == name);
        position.map(|bit| 1 << bit).ok_or_else(|| fault(place, format_args!("`{name}` is not one of the privileges")))
    }

    fn roles(&self, [read, modify, change]: &[String; 3]) -> Result<Roles, Box<Refusal>> {
        Ok(Roles {
            read: self.mask(read, "roles.read")?,
            modify: self.mask(modify, "roles.modify")?,
            change_permissions: self.mask(change, "roles.changePermissions")?,
        })
    }

    fn on_create(&self, text: Option<&OnCreateText>, place: &str) -> Result<OnCreate, Box<Refusal>> {
        let Some(text) = text else { return Ok(OnCreate { inheriting: true, entries: Vec::new() }) };
        let entries = text.entries.iter().map(|entry| self.default_entry(entry, place)).collect::<Result<_, _>>()?;
        Ok(OnCreate { inheriting: text.inheriting, entries })
    }

    fn default_entry(&self, text: &EntryText, place: &str) -> Result<(DefaultPrincipal, u32), Box<Refusal>> {
        let principal = match text.principal.as_str() {
            "own" => DefaultPrincipal::Own,
            "creator" => DefaultPrincipal::Creator,
            "everyone" => DefaultPrincipal::Everyone,
            other => return Err(fault(place, format_args!("`{other}` is none of `own`, `creator`, `everyone`"))),
        };
        let masks = text.allow.iter().map(|name| self.mask(name, place));
        Ok((principal, masks.collect::<Result<Vec<_>, _>>()?.into_iter().fold(0, |all, mask| all | mask)))
    }
}

fn read_types(text: &SchemaText, privileges: &Privileges) -> Result<Vec<ObjectType>, Box<Refusal>> {
    let mut types = vec![system_object_type()];
    for (index, kind) in text.types.iter().enumerate() {
        let place = format!("types[{index}] `{}`", kind.name);
        let on_create = privileges.on_create(kind.on_create.as_ref(), &format!("{place}.onCreate"))?;
        types.push(read_type(text, kind, on_create, &place)?);
    }
    Ok(types)
}

fn system_object_type() -> ObjectType {
    ObjectType {
        name: "systemObject".into(),
        collection: "systemObjects".into(),
        locator: "systemObjectName".into(),
        outer_locator: None,
        system_object: None,
        parents: Vec::new(),
        anywhere: false,
        properties: false,
        qualified: None,
        names: Vec::new(),
        principal_prefix: None,
        on_create: OnCreate { inheriting: true, entries: Vec::new() },
    }
}

fn read_type(text: &SchemaText, kind: &TypeText, on_create: OnCreate, place: &str) -> Result<ObjectType, Box<Refusal>> {
    let anywhere = kind.parents.iter().any(|parent| parent == "*");
    let named = kind.parents.iter().filter(|parent| *parent != "*");
    let parents = named.map(|parent| type_named(text, parent, place)).collect::<Result<Vec<_>, _>>()?;
    // A type that names no parent lies directly under the root.
    let rootless = kind.system_object.is_none() && kind.parents.is_empty();
    let system_object = kind.system_object.as_deref().or(rootless.then_some(SERVER));
    let collection = kind.collection.clone().unwrap_or_else(|| plural(&kind.name));
    let locator = kind.locator.clone().unwrap_or_else(|| format!("{}Name", kind.name));
    check_word(format_args!("{place}.collection"), &collection)?;
    check_word(format_args!("{place}.locator"), &locator)?;
    if let Some(outer) = &kind.outer_locator {
        check_word(format_args!("{place}.outerLocator"), outer)?;
    }
    if kind.names.iter().any(String::is_empty) {
        return Err(fault(place, "one of `names` is empty"));
    }
    if kind.parents.iter().enumerate().any(|(at, parent)| kind.parents.iter().take(at).any(|other| other == parent)) {
        return Err(fault(place, "a parent stands twice"));
    }
    Ok(ObjectType {
        name: kind.name.clone(),
        collection,
        locator,
        outer_locator: kind.outer_locator.clone(),
        system_object: system_object.map(|name| system_object_named(text, name, place)).transpose()?,
        parents,
        anywhere,
        properties: kind.properties,
        qualified: kind.qualified,
        names: kind.names.clone(),
        principal_prefix: kind.principal_prefix.clone(),
        on_create,
    })
}

fn type_named(text: &SchemaText, name: &str, place: &str) -> Result<TypeId, Box<Refusal>> {
    let position = text.types.iter().position(|kind| kind.name == name);
    position
        .map(|index| TypeId(index as u16 + 1))
        .ok_or_else(|| fault(place, format_args!("unknown parent `{name}`: no type has that name")))
}

fn system_object_named(text: &SchemaText, name: &str, place: &str) -> Result<u16, Box<Refusal>> {
    let position = text.system_objects.iter().position(|known| known == name);
    position
        .map(|index| index as u16)
        .ok_or_else(|| fault(place, format_args!("unknown system object `{name}`: it is not in systemObjects")))
}

/// Follows children from the roots: a type that is not met has only parents that lie, in a cycle, under itself.
fn check_reachable(types: &[ObjectType]) -> Result<(), Box<Refusal>> {
    let mut reached: Vec<bool> = types.iter().map(|kind| kind.system_object.is_some() || kind.anywhere).collect();
    loop {
        let is_reached = |parent: &TypeId| reached.get(parent.index()).copied().unwrap_or(false);
        let next: Vec<bool> =
            types.iter().zip(&reached).map(|(kind, met)| *met || kind.parents.iter().any(is_reached)).collect();
        if next == reached {
            break;
        }
        reached = next;
    }
    match types.iter().zip(&reached).skip(1).find(|(_, met)| !**met) {
        Some((kind, _)) => {
            let name = &kind.name;
            Err(fault(format_args!("type `{name}`"), "its parents form a cycle that never reaches the root"))
        }
        None => Ok(()),
    }
}

fn read_grammar(system_objects: Vec<String>, types: &[ObjectType]) -> Result<Grammar, Box<Refusal>> {
    let name = |id: TypeId| types.get(id.index()).map_or("", |kind| kind.name.as_str());
    let collection = |id: TypeId| types.get(id.index()).map_or("", |kind| kind.collection.as_str());
    Grammar::new(system_objects, types.iter().map(Kind::from).collect()).map_err(|clash| {
        let (collection, first) = (collection(clash.second), name(clash.first));
        let what = format!("the collection `{collection}` is that of `{first}` under the same parent");
        fault(format_args!("type `{}`", name(clash.second)), what)
    })
}

/// Words that the command line has for other things.
const TAKEN: [&str; 8] = ["path", "objectId", "objectType", "store", "as", "output", "help", "version"];

/// The own arguments of the commands that take locators. The compiler gathers them: a module that reads schemas and has
/// no other use for commands is to hold no code of theirs.
#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it, and would find an index that is none")]
const BESIDE_LOCATORS: [&[Argument]; COMMANDS.len()] = {
    let mut beside: [&[Argument]; COMMANDS.len()] = [&[]; COMMANDS.len()];
    let mut index = 0;
    while index < COMMANDS.len() {
        if COMMANDS[index].locates {
            beside[index] = COMMANDS[index].arguments;
        }
        index += 1;
    }
    beside
};

/// Whether a locator may not have this name, because a command that takes locators has another argument of it.
fn is_taken(word: &str) -> bool {
    TAKEN.contains(&word) || BESIDE_LOCATORS.iter().copied().flatten().any(|argument| argument.name == word)
}

fn index_locators(types: &[ObjectType]) -> Result<Vec<(String, Locator)>, Box<Refusal>> {
    let mut locators: Vec<(String, Locator)> = Vec::new();
    for (index, kind) in types.iter().enumerate() {
        let own = std::iter::once((&kind.locator, false));
        for (argument, outer) in own.chain(kind.outer_locator.iter().map(|argument| (argument, true))) {
            if is_taken(argument) || locators.iter().any(|(other, _)| other == argument) {
                let what = format!("the locator `{argument}` is taken");
                return Err(fault(format_args!("type `{}`", kind.name), what));
            }
            locators.push((argument.clone(), Locator { kind: TypeId(index as u16), outer }));
        }
    }
    Ok(locators)
}
