//! The privilege table of `domain.md` §1, as data: for every command what it needs, and arguments with which to try it.

use super::Needs::{self, Admin, All, Credential, Never, Nothing, Shows, User};
use portcullis_engine::Schema;
use serde_json::{Value, json};

/// One way to call a command, and what that needs.
pub(super) struct Row {
    pub(super) command: &'static str,
    pub(super) arguments: Value,
    pub(super) needs: Needs,
}

const SERVER: &str = "/systemObjects/server";
const DIRECTORY: &str = "/systemObjects/directory";
const PERSONAS: &str = "/systemObjects/personas";
const PROJECTS: &str = "/systemObjects/projects";
const P: &str = "/projects/P";
const T: &str = "/projects/T";
const Q: &str = "/projects/P/pipelines/Q";
/// Its inheritance is broken.
const S: &str = "/projects/P/pipelines/Q/stages/S";
const ANN: &str = "/users/ann";
const BOB: &str = "/users/bob";
const ADMIN: &str = "/users/admin";
const GROUP: &str = "/groups/G";
const OUTER: &str = "/groups/H";
const ACCOUNT: &str = "/serviceAccounts/ci";
const PERSONA: &str = "/personas/own";
const CATEGORY: &str = "/personaCategories/deployment";
const PAGE: &str = "/personaPages/application";

fn row(command: &'static str, arguments: Value, needs: Needs) -> Row {
    Row { command, arguments, needs }
}

/// Every row.
pub(super) fn rows() -> Vec<Row> {
    [lists(), questions(), objects(), principals(), listings(), personas(), credentials(), own(), policy()]
        .into_iter()
        .flatten()
        .collect()
}

/// “create/modify/deleteAclEntry, break/restoreAclInheritance: `changePermissions` on the object”
fn lists() -> Vec<Row> {
    let needs = All(&[("changePermissions", Q)]);
    let entry = |kind: &str, name: &str| json!({"path": Q, "principalType": kind, "principalName": name});
    let says = |kind: &str, name: &str| json!({"path": Q, "principalType": kind, "principalName": name, "readPrivilege": "deny"});
    vec![
        row("createAclEntry", says("group", "nobody has this name"), needs),
        row("createAclEntry", says("serviceAccount", "ci"), needs),
        row("modifyAclEntry", says("user", "bob"), needs),
        row("deleteAclEntry", entry("user", "bob"), needs),
        row("breakAclInheritance", json!({ "path": Q }), needs),
        row("restoreAclInheritance", json!({ "path": S }), All(&[("changePermissions", S)])),
        row("breakAclInheritance", json!({ "path": DIRECTORY }), All(&[("changePermissions", DIRECTORY)])),
        row("breakAclInheritance", json!({ "path": SERVER }), All(&[("changePermissions", SERVER)])),
    ]
}

/// “getAccess, getAclEntry, getObjects: `read` on the object · checkAccess: nothing”; “explain, access: `read` on the
/// object, and on another principal asked about”
fn questions() -> Vec<Row> {
    let about = |principal: Value| json!({"path": Q, "privilege": "read", "principal": principal});
    let who = |principal: Value| json!({"path": Q, "principal": principal});
    let vouched = || json!({"type": "user", "name": "ann", "groups": ["G"]});
    let (object, both) = (All(&[("read", Q)]), All(&[("read", Q), ("read", BOB)]));
    let group = All(&[("read", Q), ("read", GROUP)]);
    let vouched_for = All(&[("read", Q), ("read", ANN), ("read", GROUP)]);
    let project = All(&[("read", Q), ("read", DIRECTORY)]);
    vec![
        row("getAccess", json!({ "path": Q }), object),
        row("getAclEntry", json!({"path": Q, "principalType": "user", "principalName": "bob"}), object),
        row("getObjects", json!({ "path": Q }), object),
        row("tree", json!({ "path": Q }), object),
        row("access", json!({ "path": Q }), object),
        row("access", who(json!("user:bob")), both),
        row("access", who(json!("group:G")), group),
        row("access", who(json!(["user:ann", "user:bob"])), both),
        row("access", who(vouched()), vouched_for),
        row("access", who(json!("user:project: P")), project),
        row("access", json!({"principal": "user:bob"}), All(&[("read", BOB)])),
        row("access", who(json!("user:ann")), object),
        row("explain", json!({"path": Q, "privilege": "modify"}), object),
        row("explain", about(json!("user:bob")), both),
        row("explain", about(vouched()), vouched_for),
        row("explain", about(json!(["user:ann", "user:bob"])), both),
        row("explain", about(json!("user:project: P")), project),
        row("check", json!({"path": Q, "privilege": "modify"}), Nothing),
        row("check", about(json!("user:bob")), both),
        row("check", about(vouched()), vouched_for),
        row("check", about(json!("user:who nobody knows")), project),
        row("checkAccess", json!({ "path": Q }), Nothing),
        row("getObjects", json!({"path": P, "recursive": true}), Shows(&[("read", P), ("read", Q)], "\"Q\"")),
        row("getObjects", json!({}), Shows(&[("read", PROJECTS)], "\"projects\"")),
        row("tree", json!({}), Shows(&[("read", Q)], "\"Q\"")),
        row("access", json!({ "path": Q }), Shows(&[("read", Q), ("read", BOB)], "\"bob\"")),
        row("access", json!({"principal": "user:bob"}), Shows(&[("read", BOB), ("read", Q)], "\"Q\"")),
    ]
}

