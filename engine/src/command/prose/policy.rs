//! Documentation of the commands on the policy itself.

use super::Prose;
use super::shape::Shape::{Count, Json, Object, Objects, Text};
use super::shape::{Field, always};
use super::shared::NOTHING;

pub(super) const POLICY: &[Prose] = &[
    Prose {
        command: "createPolicy",
        summary: "Begins a policy: its schema, its system objects and the built-in principals.",
        details: "",
        arguments: &[("schema", "The schema; that of CloudBees CD/RO if it is left out.")],
        result: NOTHING,
        example: "init",
    },
    Prose {
        command: "getSchema",
        summary: "The policy's schema: types of objects, where they lie, privileges.",
        details: "",
        arguments: &[],
        result: Object(&[always("schema", Json, "As it was given.")]),
        example: "getSchema --output json",
    },
    Prose {
        command: "import",
        summary: "Takes over objects, lists, members, users, personas and assignments, all or nothing.",
        details: "An imported list takes the place of the object's whole list, and so do texts and a persona's details; \
            members, a category's pages and assignments are added; nothing is deleted, and twice is the same as once. \
            Left out and told: changes to predefined personas, personas to assign that there are not, home pages that \
            their persona does not show, and a default persona without one. \
            Only `admin` may.",
        arguments: &[(
            "objects",
            "The objects: each a `path`, and what it has of `acl`; of a group `members`; of a user `email` and \
                `fullUserName`; of both `personas`; of a persona, a category or a page `description`; of a page `url`; of a \
                category `personaPages`; of a persona `personaDetails`, `homePageName` and `isDefault`.",
        )],
        result: Object(&[always("import", Object(IMPORT), "What was done.")]),
        example: "import export",
    },
    Prose {
        command: "setSchema",
        summary: "Gives the policy another schema.",
        details: "Refused if an object would lose its type or its place, or a privilege its bit. Only `admin` may.",
        arguments: &[("schema", "The new schema, in JSON.")],
        result: NOTHING,
        example: "setSchema hospital.json",
    },
];

const IMPORT: &[Field] = &[
    always("objects", Count, "How many objects were named."),
    always("changes", Count, "How many records changed."),
    always("leftOut", Objects(LEFT_OUT), "What the policy could not take over."),
];

const LEFT_OUT: &[Field] = &[
    always("name", Text, "What it is called."),
    always("count", Count, "How often it was met."),
    always("why", Text, "Why it was left out."),
    always("first", Text, "The path of the first object that it was left out of."),
];
