//! Shapes that several commands answer with.

use super::shape::Shape::{self, Count, Flag, Instant, Object, Objects, Privileges, Text, Texts, Words};
use super::shape::{Field, always, maybe};

/// What a decision is.
pub const EFFECTS: &[&str] = &["allow", "deny"];
/// What an entry says about a privilege.
pub const ENTRY_WORDS: &[&str] = &["allow", "deny", "inherit"];
/// The types of principals.
pub const PRINCIPAL_TYPES: &[&str] = &["user", "group", "serviceAccount"];
/// The name of the fields that [`Shape::Privileges`] stands for.
pub const PRIVILEGE_FIELD: &str = "<privilege>Privilege";
/// The codes of [`crate::Reason`].
const REASONS: &[&str] = &["Admin", "EntryAllows", "EntryDenies", "NoEntryMatches", "InheritanceBroken"];

/// The answer of a command that only says that it is done.
pub const NOTHING: Shape = Object(&[]);
/// The answer of a command on one entry.
pub const ENTRY_REPLY: Shape = Object(&[always("aclEntry", Object(ENTRY), "The entry in full.")]);
/// The answer of a command on one object.
pub const OBJECT_REPLY: Shape = Object(&[always("object", Object(OBJECT), "The object as it is now.")]);

/// An object's id.
pub const OBJECT_ID: Field = always("objectId", Text, "The object's id.");
/// An object's name.
pub const OBJECT_NAME: Field = always("objectName", Text, "Its name, as answers show it.");
/// An object's type.
pub const OBJECT_TYPE: Field = always("objectType", Text, "Its type, such as `pipeline`.");
/// An object's path.
pub const PATH: Field = always("path", Text, "Its path.");
/// Where inheritance ends.
pub const BREAK_INHERITANCE: Field = maybe("breakInheritance", Flag, "It does not inherit what the lists above say.");
/// An object.
pub const OBJECT: &[Field] = &[OBJECT_ID, OBJECT_NAME, OBJECT_TYPE, PATH];

/// The type of a principal.
pub const PRINCIPAL_TYPE: Field = always("principalType", Words(PRINCIPAL_TYPES), "The principal's type.");
/// The name of a principal.
pub const PRINCIPAL_NAME: Field = always("principalName", Text, "The principal's name.");

/// An entry in full.
pub const ENTRY: &[Field] = &[
    always("aclEntryId", Text, "The entry's id."),
    PRINCIPAL_TYPE,
    PRINCIPAL_NAME,
    always(PRIVILEGE_FIELD, Privileges(ENTRY_WORDS), "What it says about each privilege."),
    maybe("notBefore", Instant, "The instant from which it counts."),
    maybe("notAfter", Instant, "The instant from which it no longer counts."),
];
/// The entries of an object's own list.
pub const ENTRIES: Field =
    always("aclEntry", Objects(ENTRY), "Its own entries: groups, service accounts, users, each by name.");
/// What somebody may do.
pub const HELD_PRIVILEGES: Field =
    always(PRIVILEGE_FIELD, Privileges(EFFECTS), "Whether each privilege is allowed or denied.");

/// Yes or no.
pub const DECISION: Field = always("decision", Words(EFFECTS), "The answer.");
/// Until when.
pub const VALID_UNTIL: Field =
    maybe("validUntil", Instant, "The instant from which it may be another, where the date of an entry is ahead.");
/// Why.
pub const REASON: Field = always("reason", Object(WHY), "Why.");
const CODE: Field = always("code", Words(REASONS), "What decided, as a code that never changes.");
const WHY: &[Field] = &[
    CODE,
    maybe("object", Text, "The path of the object whose list decided."),
    maybe("aclEntry", Objects(MATCHED), "The entries that decided."),
];

/// A principal that an entry names, with what it says about the privilege that is asked about.
const MATCHED: &[Field] = &[PRINCIPAL_TYPE, PRINCIPAL_NAME, ASKED_PRIVILEGE, THROUGH, NOT_IN_EFFECT];
const ASKED_PRIVILEGE: Field =
    maybe(PRIVILEGE_FIELD, Privileges(EFFECTS), "What it says about the privilege that is asked about.");
const THROUGH: Field =
    maybe("through", Texts, "The groups through which it reaches the principal, the innermost first.");
const NOT_IN_EFFECT: Field = maybe("notInEffect", Flag, "Its dates do not hold now.");

/// The way up from an object.
pub const WALK: &[Field] = &[
    always("principal", Text, "About whom, as `user:NAME`."),
    maybe("registered", Words(&["0"]), "The principal is not registered."),
    CODE,
    always("object", Objects(LEVEL), "The object and what it lies under, up to the one whose list decided."),
];
const LEVEL: &[Field] = &[
    OBJECT_ID,
    OBJECT_NAME,
    OBJECT_TYPE,
    PATH,
    BREAK_INHERITANCE,
    maybe("decides", Flag, "Its list decided."),
    always("entryCount", Count, "How many entries its list has."),
    always("aclEntry", Objects(SEEN), "Those that match the principal and say something about the privilege."),
];
const SEEN: &[Field] =
    &[PRINCIPAL_TYPE, PRINCIPAL_NAME, ASKED_PRIVILEGE, THROUGH, NOT_IN_EFFECT, maybe("decides", Flag, "It decided.")];

/// A command that can be sent as it is.
pub const FIX: &[Field] = &[
    always("command", Words(&["createAclEntry", "modifyAclEntry"]), "The command."),
    always("arguments", Object(FIX_ARGUMENTS), "Its arguments."),
];
const FIX_ARGUMENTS: &[Field] = &[
    PRINCIPAL_TYPE,
    PRINCIPAL_NAME,
    PATH,
    maybe(PRIVILEGE_FIELD, Privileges(ENTRY_WORDS), "What the entry would say about the privilege."),
    maybe("notBefore", Words(&[""]), "Empty: the entry would count at once."),
    maybe("notAfter", Words(&[""]), "Empty: the entry would count for ever."),
];
