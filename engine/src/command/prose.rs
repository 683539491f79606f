//! What the commands mean, for people: help and documentation. The WebAssembly modules leave it out.

/// The documentation of one command.
#[derive(Debug)]
pub struct Prose {
    /// The command's name.
    pub command: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// What there is to know beyond that; may be empty.
    pub details: &'static str,
    /// What its own arguments mean, where that is not what [`SHARED`] says.
    pub arguments: &'static [(&'static str, &'static str)],
    /// What it answers.
    pub result: &'static str,
    /// A call, as it is typed behind the program's name.
    pub example: &'static str,
}

impl Prose {
    /// What an argument of this command means: its own, a shared one, or one that addresses an object.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&'static str> {
        let known = self.arguments.iter().chain(SHARED).chain(ADDRESSES);
        known.into_iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }
}

/// The command's documentation.
///
/// ```
/// use portcullis_engine::prose;
///
/// let check = prose::of("check").ok_or("no `check`")?;
/// assert!(check.argument("privilege").is_some());
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn of(command: &str) -> Option<&'static Prose> {
    PROSE.iter().find(|prose| prose.command == command)
}

/// Arguments that mean the same wherever they stand.
pub const SHARED: &[(&str, &str)] = &[
    ("after", "Begin behind this row: the path or principal that the last part of the list ended with."),
    ("groupName", "The group."),
    ("limit", "At most so many rows."),
    ("memberType", "What the member is: `user` (unless said otherwise), `group` or `serviceAccount`."),
    ("notAfter", "The instant from which the entry no longer counts, in ISO 8601 with its offset; empty for never."),
    ("notBefore", "The instant from which the entry counts, in ISO 8601 with its offset; empty for always."),
    ("principalName", "The principal's name. It need not exist yet; a project's own is `project: NAME`."),
    ("principalType", "`user`, `group` or `serviceAccount`."),
    ("privilege", "The privilege that is asked about, such as `read`."),
    ("userName", "The member: the name of a user, or of what `memberType` says."),
];

/// Arguments that address an object, besides the locators, one of which there is for each type of object.
pub const ADDRESSES: &[(&str, &str)] = &[
    ("path", "The object's path, such as `/projects/Shop/pipelines/Release`, in place of the locators."),
    ("objectId", "The object's id, as `getObjects` and `getAccess` give it."),
    ("objectType", "The type of the object; a check on an object given by its id, a filter for `getObjects`."),
];

/// What locators are.
pub const LOCATORS: &str = "Which object. Each option names one level of its address, in any order: \
    `--projectName Shop --pipelineName Release` is a pipeline of a project. `--x` is short for `--xName`, and any \
    beginning that fits only one option will do. A value that begins with `/` is a whole path.";

/// What privilege arguments are.
pub const PRIVILEGES: &str = "What the entry says about each privilege: `allow`, `deny` or `inherit`, which is as if it \
    said nothing.";

