//! Documentation of the commands on the members of groups.

use super::Prose;
use super::shared::NOTHING;

pub(super) const MEMBERS: &[Prose] = &[
    Prose {
        command: "addGroupMember",
        summary: "Puts a user, a group or a service account into a group.",
        details: "Membership passes on: members of a group in a group are members of both. A cycle is refused.",
        arguments: &[("userName", "The member: the name of a user, or of what `memberType` says.")],
        result: NOTHING,
        example: "addGroupMember developers dora",
    },
    Prose {
        command: "removeGroupMember",
        summary: "Takes a member out of a group.",
        details: "",
        arguments: &[("userName", "The member: the name of a user, or of what `memberType` says.")],
        result: NOTHING,
        example: "removeGroupMember developers dora",
    },
];
