//! The documentation of the program's own commands.

use portcullis_engine::prose::Shape::{Boolean, Count, Instant, Json, Object, Objects, Text, Texts};
use portcullis_engine::prose::shared::NOTHING;
use portcullis_engine::prose::{Field, Prose, always, maybe};

/// Every one, in the order of the alphabet.
pub(super) const PROSE: &[Prose] = &[
    Prose {
        command: "completions",
        summary: "The script by which a shell completes command lines.",
        details: "For bash: `source <(portcullis completions bash)`.",
        arguments: &[
            ("shell", "`bash`, `elvish`, `fish`, `powershell` or `zsh`."),
            (
                "name",
                "For the program under this name: `portcullis`, `ectool` or `cmtool`; else the one it is called by.",
            ),
        ],
        result: Text,
        example: "completions bash --name ectool",
    },
    Prose {
        command: "engine",
        summary: "What the WebAssembly module inside this program is: the same bytes decide everywhere.",
        details: "",
        arguments: &[("out", "Also write the module to this file.")],
        result: Object(&[always("engine", Object(ENGINE), "The module.")]),
        example: "engine --out engine.wasm",
    },
    Prose {
        command: "erase",
        summary: "Erases what is private of a user: e-mail address, full name, password, sessions and tokens.",
        details: "For ever: afterwards it is in no part of the store's files, and no replay brings it back. The user stays, \
            with memberships, entries and permissions. Only `admin` may.",
        arguments: &[("type", "`user`."), ("name", "The user's name.")],
        result: NOTHING,
        example: "erase user dora",
    },
    Prose {
        command: "help",
        summary: "What the commands do.",
        details: "",
        arguments: &[("command", "The command, or `locators` for all options that address an object.")],
        result: Text,
        example: "help createAclEntry",
    },
    Prose {
        command: "import",
        summary: "Reads a CD/RO DSL export: objects, lists, users, groups, service accounts and personas.",
        details: "All in one change set, or nothing. An imported list takes the place of the object's whole list, and so \
            do names, addresses and what a persona shows; members, a category's pages and assignments of personas are \
            added. Nothing is deleted, and twice is the same as once. Predefined personas stay as they are. Passwords are \
            never imported, and nothing in the export is executed. Only `admin` may.",
        arguments: &[("dir", "The folder that holds `projects`, `users` and so on.")],
        result: Object(&[
            always("import", Object(IMPORT), "What was done."),
            always("changed", Boolean, "Whether anything is now other than it was."),
            REVISION,
            always("read", Object(READ), "What was read."),
            always("missedAcl", Objects(MISSED), "The access control lists that were found and not taken."),
            always("skipped", Objects(SKIPPED), "What else was left out."),
        ]),
        example: "import export",
    },
    Prose {
        command: "init",
        summary: "Begins a policy in a store that has none.",
        details: "The first command that changes something does so too, with the schema of CloudBees CD/RO. What only \
            asks, and what is refused, makes no store.",
        arguments: &[("schema", "A file with a schema of your own, in JSON.")],
        result: Object(&[always(
            "policy",
            Object(&[
                always("store", Text, "The file that holds it."),
                always("schema", Text, "The name of its schema."),
                REVISION,
            ]),
            "The new policy.",
        )]),
        example: "--store hospital.db init --schema hospital.json",
    },
    Prose {
        command: "log",
        summary: "The change sets, newest first.",
        details: "Only `admin` may.",
        arguments: &[
            ("head", "Only where the log stands, as REVISION:HASH, to be kept elsewhere for `verify`."),
            ("limit", "At most so many change sets."),
        ],
        result: Object(&[
            maybe("changeSet", Objects(CHANGE_SET), "Without --head: the change sets."),
            maybe("revision", Count, "With --head: the last revision."),
            maybe("hash", Text, "With --head: the hash of the log up to it."),
            maybe("head", Text, "With --head: both, as `verify` takes them."),
        ]),
        example: "log --limit 10",
    },
    Prose {
        command: "man",
        summary: "The manual, as a page for `man`.",
        details: "To read it: `portcullis man | man -l -`.",
        arguments: &[("dir", "Instead, put this page and one for each command into this folder.")],
        result: Text,
        example: "man --dir share/man/man1",
    },
    Prose {
        command: "schema",
        summary: "The requests to the engine and its answers as JSON Schema.",
        details: "Draft 2020-12, for the store's policy, or for a new one where there is no store. A request as a \
            whole is described, `#/$defs/answer` its answer; of each command there are `<name>.call`, \
            `<name>.arguments` and `<name>.reply`.",
        arguments: &[("command", "As if there were only this command of the engine.")],
        result: Json,
        example: "schema --command createAclEntry",
    },
    Prose {
        command: "setSchema",
        summary: "Gives the policy another schema.",
        details: "Refused if an object would lose its type or its place, or a privilege its bit. Only `admin` may.",
        arguments: &[("schema", "A file with the schema, in JSON.")],
        result: NOTHING,
        example: "setSchema hospital.json",
    },
    Prose {
        command: "snapshot",
        summary: "Writes the whole policy to a file, for engines elsewhere, such as in a browser.",
        details: "E-mail addresses, full names and the hashes of passwords and secrets are not in it. Only `admin` may.",
        arguments: &[("out", "The file.")],
        result: Object(&[always("snapshot", Object(SNAPSHOT), "What was written.")]),
        example: "snapshot policy.snapshot",
    },
    Prose {
        command: "verify",
        summary: "Checks every change set of the log, its hash and its effect, and the snapshot.",
        details: "Only `admin` may. What is wrong is an error, with its revision.",
        arguments: &[(
            "head",
            "A head that `log --head` gave: it must still be in the log. Finds a log that was cut off.",
        )],
        result: Object(&[always("verified", Object(VERIFIED), "Where the log stands.")]),
        example: "verify --head \"$(cat kept-elsewhere)\"",
    },
];

