//! Answers as people see them: `--output table`.

mod access;
mod explanation;
mod lists;
mod personas;
mod records;
mod report;
mod tree;

use super::paper::{Paper, Row, Span, effect, plain, span};
use super::words::Words;
use portcullis_engine::Everyone;
use serde_json::{Map, Value};

/// How people see an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum View {
    /// Who has what, or what somebody has on which objects.
    Access,
    /// The caller's privileges on one object.
    Caller,
    /// A decision and its reason.
    Decision,
    /// A command that says nothing but that it is done.
    Done { revision: u64, changed: bool },
    /// One entry.
    Entry,
    /// The walk to a decision, and what would turn it; with the beginning of the commands that would, and who is in
    /// the group `Everyone`.
    Explanation { program: String, everyone: Everyone },
    /// Names and values as they are.
    Fields,
    /// Where the log stands.
    Head,
    /// What an import did.
    Import,
    /// Access control lists on the way up.
    Lists,
    /// The change sets.
    Log,
    /// Objects.
    Objects,
    /// Personas, and what they show.
    Personas,
    /// What a persona shows of one category.
    PersonaDetail,
    /// Persona categories.
    PersonaCategories,
    /// Records that are alike.
    Records,
    /// A secret that is shown once.
    Secret,
    /// Objects as they lie in one another, with their entries.
    Tree,
    /// A log that is sound.
    Verified,
}

impl View {
    /// The view of a command of the engine's table.
    pub(super) fn of(command: &str, words: &Words) -> Self {
        match command {
            "access" => Self::Access,
            "check" => Self::Decision,
            "checkAccess" => Self::Caller,
            "createAclEntry" | "modifyAclEntry" | "getAclEntry" => Self::Entry,
            "explain" => {
                let store = words.store.as_ref().map(|store| format!(" --store {}", super::text::shell_word(store)));
                let program = format!("portcullis{}", store.unwrap_or_default());
                Self::Explanation { program, everyone: Everyone::Registered }
            }
            "getAccess" => Self::Lists,
            "getObjects" | "createObject" | "moveObject" => Self::Objects,
            "tree" => Self::Tree,
            "getPersonas" | "getPersona" | "createPersona" | "modifyPersona" => Self::Personas,
            "addPersonaDetail" | "removePersonaDetail" => Self::PersonaDetail,
            "getPersonaCategories" | "getPersonaCategory" | "createPersonaCategory" | "modifyPersonaCategory" => {
                Self::PersonaCategories
            }
            "getUsers"
            | "getGroups"
            | "getGroupMembers"
            | "getAccessEntries"
            | "getSessions"
            | "getPersonaPages"
            | "getUserAccessTokens"
            | "getUserAccessTokenSessions" => Self::Records,
            "login" | "loginSso" | "createSession" | "createUserAccessToken" => Self::Secret,
            _ => Self::Fields,
        }
    }

    /// Writes the answer down.
    pub(super) fn draw(&self, value: &Value, paper: &mut Paper) {
        match self {
            Self::Access => access::draw(value, paper),
            Self::Caller => paper.table(0, &privilege_rows(field(value, "access")).collect::<Vec<_>>()),
            Self::Decision => explanation::draw_decision(value, paper),
            Self::Done { revision, changed: true } => paper.line(0, &[plain(format!("done; revision {revision}"))]),
            Self::Done { revision, .. } => {
                paper.line(0, &[plain(format!("nothing to change; still revision {revision}"))]);
            }
            Self::Entry => lists::draw_entry(field(value, "aclEntry"), paper),
            Self::Explanation { program, everyone } => explanation::draw(value, program, *everyone, paper),
            Self::Fields => report::draw_fields(value, paper),
            Self::Head => paper.verbatim(text(value, "head")),
            Self::Import => report::draw_import(value, paper),
            Self::Lists => lists::draw(value, paper),
            Self::Log => report::draw_log(value, paper),
            Self::Objects => lists::draw_objects(value, paper),
            Self::Personas => personas::draw(value, paper),
            Self::PersonaDetail => personas::draw_detail(value, paper),
            Self::PersonaCategories => personas::draw_categories(value, paper),
            Self::Records => records::draw(value, paper),
            Self::Secret => records::draw_secret(value, paper),
            Self::Tree => tree::draw(value, paper),
            Self::Verified => report::draw_verified(field(value, "verified"), paper),
        }
    }
}

/// The end of the names of privilege arguments and fields.
const PRIVILEGE: &str = "Privilege";

/// A field; null where there is none.
fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&Value::Null)
}

/// A field's text; empty where there is none.
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    field(value, name).as_str().unwrap_or_default()
}

/// A field's number; 0 where there is none.
fn number(value: &Value, name: &str) -> u64 {
    field(value, name).as_u64().unwrap_or_default()
}

/// Whether a field is the engine's "yes".
fn is_set(value: &Value, name: &str) -> bool {
    text(value, name) == "1"
}

/// A field's values: several, one or none.
fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    match field(value, name) {
        Value::Array(values) => values,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

/// A number and what is counted.
fn count(number: u64, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// Each privilege and what is said of it, in the schema's order.
fn privileges(value: &Value) -> impl Iterator<Item = (&str, &str)> {
    let fields = value.as_object().into_iter().flat_map(Map::iter);
    fields.filter_map(|(name, value)| Some((name.strip_suffix(PRIVILEGE)?, value.as_str()?)))
}

/// A row for each privilege and what is said of it.
fn privilege_rows(value: &Value) -> impl Iterator<Item = Row> {
    privileges(value).map(|(name, word)| vec![vec![plain(name)], vec![effect(word)]])
}

/// An object as people name it: `project 'Default'`.
fn object_name(object: &Value) -> String {
    format!("{} '{}'", text(object, "objectType"), text(object, "objectName"))
}

/// A principal as people name it: `user:j smith`.
fn principal_name(entry: &Value) -> String {
    format!("{}:{}", text(entry, "principalType"), text(entry, "principalName"))
}

/// What an entry says, such as `allow read, execute; deny modify`, and when.
fn entry_words(entry: &Value) -> Vec<Span> {
    let all: Vec<(&str, &str)> = privileges(entry).collect();
    let mut words = Vec::new();
    for wanted in ["allow", "deny"] {
        let named: Vec<&str> = all.iter().filter(|(_, word)| *word == wanted).map(|(name, _)| *name).collect();
        if named.is_empty() {
            continue;
        }
        if !words.is_empty() {
            words.push(plain("; "));
        }
        let is_all = named.len() == all.len() && all.len() > 1;
        let listed = if is_all { "everything".to_owned() } else { named.join(", ") };
        words.extend([effect(wanted), plain(format!(" {listed}"))]);
    }
    if words.is_empty() {
        words.push(span(super::paper::Ink::Faint, "says nothing"));
    }
    for (name, word) in [("notBefore", " from "), ("notAfter", " until ")] {
        if !text(entry, name).is_empty() {
            words.push(plain(format!("{word}{}", text(entry, name))));
        }
    }
    words
}

/// The mark of an object that does not inherit.
fn broken_mark() -> Span {
    span(super::paper::Ink::Bad, "✕ inheritance broken")
}