/// “createObject: `modify` on the container”; “deleteObject, rename: `modify` on the container, the object, and every
/// descendant with broken inheritance”; “moveObject to another container: also `modify` there and `changePermissions`
/// on the object”
fn objects() -> Vec<Row> {
    let removal = All(&[("modify", P), ("modify", Q), ("modify", S)]);
    let directory = All(&[("modify", DIRECTORY)]);
    vec![
        row("createObject", json!({"path": "/projects/P/pipelines/new"}), All(&[("modify", P)])),
        row("createObject", json!({"projectName": "P", "credentialName": "new"}), All(&[("modify", P)])),
        row("createObject", json!({"path": "/projects/new"}), All(&[("modify", PROJECTS)])),
        row("createObject", json!({"path": "/users/new"}), directory),
        row("createObject", json!({"path": "/groups/new"}), directory),
        row("createObject", json!({"path": "/serviceAccounts/new"}), directory),
        row("createObject", json!({"path": "/personas/new"}), All(&[("modify", PERSONAS)])),
        row("createObject", json!({"path": "/users/bob/emailNotifiers/new"}), All(&[("modify", BOB)])),
        row("createObject", json!({"path": "/users/admin/emailNotifiers/new"}), Admin),
        row("deleteObject", json!({ "path": Q }), removal),
        row("deleteObject", json!({ "path": BOB }), All(&[("modify", DIRECTORY), ("modify", BOB)])),
        row("deleteObject", json!({ "path": ACCOUNT }), All(&[("modify", DIRECTORY), ("modify", ACCOUNT)])),
        row("moveObject", json!({"path": Q, "newName": "new"}), removal),
        row("moveObject", json!({"path": BOB, "newName": "new"}), All(&[("modify", DIRECTORY), ("modify", BOB)])),
        row(
            "moveObject",
            json!({"path": P, "newName": "new"}),
            All(&[("modify", PROJECTS), ("modify", P), ("modify", S)]),
        ),
        row(
            "moveObject",
            json!({"path": Q, "newParent": T}),
            All(&[("modify", P), ("modify", Q), ("modify", S), ("modify", T), ("changePermissions", Q)]),
        ),
        row("moveObject", json!({"path": Q, "newParent": P, "newName": "new"}), removal),
    ]
}

/// “createUser, createGroup: `modify` on `directory`”; “modifyUser, deleteUser, modifyGroup, deleteGroup: `modify` on
/// it”; “add/removeGroupMember: `modify` on the group”; “setPermissions: `changePermissions` on `directory`”; “only
/// `admin` changes `admin`”; “creating, or renaming to, a name that entries already carry needs `admin`”
fn principals() -> Vec<Row> {
    let (directory, bob, group) = (All(&[("modify", DIRECTORY)]), All(&[("modify", BOB)]), All(&[("modify", GROUP)]));
    let flags =
        |kind: &str, name: &str| json!({"principalType": kind, "entityName": name, "permissions": "UserModify"});
    let member = |name: &str, kind: &str| json!({"groupName": "G", "userName": name, "memberType": kind});
    vec![
        row("createUser", json!({"userName": "new", "password": super::HASHED}), directory),
        row("createGroup", json!({"groupName": "new"}), directory),
        row("createUser", json!({"userName": "gone", "password": super::HASHED}), Admin),
        row("createGroup", json!({"groupName": "gone"}), Admin),
        row("createObject", json!({"path": "/users/gone"}), Admin),
        row("createObject", json!({"path": "/serviceAccounts/gone"}), Admin),
        row("createObject", json!({"path": "/projects/gone"}), Admin),
        row("moveObject", json!({"path": BOB, "newName": "gone"}), Admin),
        row("moveObject", json!({"path": ACCOUNT, "newName": "gone"}), Admin),
        row("moveObject", json!({"path": T, "newName": "gone"}), Admin),
        row("modifyGroup", json!({"groupName": "G", "newName": "gone"}), Admin),
        row("modifyUser", json!({"userName": "bob", "email": "new"}), bob),
        row("modifyUser", json!({"userName": "bob", "password": super::OTHER_HASHED}), bob),
        row("modifyUser", json!({"userName": "bob", "disabled": true}), bob),
        row("modifyUser", json!({"userName": "admin", "password": super::OTHER_HASHED}), Admin),
        row("deleteUser", json!({"userName": "bob"}), bob),
        row("modifyGroup", json!({"groupName": "G", "newName": "new"}), group),
        row("deleteGroup", json!({"groupName": "G"}), group),
        row("addGroupMember", member("ann", "user"), group),
        row("addGroupMember", member("ci", "serviceAccount"), group),
        row("addGroupMember", member("H", "group"), group),
        row("removeGroupMember", member("bob", "user"), group),
        row("setPermissions", flags("user", "bob"), All(&[("changePermissions", DIRECTORY)])),
        row("setPermissions", flags("group", "G"), All(&[("changePermissions", DIRECTORY)])),
        row("createAclEntry", json!({"path": ADMIN, "principalType": "user", "principalName": "bob"}), Admin),
        row("breakAclInheritance", json!({ "path": ADMIN }), Admin),
    ]
}

