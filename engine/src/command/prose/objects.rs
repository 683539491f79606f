//! Documentation of the commands on objects.

use super::Prose;
use super::shared::{NOTHING, OBJECT_REPLY};

pub(super) const OBJECTS: &[Prose] = &[
    Prose {
        command: "createObject",
        summary: "Registers an object; users and groups are objects too.",
        details: "The last locator says what is made, and the ones above it must exist. A new project allows everything \
            to its own jobs; a new credential belongs to its creator alone. Needs modify on the container.",
        arguments: &[],
        result: OBJECT_REPLY,
        example: "createObject --projectName Shop --pipelineName Release",
    },
    Prose {
        command: "deleteObject",
        summary: "Removes an object and all that lies under it, with their lists.",
        details: "Entries elsewhere that name a deleted principal stay. Needs modify on the container, the object, and \
            everything below that does not inherit.",
        arguments: &[],
        result: NOTHING,
        example: "deleteObject --projectName Shop --pipelineName Release",
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
        result: OBJECT_REPLY,
        example: "moveObject --projectName Shop --pipelineName Release --newName \"Release 2\"",
    },
];