const REVISION: Field = always("revision", Count, "The policy's revision.");
const HASH: Field = always("hash", Text, "The hash of the log up to it.");

const ENGINE: &[Field] = &[
    always("sha256", Text, "Its SHA-256, in hexadecimal digits."),
    always("bytes", Count, "Its size."),
    always("imports", Count, "How many imports it has: none."),
    always("wasmVersion", Count, "The version of the WebAssembly format."),
    maybe("file", Text, "The file that it was written to."),
];

const SNAPSHOT: &[Field] = &[always("file", Text, "The file."), always("bytes", Count, "Its size."), REVISION];

const IMPORT: &[Field] =
    &[always("objects", Count, "How many objects were named."), always("changes", Count, "How many records changed.")];

const READ: &[Field] = &[
    always("files", Count, "DSL files."),
    always("objects", Json, "For each type of object, how many."),
    always("aclsFound", Count, "Access control lists on the disk."),
    always("aclsTaken", Count, "How many of them were taken."),
    always("acls", Count, "Objects that get a list."),
    always("entries", Count, "Entries in these lists."),
    always("members", Count, "Members of groups."),
    always("assignments", Count, "Personas of users and groups."),
];

const MISSED: &[Field] =
    &[always("place", Text, "The file and the line."), always("why", Text, "Why it was not taken.")];

const SKIPPED: &[Field] = &[
    always("name", Text, "What it is called."),
    always("count", Count, "How often it was met."),
    always("why", Text, "Why it was left out."),
    always(
        "first",
        Text,
        "The file and the line where it was first met; where the policy is the reason, the object's path.",
    ),
];

const CHANGE_SET: &[Field] = &[
    always("revision", Count, "The revision that it led to."),
    always("time", Instant, "When it was made."),
    always("caller", Text, "Who made it, as `user:NAME`."),
    always("command", Texts, "The names of its commands."),
    always("changes", Count, "How many records it put or deleted."),
    HASH,
];

const VERIFIED: &[Field] = &[
    REVISION,
    HASH,
    always("head", Text, "Both, as `--head` takes them."),
    maybe("kept", Text, "The head that was given, and is in the log."),
];
