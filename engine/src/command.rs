//! The commands: one table of their names, arguments and rules.
//!
//! The command line, its help and the request schema are derived from it; what is meant for people's eyes only lies
//! in [`prose`], which the WebAssembly modules leave out.

mod accounts;
mod acls;
mod credentials;
mod import;
mod members;
mod objects;
mod personas;
mod policy;
#[cfg(feature = "prose")]
pub mod prose;
mod questions;

use crate::arguments::Arguments;
use crate::fields::Fields;
use crate::refusal::Refusal;
use crate::transaction::Transaction;
use crate::view::View;
use ArgumentKind::{Boolean, Count, Date, Instant, Json, Password, Text, Texts, Word};

/// One command.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Its name, as the documents print it.
    pub name: &'static str,
    /// The arguments that may be given by place, in order.
    pub positionals: &'static [&'static str],
    /// Its own arguments.
    pub arguments: &'static [Argument],
    /// Whether it takes locator arguments, `path`, `objectId` and `objectType` as well.
    pub locates: bool,
    /// Whether it takes `<privilege>Privilege` arguments as well.
    pub privileges: bool,
    /// Whether the documents call it deprecated. It works nevertheless.
    pub deprecated: bool,
    /// The secret that it hands out.
    pub issues: Issues,
    pub(crate) run: Run,
}

/// The secret that a command hands out: made by the host, shown once, and kept as a hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Issues {
    /// None.
    Nothing,
    /// A session's.
    Session,
    /// A user access token's.
    Token,
}

impl Issues {
    /// The field of the answer that has the id of what was issued, in the place of which the host puts the secret.
    #[must_use]
    pub fn field(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Session => Some("sessionId"),
            Self::Token => Some("token"),
        }
    }
}

impl Command {
    /// Whether it only asks: then it is never in the log.
    #[must_use]
    pub fn asks(&self) -> bool {
        matches!(self.run, Run::Ask(_))
    }

    const fn locating(self) -> Self {
        Self { locates: true, ..self }
    }

    const fn with_privileges(self) -> Self {
        Self { privileges: true, ..self }
    }

    const fn deprecated(self) -> Self {
        Self { deprecated: true, ..self }
    }

    const fn issuing(self, issues: Issues) -> Self {
        Self { issues, ..self }
    }
}

/// One argument of a command.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: ArgumentKind,
    /// Whether the command needs it.
    pub required: bool,
}

/// What an argument takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArgumentKind {
    /// A text.
    Text,
    /// Several texts.
    Texts,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `0`, `1`, `true` or `false`.
    Boolean,
    /// A whole number that is not negative.
    Count,
    /// An instant in ISO 8601 with its offset.
    Instant,
    /// A date in ISO 8601. Without an offset it is read in the zone that the argument `timeZone` names, UTC by default:
    /// the host does so, and the engine takes it with an offset only.
    Date,
    /// A password: the host turns it into a PHC string, and the engine takes only that.
    Password,
    /// A structure in JSON.
    Json,
}

type Reply = Result<Fields, Box<Refusal>>;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Run {
    Ask(fn(&View, &Arguments) -> Reply),
    Change(fn(&mut Transaction, &Arguments) -> Reply),
}

const fn ask(
    name: &'static str,
    positionals: &'static [&'static str],
    arguments: &'static [Argument],
    run: fn(&View, &Arguments) -> Reply,
) -> Command {
    command(name, positionals, arguments, Run::Ask(run))
}

const fn change(
    name: &'static str,
    positionals: &'static [&'static str],
    arguments: &'static [Argument],
    run: fn(&mut Transaction, &Arguments) -> Reply,
) -> Command {
    command(name, positionals, arguments, Run::Change(run))
}

const fn command(
    name: &'static str,
    positionals: &'static [&'static str],
    arguments: &'static [Argument],
    run: Run,
) -> Command {
    let issues = Issues::Nothing;
    Command { name, positionals, arguments, locates: false, privileges: false, deprecated: false, issues, run }
}

const fn required(name: &'static str) -> Argument {
    Argument { name, kind: ArgumentKind::Text, required: true }
}

const fn optional(name: &'static str) -> Argument {
    given(name, ArgumentKind::Text)
}

const fn given(name: &'static str, kind: ArgumentKind) -> Argument {
    Argument { name, kind, required: false }
}

