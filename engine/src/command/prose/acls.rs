//! Documentation of the commands on lists and their entries.

use super::Prose;
use super::shared::{ENTRY_REPLY, NOTHING};

pub(super) const ACLS: &[Prose] = &[
    Prose {
        command: "breakAclInheritance",
        summary: "Makes an object's own list the last that is looked at.",
        details: "The object's own entries stay, and nothing is copied from above. Needs changePermissions on the \
            object: see first that an entry of the object itself leaves that to somebody.",
        arguments: &[],
        result: NOTHING,
        example: "breakAclInheritance --projectName Shop --pipelineName Release",
    },
    Prose {
        command: "createAclEntry",
        summary: "Adds an entry for a principal to an object's access control list.",
        details: "What is not named is `inherit`. Needs changePermissions on the object.",
        arguments: &[],
        result: ENTRY_REPLY,
        example: "createAclEntry user \"j smith\" --projectName Shop --readPrivilege allow --modifyPrivilege deny",
    },
    Prose {
        command: "deleteAclEntry",
        summary: "Removes a principal's entry from an object's access control list.",
        details: "Needs changePermissions on the object.",
        arguments: &[],
        result: NOTHING,
        example: "deleteAclEntry user \"j smith\" --projectName Shop",
    },
    Prose {
        command: "getAclEntry",
        summary: "A principal's entry in an object's access control list.",
        details: "Needs read on the object.",
        arguments: &[],
        result: ENTRY_REPLY,
        example: "getAclEntry group developers --projectName Shop",
    },
    Prose {
        command: "modifyAclEntry",
        summary: "Changes a principal's entry in an object's access control list.",
        details: "What is not named stays as it is. Needs changePermissions on the object.",
        arguments: &[],
        result: ENTRY_REPLY,
        example: "modifyAclEntry group developers --projectName Shop --executePrivilege inherit",
    },
    Prose {
        command: "restoreAclInheritance",
        summary: "Lets the lists above an object count again.",
        details: "The object's own entries stay. Needs changePermissions on the object.",
        arguments: &[],
        result: NOTHING,
        example: "restoreAclInheritance --projectName Shop --pipelineName Release",
    },
];
