//! Documentation of the commands on users and groups: accounts, permission flags, settings.

use super::Prose;
use super::shape::Shape::{Flag, Object, Objects, Switch, Text, Texts, Words};
use super::shape::{Field, always, maybe};
use super::shared::NOTHING;

pub(super) const ACCOUNTS: &[Prose] = &[
    Prose {
        command: "changeOwnUser",
        summary: "Changes the full name, the e-mail address or the password of the user who calls.",
        details: "`modifyUser` changes other users. A new password ends the user's other sessions. Whoever logged in by \
            a user access token may not change passwords.",
        arguments: &[("userName", "The user who calls, and no other."), FULL_NAME, EMAIL_ADDRESS, PASSWORD],
        result: NOTHING,
        example: "changeOwnUser dora --fullUserName \"Dora Smith\"",
    },
    Prose {
        command: "createGroup",
        summary: "Creates a group.",
        details: "Needs `modify` on the system object `directory`. A name that entries already carry needs `admin`.",
        arguments: &[],
        result: NOTHING,
        example: "createGroup developers",
    },
    Prose {
        command: "createUser",
        summary: "Creates a user who logs in by a password.",
        details: "Needs `modify` on the system object `directory`. A name that entries already carry needs `admin`.",
        arguments: &[("userName", "The new user's name."), FULL_NAME, EMAIL_ADDRESS, PASSWORD],
        result: NOTHING,
        example: "createUser dora secret --fullUserName \"Dora Smith\" --email dora@example.org",
    },
    Prose {
        command: "deleteGroup",
        summary: "Deletes a group, and with it its memberships, permission flags and assignments.",
        details: "Needs `modify` on the group. The entries that name the group stay.",
        arguments: &[],
        result: NOTHING,
        example: "deleteGroup developers",
    },
    Prose {
        command: "deleteUser",
        summary: "Deletes a user, and with it its memberships, flags, assignments, tokens and sessions.",
        details: "Needs `modify` on the user. The entries that name the user stay.",
        arguments: &[USER],
        result: NOTHING,
        example: "deleteUser dora",
    },
    Prose {
        command: "eraseUser",
        summary: "Erases the e-mail address, full name and password of a user, and ends its sessions.",
        details: "Only `admin` may. What is erased is gone from the whole history. The user's tokens end too; \
            memberships, entries and permission flags stay.",
        arguments: &[USER],
        result: NOTHING,
        example: "eraseUser dora",
    },
    Prose {
        command: "getAccessEntries",
        summary: "The users and groups that have permission flags of their own, and the flags.",
        details: "Whom the caller may not read is left out. `admin` has every flag.",
        arguments: &[],
        result: Object(&[always(
            "accessEntry",
            Objects(&[
                always("principalType", Words(&["user", "group"]), "What has the flags."),
                always("entityName", Text, "Its name."),
                PERMISSIONS,
            ]),
            "Groups, then users, each by name.",
        )]),
        example: "getAccessEntries",
    },
    Prose {
        command: "getEffectivePermissions",
        summary: "The permission flags of the user who calls: its own and those of its groups.",
        details: "",
        arguments: &[],
        result: Object(&[PERMISSIONS]),
        example: "getEffectivePermissions",
    },
    Prose {
        command: "getGroupMembers",
        summary: "The direct members of every group, or of one.",
        details: "Groups and members that the caller may not read are left out; a group that is named needs `read`. \
            The members of `Everyone` are all users.",
        arguments: &[("groupName", "The group; every group, if not given.")],
        result: Object(&[always("group", Objects(MEMBERS), "By name.")]),
        example: "getGroupMembers developers",
    },
    Prose {
        command: "getGroups",
        summary: "All groups, or those that hold a user.",
        details: "Groups that the caller may not read are left out. Nested groups and `Everyone` hold a user too.",
        arguments: &[("userName", "Only the groups that hold this user."), LOCAL],
        result: Object(&[always("groupInfo", Objects(&[GROUP_NAME, MUTABLE, PROVIDER]), "By name.")]),
        example: "getGroups --userName dora",
    },
    Prose {
        command: "getPermissions",
        summary: "The permission flags that are a user's or a group's own.",
        details: "Needs `read` on the user or group; oneself always. `admin` has every flag.",
        arguments: &[ENTITY_TYPE, ENTITY_NAME],
        result: Object(&[PERMISSIONS]),
        example: "getPermissions group developers",
    },
    Prose {
        command: "getUser",
        summary: "What there is to know of a user.",
        details: "Needs `read` on the user; oneself always. Groups that the caller may not read are left out.",
        arguments: &[USER],
        result: Object(&[always(
            "userInfo",
            Object(&[
                USER_NAME,
                FULL_USER_NAME,
                EMAIL,
                always("groupName", Texts, "The groups that hold the user, nested ones and `Everyone` included."),
                MUTABLE,
                PROVIDER,
                DISABLED,
            ]),
            "The user.",
        )]),
        example: "getUser dora",
    },
    Prose {
        command: "getUserSettings",
        summary: "What the user who calls wants to hear of.",
        details: "",
        arguments: &[],
        result: Object(&[
            always("watchMessages", Words(&["Y", "N"]), "Whether the user wants to hear of messages."),
            always("notificationLevel", Words(LEVELS), "From which messages on."),
            always("buildClassId", Texts, "The build classes whose end the user wants to hear of, the least first."),
        ]),
        example: "getUserSettings",
    },
    Prose {
        command: "getUsers",
        summary: "All users, or those whose names a pattern fits.",
        details: "Users whom the caller may not read are left out.",
        arguments: &[
            ("pattern", "A name in which `*` and `%` stand for any characters, also none. Case counts."),
            LOCAL,
        ],
        result: Object(&[always(
            "userInfo",
            Objects(&[USER_NAME, FULL_USER_NAME, EMAIL, MUTABLE, PROVIDER, DISABLED]),
            "By name.",
        )]),
        example: "getUsers --pattern \"do*\"",
    },
    Prose {
        command: "modifyGroup",
        summary: "Gives a group another name; all that is its own stays its own.",
        details: "Needs `modify` on the group. A name that entries already carry needs `admin`.",
        arguments: &[("newName", "The new name.")],
        result: NOTHING,
        example: "modifyGroup developers --newName engineers",
    },
    Prose {
        command: "modifyUser",
        summary: "Changes the full name, e-mail address or password of a user, or disables the user.",
        details: "Needs `modify` on the user. A new password ends the user's other sessions, and disabling ends all \
            sessions and tokens; enabling revives none. `moveObject` gives a user another name.",
        arguments: &[
            USER,
            FULL_NAME,
            EMAIL_ADDRESS,
            PASSWORD,
            ("disabled", "1: the user may not log in. 0: the user may again."),
        ],
        result: NOTHING,
        example: "modifyUser dora --email dora.smith@example.org",
    },
    Prose {
        command: "setBuildEndNotification",
        summary: "Says whether the user who calls wants to hear when builds of a class end.",
        details: "For at most 1,000 classes at once.",
        arguments: &[
            ("buildClassId", "The build class: a whole number from 1 on."),
            ("enabled", "Whether the user wants to hear of it."),
        ],
        result: NOTHING,
        example: "setBuildEndNotification 1 true",
    },
    Prose {
        command: "setPermissions",
        summary: "Puts permission flags in the place of those that a user or a group has.",
        details: "Needs `changePermissions` on the system object `directory`. The flags are \
            AgentsDelete AgentsRead AgentsWrite BuildsDelete BuildsRead BuildsWrite ClassesDelete ClassesRead \
            ClassesWrite EMakeImpersonate EMakeInvoke MaintenanceDelete MaintenanceRead MaintenanceWrite \
            MessageLogDelete MessageLogRead MessageLogWrite ReportsDelete ReportsRead ReportsWrite ResourcesDelete \
            ResourcesRead ResourcesWrite ServerAccess UserModify.",
        arguments: &[ENTITY_TYPE, ENTITY_NAME, ("permissions", "The flags, with blanks between them; empty for none.")],
        result: NOTHING,
        example: "setPermissions user dora \"BuildsRead AgentsRead\"",
    },
    Prose {
        command: "setUserSettings",
        summary: "Says of which messages the user who calls wants to hear.",
        details: "",
        arguments: &[
            ("notificationLevel", "From which messages on: `Info`, `Warning` or `Error`; if not given, as before."),
            ("watchMessages", "Whether to hear of messages: `Y`, `y`, `yes`, `Yes`, `N`, `n`, `no` or `No`."),
        ],
        result: NOTHING,
        example: "setUserSettings yes --notificationLevel Warning",
    },
];