const fn needed(name: &'static str, kind: ArgumentKind) -> Argument {
    Argument { name, kind, required: true }
}

const PRINCIPAL_TYPE: Argument = needed("principalType", Word(&["user", "group", "serviceAccount"]));
const ACCOUNT_TYPE: Argument = needed("principalType", Word(&["user", "group"]));
const PRINCIPAL_NAME: Argument = required("principalName");
const NOT_BEFORE: Argument = given("notBefore", Instant);
const NOT_AFTER: Argument = given("notAfter", Instant);
const MEMBER_TYPE: Argument = given("memberType", Word(&["user", "group", "serviceAccount"]));
const AFTER: Argument = optional("after");
const LIMIT: Argument = given("limit", Count);
const PRINCIPALS: Argument = given("principal", Texts);
const DESCRIPTION: Argument = optional("description");
const NEW_NAME: Argument = optional("newName");
const LOCAL: Argument = given("local", Boolean);
const TIME_ZONE: Argument = optional("timeZone");
const EXPIRATION_DATE: Argument = given("expirationDate", Date);
const TOKEN_NAME: Argument = required("userAccessTokenName");
const USER: Argument = required("userName");
const OF_USER: Argument = optional("userName");
const GROUP: Argument = required("groupName");
const PERSONA: Argument = required("personaName");
const CATEGORY: Argument = required("personaCategoryName");
const PAGE: Argument = required("personaPageName");
const PAGES: Argument = given("personaPages", Texts);
const FULL_NAME: Argument = optional("fullUserName");
const EMAIL: Argument = optional("email");
const PASSWORD: Argument = given("password", Password);