/// “getUser(s), getGroup(s), getGroupMembers, getPermissions, getAccessEntries: `read` on each; oneself always”
fn listings() -> Vec<Row> {
    let flags = |kind: &str, name: &str| json!({"principalType": kind, "entityName": name});
    let (bob, group) = (All(&[("read", BOB)]), All(&[("read", GROUP)]));
    vec![
        row("getUser", json!({"userName": "bob"}), bob),
        row("getUser", json!({"userName": "ann"}), Nothing),
        row("getUser", json!({"userName": "bob"}), Shows(&[("read", BOB), ("read", GROUP)], "\"G\"")),
        row("getUsers", json!({}), Shows(&[("read", BOB)], "\"bob\"")),
        row("getUsers", json!({"pattern": "b*"}), Shows(&[("read", BOB)], "\"bob\"")),
        row("getUsers", json!({}), Shows(&[], "\"ann\"")),
        row("getGroups", json!({}), Shows(&[("read", GROUP)], "\"G\"")),
        row("getGroups", json!({"userName": "bob"}), bob),
        row("getGroups", json!({"userName": "ann"}), Nothing),
        row("getGroups", json!({"userName": "bob"}), Shows(&[("read", BOB), ("read", GROUP)], "\"G\"")),
        row("getGroups", json!({"userName": "ann"}), Shows(&[("read", OUTER)], "\"H\"")),
        row("getGroupMembers", json!({"groupName": "G"}), group),
        row("getGroupMembers", json!({}), Shows(&[("read", GROUP)], "\"G\"")),
        row("getGroupMembers", json!({"groupName": "G"}), Shows(&[("read", GROUP), ("read", BOB)], "\"bob\"")),
        row("getGroupMembers", json!({}), Shows(&[("read", OUTER)], r#""H","userName":["ann"]"#)),
        row("getPermissions", flags("user", "bob"), bob),
        row("getPermissions", flags("group", "G"), group),
        row("getPermissions", flags("user", "ann"), Nothing),
        row("getAccessEntries", json!({}), Shows(&[("read", BOB)], "\"bob\"")),
        row("getAccessEntries", json!({}), Shows(&[("read", GROUP)], "\"G\"")),
    ]
}

/// “personas, categories, pages, assignments: `modify` on `personas`; to get them `read`”
fn personas() -> Vec<Row> {
    let detail = json!({"personaName": "own", "personaCategoryName": "deployment"});
    let [users, groups] = [("userNames", "bob"), ("groupNames", "G")]
        .map(|(list, name)| move |persona: &str| json!({"personaName": persona, list: [name]}));
    let changes = [
        ("createPersona", json!({"personaName": "new"})),
        ("modifyPersona", json!({"personaName": "own", "description": "new"})),
        ("modifyPersona", json!({"personaName": "own", "newName": "new"})),
        ("modifyPersona", json!({"personaName": "Release Manager", "isDefault": true})),
        ("deletePersona", json!({"personaName": "own"})),
        ("addPersonaDetail", json!({"personaName": "own", "personaCategoryName": "administration"})),
        ("removePersonaDetail", detail),
        ("createPersonaCategory", json!({"personaCategoryName": "new"})),
        ("modifyPersonaCategory", json!({"personaCategoryName": "deployment", "personaPages": ["new"]})),
        ("deletePersonaCategory", json!({"personaCategoryName": "deployment"})),
        ("createPersonaPage", json!({"personaPageName": "new"})),
        ("modifyPersonaPage", json!({"personaPageName": "application", "url": "new"})),
        ("deletePersonaPage", json!({"personaPageName": "application"})),
        ("assignPersonaToUser", users("Global")),
        ("unassignPersonaFromUser", users("own")),
        ("assignPersonaToGroup", groups("Global")),
        ("unassignPersonaFromGroup", groups("own")),
    ];
    let changes = changes.map(|(command, arguments)| row(command, arguments, All(&[("modify", PERSONAS)])));
    let questions = [
        row("getPersona", json!({"personaName": "own"}), All(&[("read", PERSONA)])),
        row("getPersonaCategory", json!({"personaCategoryName": "deployment"}), All(&[("read", CATEGORY)])),
        row("getPersonaPage", json!({"personaPageName": "application"}), All(&[("read", PAGE)])),
        row("getPersonaCategories", json!({}), Shows(&[("read", CATEGORY)], "\"deployment\"")),
        row("getPersonaPages", json!({}), Shows(&[("read", PAGE)], "\"application\"")),
        row("getPersonas", json!({}), Shows(&[("read", PERSONA)], "\"own\"")),
        row("getPersonas", json!({"userName": "bob"}), All(&[("read", BOB)])),
        row("getPersonas", json!({"groupName": "G"}), All(&[("read", GROUP)])),
        row("getPersonas", json!({"userName": "ann"}), Nothing),
        row("getPersonas", json!({"userName": "bob"}), Shows(&[("read", BOB), ("read", PERSONA)], "\"own\"")),
        row(
            "getPersonas",
            json!({"userName": "bob", "merged": true}),
            Shows(&[("read", BOB), ("read", PERSONA)], "\"own\""),
        ),
    ];
    changes.into_iter().chain(questions).collect()
}

/// “another user's tokens and sessions, also to read; a service account's sessions: `modify` on that user or account”
fn credentials() -> Vec<Row> {
    let (bob, account) = (All(&[("modify", BOB)]), All(&[("modify", ACCOUNT)]));
    let token = || json!({"userAccessTokenName": "t", "userName": "bob"});
    let session = |whose: &str| json!({ "sessionId": whose });
    let prolonged = |whose: &str| json!({"sessionId": whose, "expirationDate": "2030-01-01T00:00:00Z"});
    vec![
        row("createSession", json!({"serviceAccountName": "ci"}), account),
        row("getSessions", json!({"serviceAccountName": "ci"}), account),
        row("getSessions", json!({}), Shows(&[("modify", ACCOUNT)], "\"ci\"")),
        row("modifySession", prolonged(super::ACCOUNT_SESSION), account),
        row("deleteSession", session(super::ACCOUNT_SESSION), account),
        row("deleteSession", session(super::BOBS_SESSION), bob),
        row("logout", session(super::ACCOUNT_SESSION), account),
        row("logout", session(super::BOBS_SESSION), bob),
        row("getUserAccessToken", token(), bob),
        row("getUserAccessTokens", json!({"userName": "bob"}), bob),
        row("getUserAccessTokenSessions", token(), bob),
        row("revokeUserAccessToken", token(), bob),
        row("revokeUserAccessTokens", json!({"userName": "bob"}), bob),
    ]
}

/// “changeOwnUser, settings, notification, getEffectivePermissions, own tokens: the caller, of type user”
fn own() -> Vec<Row> {
    let token = || json!({"userAccessTokenName": "t"});
    vec![
        row("changeOwnUser", json!({"userName": "ann", "email": "new", "password": super::OTHER_HASHED}), User),
        row("getUserSettings", json!({}), User),
        row("setUserSettings", json!({"watchMessages": "Y"}), User),
        row("setBuildEndNotification", json!({"buildClassId": 7, "enabled": true}), User),
        row("getEffectivePermissions", json!({}), User),
        row("createUserAccessToken", json!({"userAccessTokenName": "new"}), User),
        row("modifyUserAccessToken", json!({"userAccessTokenName": "t", "newName": "new"}), User),
        row("getUserAccessToken", token(), User),
        row("getUserAccessTokens", json!({}), User),
        row("getUserAccessTokenSessions", token(), User),
        row("revokeUserAccessToken", token(), User),
        row("revokeUserAccessTokens", json!({}), User),
        row("login", json!({"userName": "ann"}), User),
        row("login", json!({}), Credential("token")),
        row("loginSso", json!({}), Credential("token")),
        row("logout", json!({}), Credential("session")),
        row("deleteSession", json!({}), Credential("session")),
    ]
}

/// “import, log, verify, snapshot, schema changes: `admin`”; of these the engine has two. To look at the schema needs
/// nothing, and a policy begins once.
fn policy() -> Vec<Row> {
    let member = json!({"path": GROUP, "members": [{"memberType": "user", "memberName": "ann"}]});
    vec![
        row("import", json!({"objects": [member]}), Admin),
        row("setSchema", json!({"schema": Schema::cdro().json()}), Admin),
        row("eraseUser", json!({"userName": "bob"}), Admin),
        row("eraseUser", json!({"userName": "ann"}), Admin),
        row("createPolicy", json!({}), Never),
        row("getSchema", json!({}), Nothing),
    ]
}