/// Every command's documentation, in the order of the alphabet.
pub const PROSE: &[Prose] = &[
    Prose {
        command: "access",
        summary: "Who may do what with an object, or what somebody may do with which objects.",
        details: "Exact: it lists what asking one by one would give. Objects and principals that the caller may not \
            read are left out.",
        arguments: &[(
            "principal",
            "List the objects on which this principal may do anything: `user:NAME`, `group:NAME`, \
                `serviceAccount:NAME`, or a user's name alone. Of several, what any of them may.",
        )],
        result: "`principal`, or with --principal `object`: each with `allow` or `deny` for every privilege.",
        example: "access --projectName Shop --pipelineName Release",
    },
    Prose {
        command: "addGroupMember",
        summary: "Puts a user, a group or a service account into a group.",
        details: "Membership passes on: members of a group in a group are members of both. A cycle is refused.",
        arguments: &[],
        result: "Nothing.",
        example: "addGroupMember developers dora",
    },
    Prose {
        command: "breakAclInheritance",
        summary: "Makes an object's own list the last that is looked at.",
        details: "The object's own entries stay, and nothing is copied from above. Needs changePermissions on the \
            object: see first that an entry of the object itself leaves that to somebody.",
        arguments: &[],
        result: "Nothing.",
        example: "breakAclInheritance --projectName Shop --pipelineName Release",
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
        result: "`decision` (`allow` or `deny`), `reason`, and `validUntil` where the date of an entry is ahead.",
        example: "check --projectName Shop --principal user:dora --privilege read",
    },
    Prose {
        command: "checkAccess",
        summary: "What the caller may do with an object.",
        details: "",
        arguments: &[],
        result: "`access`: `allow` or `deny` for every privilege.",
        example: "checkAccess --projectName Shop --pipelineName Release",
    },
    Prose {
        command: "createAclEntry",
        summary: "Adds an entry for a principal to an object's access control list.",
        details: "What is not named is `inherit`. Needs changePermissions on the object.",
        arguments: &[],
        result: "`aclEntry`: the entry in full.",
        example: "createAclEntry user \"j smith\" --projectName Shop --readPrivilege allow --modifyPrivilege deny",
    },
    Prose {
        command: "createObject",
        summary: "Registers an object; users and groups are objects too.",
        details: "The last locator says what is made, and the ones above it must exist. A new project allows everything \
            to its own jobs; a new credential belongs to its creator alone. Needs modify on the container.",
        arguments: &[],
        result: "`object`: its id, name, type and path.",
        example: "createObject --projectName Shop --pipelineName Release",
    },
    Prose {
        command: "createPolicy",
        summary: "Begins a policy: its schema, its system objects and the built-in principals.",
        details: "",
        arguments: &[("schema", "The schema; that of CloudBees CD/RO if it is left out.")],
        result: "Nothing.",
        example: "init",
    },
    Prose {
        command: "deleteAclEntry",
        summary: "Removes a principal's entry from an object's access control list.",
        details: "Needs changePermissions on the object.",
        arguments: &[],
        result: "Nothing.",
        example: "deleteAclEntry user \"j smith\" --projectName Shop",
    },
    Prose {
        command: "deleteObject",
        summary: "Removes an object and all that lies under it, with their lists.",
        details: "Entries elsewhere that name a deleted principal stay. Needs modify on the container, the object, and \
            everything below that does not inherit.",
        arguments: &[],
        result: "Nothing.",
        example: "deleteObject --projectName Shop --pipelineName Release",
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
        result: "The decision, for each principal the `walk` with every list on the way, and for a denial the `fix`: \
            the fewest commands that would allow it.",
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
        result: "`object`, repeated: each with its entries; `breakInheritance` on the one that ends the way.",
        example: "getAccess --projectName Shop --pipelineName Release",
    },
    Prose {
        command: "getAclEntry",
        summary: "A principal's entry in an object's access control list.",
        details: "Needs read on the object.",
        arguments: &[],
        result: "`aclEntry`: the entry in full.",
        example: "getAclEntry group developers --projectName Shop",
    },
    Prose {
        command: "getObjects",
        summary: "The objects directly below an object, or below the server.",
        details: "What the caller may not read is left out.",
        arguments: &[("recursive", "Everything below, and not only what is directly below.")],
        result: "`object`, repeated: id, name, type and path, in the order of the paths.",
        example: "getObjects --projectName Shop --recursive --objectType stage",
    },
    Prose {
        command: "getSchema",
        summary: "The policy's schema: types of objects, where they lie, privileges.",
        details: "",
        arguments: &[],
        result: "`schema`, as it was given.",
        example: "getSchema --output json",
    },
    Prose {
        command: "import",
        summary: "Takes over objects, their lists and the members of groups, all or nothing.",
        details: "An imported list takes the place of the object's whole list; nothing is deleted. Only `admin` may.",
        arguments: &[("objects", "The objects: each a `path`, and `acl` and `members` where it has them.")],
        result: "`import`: how many objects were named, and how many records changed.",
        example: "import export",
    },
    Prose {
        command: "modifyAclEntry",
        summary: "Changes a principal's entry in an object's access control list.",
        details: "What is not named stays as it is. Needs changePermissions on the object.",
        arguments: &[],
        result: "`aclEntry`: the entry in full.",
        example: "modifyAclEntry group developers --projectName Shop --executePrivilege inherit",
    },
    Prose {
        command: "moveObject",
        summary: "Moves an object to another container, renames it, or both.",
        details: "Its list, and all below it, go along; entries that name a renamed principal do too. Needs modify on \
            both containers and on the object, and changePermissions where the container changes.",
        arguments: &[
            ("newName", "The new name; the old one if it is left out."),
            ("newParent", "The path of the new container; the old one if it is left out."),
        ],
        result: "`object`: its id, name, type and path.",
        example: "moveObject --projectName Shop --pipelineName Release --newName \"Release 2\"",
    },
    Prose {
        command: "removeGroupMember",
        summary: "Takes a member out of a group.",
        details: "",
        arguments: &[],
        result: "Nothing.",
        example: "removeGroupMember developers dora",
    },
    Prose {
        command: "restoreAclInheritance",
        summary: "Lets the lists above an object count again.",
        details: "The object's own entries stay. Needs changePermissions on the object.",
        arguments: &[],
        result: "Nothing.",
        example: "restoreAclInheritance --projectName Shop --pipelineName Release",
    },
    Prose {
        command: "setSchema",
        summary: "Gives the policy another schema.",
        details: "Refused if an object would lose its type or its place, or a privilege its bit. Only `admin` may.",
        arguments: &[("schema", "The new schema, in JSON.")],
        result: "Nothing.",
        example: "setSchema hospital.json",
    },
    Prose {
        command: "tree",
        summary: "The objects as they lie in one another, with their entries and broken inheritance.",
        details: "All of them, or those at and below an object; what the caller may not read is left out.",
        arguments: &[],
        result: "`object`, repeated: id, name, type, path, depth, entries, each after what it lies under.",
        example: "tree --projectName Shop",
    },
];

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use crate::COMMANDS;

    #[test]
    fn every_command_and_every_argument_is_explained() {
        for command in COMMANDS {
            let prose = of(command.name).expect(command.name);
            for argument in command.arguments {
                assert!(prose.argument(argument.name).is_some(), "{} {}", command.name, argument.name);
            }
        }
    }

    #[test]
    fn nothing_is_explained_that_does_not_exist() {
        assert_eq!(PROSE.len(), COMMANDS.len());
        for prose in PROSE {
            let command = crate::command(prose.command).unwrap();
            for (name, _) in prose.arguments {
                assert!(command.arguments.iter().any(|argument| argument.name == *name), "{} {name}", prose.command);
            }
        }
    }

    #[test]
    fn texts_are_sentences_and_summaries_fit_a_line() {
        for prose in PROSE {
            assert!(prose.summary.len() <= 90 && prose.summary.ends_with('.'), "{}", prose.command);
            assert!(!prose.example.is_empty() && prose.result.ends_with('.'), "{}", prose.command);
            assert!(prose.arguments.iter().all(|(_, text)| text.ends_with('.')), "{}", prose.command);
        }
    }
}