/// Every command, in the order of the alphabet.
pub const COMMANDS: &[Command] = &[
    ask("access", &["projectName"], &[PRINCIPALS, optional("privilege"), AFTER, LIMIT], questions::access).locating(),
    change("addGroupMember", &["groupName", "userName"], &[GROUP, USER, MEMBER_TYPE], members::add),
    change(
        "addPersonaDetail",
        &["personaName", "personaCategoryName"],
        &[PERSONA, CATEGORY, PAGES],
        personas::add_detail,
    ),
    change(
        "assignPersonaToGroup",
        &["personaName"],
        &[PERSONA, needed("groupNames", Texts)],
        personas::assign_to_group,
    ),
    change("assignPersonaToUser", &["personaName"], &[PERSONA, needed("userNames", Texts)], personas::assign_to_user),
    change("breakAclInheritance", &["projectName"], &[], acls::break_inheritance).locating(),
    change("changeOwnUser", &["userName"], &[USER, FULL_NAME, EMAIL, PASSWORD], accounts::change_own),
    ask("check", &["projectName"], &[required("privilege"), PRINCIPALS], questions::check).locating(),
    ask("checkAccess", &["projectName"], &[], questions::check_access).locating(),
    change(
        "createAclEntry",
        &["principalType", "principalName", "projectName"],
        &[PRINCIPAL_TYPE, PRINCIPAL_NAME, NOT_BEFORE, NOT_AFTER],
        acls::create_entry,
    )
    .locating()
    .with_privileges(),
    change("createGroup", &["groupName"], &[GROUP], accounts::create_group),
    change("createObject", &["projectName"], &[], objects::create).locating(),
    change(
        "createPersona",
        &["personaName"],
        &[PERSONA, given("personaDetails", Json), optional("homePageName"), DESCRIPTION, given("isDefault", Boolean)],
        personas::create,
    ),
    change(
        "createPersonaCategory",
        &["personaCategoryName"],
        &[CATEGORY, DESCRIPTION, PAGES],
        personas::create_category,
    ),
    change("createPersonaPage", &["personaPageName"], &[PAGE, DESCRIPTION, optional("url")], personas::create_page),
    change("createPolicy", &[], &[given("schema", Json)], policy::create),
    change(
        "createSession",
        &[],
        &[needed("serviceAccountName", Text), EXPIRATION_DATE, TIME_ZONE],
        credentials::create_session,
    )
    .deprecated()
    .issuing(Issues::Session),
    change(
        "createUser",
        &["userName", "password"],
        &[USER, needed("password", Password), FULL_NAME, EMAIL],
        accounts::create_user,
    ),
    change(
        "createUserAccessToken",
        &[],
        &[optional("userAccessTokenName"), DESCRIPTION, given("expirationDays", Count)],
        credentials::create_token,
    )
    .issuing(Issues::Token),
    change(
        "deleteAclEntry",
        &["principalType", "principalName", "projectName"],
        &[PRINCIPAL_TYPE, PRINCIPAL_NAME],
        acls::delete_entry,
    )
    .locating(),
    change("deleteGroup", &["groupName"], &[GROUP], accounts::delete_group),
    change("deleteObject", &["projectName"], &[], objects::delete).locating(),
    change("deletePersona", &["personaName"], &[PERSONA], personas::delete),
    change("deletePersonaCategory", &["personaCategoryName"], &[CATEGORY], personas::delete_category),
    change("deletePersonaPage", &["personaPageName"], &[PAGE], personas::delete_page),
    change("deleteSession", &[], &[optional("sessionId")], credentials::delete_session).deprecated(),
    change("deleteUser", &["userName"], &[USER], accounts::delete_user),
    change("eraseUser", &["userName"], &[USER], accounts::erase),
    ask("explain", &["projectName"], &[required("privilege"), PRINCIPALS], questions::explain).locating(),
    ask("getAccess", &["projectName"], &[given("emulateRestoreInheritance", Boolean)], questions::get_access)
        .locating(),
    ask("getAccessEntries", &[], &[], accounts::get_access_entries),
    ask(
        "getAclEntry",
        &["principalType", "principalName", "projectName"],
        &[PRINCIPAL_TYPE, PRINCIPAL_NAME],
        questions::get_entry,
    )
    .locating(),
    ask("getEffectivePermissions", &[], &[], accounts::get_effective_permissions),
    ask("getGroupMembers", &["groupName"], &[optional("groupName")], members::get),
    ask("getGroups", &["userName"], &[OF_USER, LOCAL], accounts::get_groups),
    ask("getObjects", &["projectName"], &[given("recursive", Boolean), AFTER, LIMIT], questions::get_objects)
        .locating(),
    ask(
        "getPermissions",
        &["principalType", "entityName"],
        &[ACCOUNT_TYPE, required("entityName")],
        accounts::get_permissions,
    ),
    ask("getPersona", &["personaName"], &[PERSONA], personas::get),
    ask("getPersonaCategories", &[], &[], personas::get_categories),
    ask("getPersonaCategory", &["personaCategoryName"], &[CATEGORY], personas::get_category),
    ask("getPersonaPage", &["personaPageName"], &[PAGE], personas::get_page),
    ask("getPersonaPages", &[], &[], personas::get_pages),
    ask(
        "getPersonas",
        &[],
        &[OF_USER, optional("groupName"), given("merged", Boolean), given("excludeGroupPersonas", Boolean)],
        personas::get_all,
    ),
    ask("getSchema", &[], &[], policy::get_schema),
    ask("getSessions", &[], &[optional("serviceAccountName")], credentials::get_sessions).deprecated(),
    ask("getUser", &["userName"], &[USER], accounts::get_user),
    ask("getUserAccessToken", &["userAccessTokenName"], &[TOKEN_NAME, OF_USER], credentials::get_token),
    ask(
        "getUserAccessTokenSessions",
        &["userAccessTokenName"],
        &[TOKEN_NAME, OF_USER],
        credentials::get_token_sessions,
    ),
    ask("getUserAccessTokens", &[], &[OF_USER], credentials::get_tokens),
    ask("getUserSettings", &[], &[], accounts::get_settings),
    ask("getUsers", &[], &[optional("pattern"), LOCAL], accounts::get_users),
    change("import", &[], &[needed("objects", Json)], import::import),
    change("login", &["userName", "password"], &[OF_USER, PASSWORD, optional("token")], credentials::login)
        .issuing(Issues::Session),
    change(
        "loginSso",
        &[],
        &[optional("code"), optional("samlResponse"), optional("state"), optional("token")],
        credentials::login_sso,
    )
    .issuing(Issues::Session),
    change(
        "logout",
        &[],
        &[optional("jwtToken"), optional("sessionId"), given("uiLogout", Boolean)],
        credentials::logout,
    ),
    change(
        "modifyAclEntry",
        &["principalType", "principalName", "projectName"],
        &[PRINCIPAL_TYPE, PRINCIPAL_NAME, NOT_BEFORE, NOT_AFTER],
        acls::modify_entry,
    )
    .locating()
    .with_privileges(),
    change("modifyGroup", &["groupName"], &[GROUP, NEW_NAME], accounts::modify_group),
    change(
        "modifyPersona",
        &["personaName"],
        &[
            PERSONA,
            given("clearDetails", Boolean),
            given("personaDetails", Json),
            optional("homePageName"),
            DESCRIPTION,
            given("isDefault", Boolean),
            NEW_NAME,
        ],
        personas::modify,
    ),
    change(
        "modifyPersonaCategory",
        &["personaCategoryName"],
        &[CATEGORY, NEW_NAME, DESCRIPTION, PAGES, given("clearPages", Boolean)],
        personas::modify_category,
    ),
    change(
        "modifyPersonaPage",
        &["personaPageName"],
        &[PAGE, NEW_NAME, DESCRIPTION, optional("url")],
        personas::modify_page,
    ),
    change("modifySession", &[], &[required("sessionId"), EXPIRATION_DATE, TIME_ZONE], credentials::modify_session)
        .deprecated(),
    change(
        "modifyUser",
        &["userName"],
        &[USER, FULL_NAME, EMAIL, PASSWORD, given("disabled", Boolean)],
        accounts::modify_user,
    ),
    change(
        "modifyUserAccessToken",
        &["userAccessTokenName"],
        &[TOKEN_NAME, NEW_NAME, DESCRIPTION],
        credentials::modify_token,
    ),
    change("moveObject", &["projectName"], &[optional("newParent"), NEW_NAME], objects::relocate).locating(),
    change("removeGroupMember", &["groupName", "userName"], &[GROUP, USER, MEMBER_TYPE], members::remove),
    change(
        "removePersonaDetail",
        &["personaName", "personaCategoryName"],
        &[PERSONA, CATEGORY, PAGES],
        personas::remove_detail,
    ),
    change("restoreAclInheritance", &["projectName"], &[], acls::restore_inheritance).locating(),
    change("revokeUserAccessToken", &["userAccessTokenName"], &[TOKEN_NAME, OF_USER], credentials::revoke_token),
    change("revokeUserAccessTokens", &[], &[OF_USER], credentials::revoke_tokens),
    change(
        "setBuildEndNotification",
        &["buildClassId", "enabled"],
        &[needed("buildClassId", Count), needed("enabled", Boolean)],
        accounts::set_notification,
    ),
    change(
        "setPermissions",
        &["principalType", "entityName", "permissions"],
        &[ACCOUNT_TYPE, required("entityName"), required("permissions")],
        accounts::set_permissions,
    ),
    change("setSchema", &[], &[needed("schema", Json)], policy::set_schema),
    change(
        "setUserSettings",
        &["watchMessages"],
        &[
            needed("watchMessages", Word(&["Y", "N", "y", "n", "yes", "no", "Yes", "No"])),
            given("notificationLevel", Word(&["Info", "Warning", "Error"])),
        ],
        accounts::set_settings,
    ),
    ask("tree", &["projectName"], &[AFTER, LIMIT], questions::tree).locating(),
    change(
        "unassignPersonaFromGroup",
        &["personaName"],
        &[PERSONA, needed("groupNames", Texts)],
        personas::unassign_from_group,
    ),
    change(
        "unassignPersonaFromUser",
        &["personaName"],
        &[PERSONA, needed("userNames", Texts)],
        personas::unassign_from_user,
    ),
];

/// The command of that name.
///
/// # Errors
///
/// `InvalidRequestName` where there is none.
///
/// ```
/// assert!(portcullis_engine::command("checkAccess")?.asks());
/// # Ok::<(), Box<portcullis_engine::Refusal>>(())
/// ```
pub fn find(name: &str) -> Result<&'static Command, Box<Refusal>> {
    let place = COMMANDS.binary_search_by(|command| command.name.cmp(name));
    let found = place.ok().and_then(|place| COMMANDS.get(place));
    found.ok_or_else(|| Box::new(Refusal::InvalidRequestName(crate::address::shorten(name).to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_so_that_every_command_is_found() {
        for command in COMMANDS {
            assert_eq!(find(command.name).map(|found| found.name), Ok(command.name));
        }
    }
}