const USER: (&str, &str) = ("userName", "The user.");
const FULL_NAME: (&str, &str) = ("fullUserName", "The full name; empty for none.");
const EMAIL_ADDRESS: (&str, &str) = ("email", "The e-mail address; empty for none.");
const PASSWORD: (&str, &str) = ("password", "The password.");
const LOCAL: (&str, &str) = ("local", "Changes nothing: all users and groups are local.");
const ENTITY_TYPE: (&str, &str) = ("principalType", "`user` or `group`.");
const ENTITY_NAME: (&str, &str) = ("entityName", "The name of the user or group.");
const LEVELS: &[&str] = &["Info", "Warning", "Error"];

const PERMISSIONS: Field =
    always("permissions", Text, "The flags, with blanks between them, as `setPermissions` takes them.");
const USER_NAME: Field = always("userName", Text, "The user's name.");
const FULL_USER_NAME: Field = maybe("fullUserName", Text, "The full name.");
const EMAIL: Field = maybe("email", Text, "The e-mail address.");
const DISABLED: Field = maybe("disabled", Flag, "The user may not log in.");
const GROUP_NAME: Field = always("groupName", Text, "The group's name.");
const MUTABLE: Field = always("mutable", Switch, "Whether it can be modified: what is built in cannot.");
const PROVIDER: Field = always("providerName", Words(&["local"]), "The directory that it comes from.");

const MEMBERS: &[Field] = &[
    GROUP_NAME,
    maybe("userName", Texts, "The users in it."),
    maybe("memberGroupName", Texts, "The groups in it."),
    maybe("serviceAccountName", Texts, "The service accounts in it."),
];
