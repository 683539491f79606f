//! Documentation of the commands on decisions and listings.

use super::Prose;
use super::shape::Shape::{Count, Object, Objects, Text, Words};
use super::shape::{Field, always, maybe};
use super::shared::{
    BREAK_INHERITANCE, DECISION, ENTRIES, FIX, HELD_PRIVILEGES, OBJECT, OBJECT_ID, OBJECT_NAME, OBJECT_TYPE, PATH,
    PRINCIPAL_NAME, PRINCIPAL_TYPE, REASON, VALID_UNTIL, WALK,
};

pub(super) const QUESTIONS: &[Prose] = &[
    Prose {
        command: "access",
        summary: "Who may do what with an object, or what somebody may do with which objects.",
        details: "Exact: it lists what asking one by one would give. Objects and principals that the caller may not \
            read are left out.",
        arguments: &[
            (
                "principal",
                "List the objects on which this principal may do anything: `user:NAME`, `group:NAME`, \
                    `serviceAccount:NAME`, or a user's name alone. Of several, what any of them may.",
            ),
            ("privilege", "List only those who have this privilege, or only the objects on which it is allowed."),
        ],
        result: Object(&[
            maybe("principal", Objects(HOLDER), "Without --principal: who may do anything with the object."),
            maybe("object", Objects(HELD), "With --principal: the objects with which it may do anything."),
        ]),
        example: "access --projectName Shop --pipelineName Release",
    },
    Prose {
        command: "check",
        summary: "Whether a principal has a privilege on an object.",
        details: "The object need not be registered: an unknown one inherits everything. To ask about oneself needs no \
            privilege; to ask about another principal, read on it and on the object.",
        arguments: &[(
            "principal",
            "Who is asked about, as `user:NAME`, `group:NAME`, `serviceAccount:NAME` or a user's name alone; the \
                caller if it is left out. Of several, what any of them may is allowed.",
        )],
        result: Object(&[DECISION, REASON, VALID_UNTIL]),
        example: "check --projectName Shop --principal user:dora --privilege read",
    },
    Prose {
        command: "checkAccess",
        summary: "What the caller may do with an object.",
        details: "",
        arguments: &[],
        result: Object(&[always("access", Object(&[HELD_PRIVILEGES]), "What the caller may do.")]),
        example: "checkAccess --projectName Shop --pipelineName Release",
    },
    Prose {
        command: "explain",
        summary: "Why a principal may or may not: the walk up from the object, and what would allow it.",
        details: "Needs read on the object, even to ask about oneself, and on another principal asked about. Have \
            `admin` ask what somebody may not see: `--as admin explain … --principal user:NAME`.",
        arguments: &[(
            "principal",
            "Who is asked about, as `user:NAME`, `group:NAME`, `serviceAccount:NAME` or a user's name alone; the \
                caller if it is left out. Of several, what any of them may is allowed.",
        )],
        result: Object(&[
            always("object", Text, "The path of the object that is asked about."),
            maybe("registered", Words(&["0"]), "The object is not registered, and inherits everything."),
            always("privilege", Text, "The privilege that is asked about."),
            DECISION,
            REASON,
            VALID_UNTIL,
            always("walk", Objects(WALK), "For each principal that is asked about, the way up from the object."),
            maybe("fix", Objects(FIX), "For a denial: the fewest commands that would allow it."),
        ]),
        example: "explain --projectName Shop --pipelineName Release --principal user:dora --privilege modify",
    },
    Prose {
        command: "getAccess",
        summary: "The access control lists that count for an object, the nearest first.",
        details: "Needs read on the object.",
        arguments: &[(
            "emulateRestoreInheritance",
            "Show what would count if the object itself inherited, up to the next that does not.",
        )],
        result: Object(&[always("object", Objects(LISTED), "The object and what it lies under, the nearest first.")]),
        example: "getAccess --projectName Shop --pipelineName Release",
    },
    Prose {
        command: "getObjects",
        summary: "The objects directly below an object, or below the server.",
        details: "What the caller may not read is left out.",
        arguments: &[("recursive", "Everything below, and not only what is directly below.")],
        result: Object(&[always("object", Objects(OBJECT), "In the order of the paths.")]),
        example: "getObjects --projectName Shop --recursive --objectType stage",
    },
    Prose {
        command: "tree",
        summary: "The objects as they lie in one another, with their entries and broken inheritance.",
        details: "All of them, or those at and below an object; what the caller may not read is left out.",
        arguments: &[],
        result: Object(&[always("object", Objects(NODE), "The objects, each after what it lies under.")]),
        example: "tree --projectName Shop",
    },
];

/// A principal, and what it may do.
const HOLDER: &[Field] = &[PRINCIPAL_TYPE, PRINCIPAL_NAME, HELD_PRIVILEGES];
/// An object, and what somebody may do with it.
const HELD: &[Field] = &[OBJECT_ID, OBJECT_NAME, OBJECT_TYPE, PATH, HELD_PRIVILEGES];
/// An object and its list, on the way up.
const LISTED: &[Field] = &[OBJECT_ID, OBJECT_NAME, OBJECT_TYPE, ENTRIES, BREAK_INHERITANCE];
/// An object in its tree.
const NODE: &[Field] = &[
    OBJECT_ID,
    OBJECT_NAME,
    OBJECT_TYPE,
    PATH,
    always("depth", Count, "How many levels below the first it lies."),
    BREAK_INHERITANCE,
    ENTRIES,
];
