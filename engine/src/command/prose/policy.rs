//! Documentation of the commands on the policy itself.

use super::Prose;
use super::shape::Shape::{Count, Json, Object};
use super::shape::always;
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
        summary: "Takes over objects, their lists and the members of groups, all or nothing.",
        details: "An imported list takes the place of the object's whole list; nothing is deleted. Only `admin` may.",
        arguments: &[("objects", "The objects: each a `path`, and `acl` and `members` where it has them.")],
        result: Object(&[always(
            "import",
            Object(&[
                always("objects", Count, "How many objects were named."),
                always("changes", Count, "How many records changed."),
            ]),
            "What was done.",
        )]),
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
