//! Drawing commands, all that there are, with arguments that mostly make sense.

use portcullis_engine::{Argument, ArgumentKind, COMMANDS, Command, Schema};
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

/// What is there at first, what was and is not, and what may come; by type.
const USERS: [&str; 12] =
    ["ann", "bob", "carl", "admin", "dan", "eve", "default", "new", "project: P", "project: X", "project: N", "ghost"];
const GROUPS: [&str; 7] = ["G", "H", "I", "Everyone", "K", "new", "ghosts"];
const ACCOUNTS: [&str; 4] = ["ci", "cd", "new", "ann"];
const PERSONAS: [&str; 4] = ["own", "Global", "Release Manager", "new"];
const CATEGORIES: [&str; 3] = ["deployment", "administration", "new"];
const PAGES: [&str; 4] = ["application", "pipeline", "new", "user"];
const NAMES: [&str; 14] =
    ["new", "N", "X", "dan", "K", "cd", "eve", "ann", "G", "admin", "Everyone", "project: P", "default", "bob"];
const BEARERS: [&str; 8] =
    ["user:ann", "group:G", "user:bob", "group:H", "user:carl", "group:Everyone", "serviceAccount:ci", "group:I"];
const INSTANTS: [&str; 5] =
    ["2026-01-01T00:00:00Z", "", "1970-01-01T00:00:00Z", "1970-01-01T00:00:05Z", "2030-01-01T00:00:00Z"];

/// Objects by type and name, from the outside in.
const PATHS: [&str; 48] = [
    "systemObject:server",
    "project:P",
    "project:P/pipeline:Q",
    "project:P/pipeline:Q/stage:S",
    "project:T",
    "systemObject:directory",
    "group:G",
    "user:bob",
    "serviceAccount:ci",
    "systemObject:projects",
    "systemObject:personas",
    "project:P/credential:C",
    "group:H",
    "group:I",
    "project:T/pipeline:R",
    "project:T/pipeline:Q",
    "project:P/pipeline:N",
    "project:P/pipeline:Q/stage:N",
    "project:P/credential:N",
    "project:T/credential:N",
    "project:N",
    "project:N/pipeline:Q",
    "project:N/credential:C",
    "project:X",
    "user:ann",
    "user:carl",
    "user:new",
    "user:dan",
    "user:eve",
    "user:admin",
    "user:default",
    "group:new",
    "group:K",
    "group:Everyone",
    "serviceAccount:new",
    "serviceAccount:cd",
    "persona:own",
    "persona:Global",
    "persona:new",
    "personaCategory:deployment",
    "personaPage:application",
    "personaPage:new",
    "user:bob/notifier:M",
    "user:bob/notifier:N",
    "user:admin/notifier:N",
    "group:G/propertySheet:N",
    "systemObject:resources",
    "resource:N",
];

pub(super) type Steps = Vec<(&'static str, &'static str)>;

/// What a command is about, where it takes locators.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Path(Steps),
    Id(u32),
}

/// A command as it is sent, and what its arguments mean.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub(super) command: &'static Command,
    pub(super) arguments: Map<String, Value>,
    pub(super) target: Option<Target>,
    pub(super) new_parent: Option<Steps>,
}

/// What is known when a command is drawn.
#[derive(Clone, Default)]
pub(super) struct Ids {
    /// Of objects, with their records' numbers.
    pub(super) objects: Vec<(String, u32)>,
    pub(super) sessions: Vec<String>,
    /// Where the caller may change something.
    pub(super) open: Vec<Open>,
}

/// A place where the caller may change something, or under which it may.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) steps: Steps,
    pub(super) is_there: bool,
    pub(super) may_modify: bool,
    pub(super) may_change_permissions: bool,
}

impl Ids {
    /// Somewhere; mostly where the caller may do what the command does.
    fn place(&self, command: &str, dice: &mut Dice) -> Steps {
        let fits = |open: &&Open| match command {
            "createObject" => !open.is_there && open.may_modify,
            _ if command.contains("Acl") => open.is_there && open.may_change_permissions,
            _ => open.is_there && open.may_modify,
        };
        let open: Vec<_> = self.open.iter().filter(fits).collect();
        if open.is_empty() || dice.below(4) == 3 { steps(dice.early(&PATHS)) } else { dice.of(&open).steps.clone() }
    }

    /// A principal's name; mostly of one that the caller may change.
    fn principal(&self, kind: &str, dice: &mut Dice) -> &'static str {
        let fits = |open: &&Open| open.is_there && open.may_modify && open.steps.len() == 1 && open.steps[0].0 == kind;
        let open: Vec<_> = self.open.iter().filter(fits).collect();
        if open.is_empty() || dice.below(3) == 2 { principal(kind, dice) } else { dice.of(&open).steps[0].1 }
    }
}

/// Every place that commands are drawn for.
pub(super) fn places() -> impl Iterator<Item = Steps> {
    PATHS.into_iter().map(steps)
}

/// Numbers that decide, one after the other; 0 when they are all used.
pub(super) struct Dice<'a>(pub(super) std::slice::Iter<'a, u16>);

impl Dice<'_> {
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % end
    }

    pub(super) fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// Early ones more often than late ones.
    fn early<T: Clone>(&mut self, all: &[T]) -> T {
        let end = 1 + self.below(all.len());
        all[self.below(end)].clone()
    }
}

/// How often a command is drawn.
fn weight(command: &Command) -> usize {
    match command.name {
        "createAclEntry" | "modifyAclEntry" => 16,
        "addGroupMember" | "moveObject" | "createObject" | "breakAclInheritance" => 12,
        "deleteAclEntry" | "restoreAclInheritance" | "removeGroupMember" | "deleteObject" => 8,
        "createUser" | "deleteUser" | "modifyUser" | "createGroup" | "modifyGroup" | "createSession"
        | "modifySession" => 6,
        name if name.contains("UserAccessToken") || name.starts_with("set") || name == "changeOwnUser" => 2,
        "access" | "check" | "explain" => 3,
        _ if command.asks() => 1,
        _ => 3,
    }
}

fn any_command(dice: &mut Dice) -> &'static Command {
    let mut left = dice.below(COMMANDS.iter().map(weight).sum());
    let found = COMMANDS.iter().find(|command| {
        let is_it = left < weight(command);
        left = left.saturating_sub(weight(command));
        is_it
    });
    found.unwrap()
}

/// Any command at all.
pub(super) fn draw(dice: &mut Dice, ids: &Ids) -> Drawn {
    draw_for(any_command(dice), dice, ids)
}

/// Something that `admin` did before, mostly to give the callers a little: the first thing for the first caller.
pub(super) fn draw_history(dice: &mut Dice, ids: &Ids, is_first: bool) -> Drawn {
    match dice.below(10) {
        _ if is_first => entry("user:ann", dice),
        0..=5 => entry(dice.early(&BEARERS), dice),
        6 | 7 => membership(dice),
        8 => draw_for(command("breakAclInheritance"), dice, ids),
        _ => {
            let names =
                ["deleteObject", "moveObject", "createObject", "setPermissions", "deleteUser", "modifyAclEntry"];
            draw_for(command(dice.of(&names)), dice, ids)
        }
    }
}

fn command(name: &str) -> &'static Command {
    portcullis_engine::command(name).unwrap()
}

/// An entry for a caller, or for somebody or something that a caller is in or may become.
fn entry(bearer: &str, dice: &mut Dice) -> Drawn {
    let (kind, name) = bearer.split_once(':').unwrap();
    let says = dice.early(&[
        &[("modify", "allow")][..],
        &[("changePermissions", "allow")],
        &[("modify", "allow"), ("changePermissions", "allow")],
        &[("modify", "allow"), ("changePermissions", "deny")],
        &[("modify", "deny")],
        &[("changePermissions", "deny")],
        &[("read", "deny")],
    ]);
    let words = says.iter().map(|(privilege, word)| (format!("{privilege}Privilege"), json!(word)));
    let named = [
        ("path", path(&steps(dice.early(&PATHS[..14])))),
        ("principalType", kind.into()),
        ("principalName", name.into()),
    ];
    let named = named.into_iter().map(|(argument, text)| (argument.to_owned(), json!(text)));
    Drawn {
        command: command("createAclEntry"),
        arguments: named.chain(words).collect(),
        target: None,
        new_parent: None,
    }
}

fn membership(dice: &mut Dice) -> Drawn {
    let members =
        ["user:ann", "group:G", "user:carl", "group:H", "group:I", "user:bob", "serviceAccount:ci", "group:Everyone"];
    let (kind, name) = dice.early(&members).split_once(':').unwrap();
    let group = dice.of(&["G", "H", "I"]);
    let arguments = json!({"groupName": group, "userName": name, "memberType": kind}).as_object().unwrap().clone();
    Drawn { command: command("addGroupMember"), arguments, target: None, new_parent: None }
}

fn draw_for(command: &'static Command, dice: &mut Dice, ids: &Ids) -> Drawn {
    let mut drawn = Drawn { command, arguments: Map::new(), target: None, new_parent: None };
    if command.locates {
        locate(&mut drawn, dice, ids);
    }
    for argument in command.arguments {
        let wanted = dice.below(3) + usize::from(["expirationDate", "newParent"].contains(&argument.name));
        if argument.required || wanted >= 2 {
            let value = value_of(&mut drawn, argument, dice, ids);
            drawn.arguments.insert(argument.name.into(), value);
        }
    }
    if command.name == "moveObject" && drawn.arguments.is_empty() {
        drawn.arguments.insert("newName".into(), dice.of(&NAMES).into());
    }
    if command.privileges {
        for privilege in ["read", "modify", "execute", "changePermissions"] {
            if let Some(word) = dice.of(&[None, Some("allow"), Some("deny"), Some("allow"), Some("inherit")]) {
                drawn.arguments.insert(format!("{privilege}Privilege"), word.into());
            }
        }
    }
    drawn
}

fn steps(text: &'static str) -> Steps {
    text.split('/').map(|step| step.split_once(':').unwrap()).collect()
}

fn path(steps: &Steps) -> String {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    let schema = SCHEMA.get_or_init(Schema::cdro);
    let collection = |kind: &str| schema.object_type(schema.type_by_name(kind).unwrap()).collection.clone();
    steps.iter().map(|(kind, name)| format!("/{}/{name}", collection(kind))).collect()
}

/// By path, by locators or by id; or, for a listing, not at all.
fn locate(drawn: &mut Drawn, dice: &mut Dice, ids: &Ids) {
    let target = ids.place(drawn.command.name, dice);
    match dice.below(6) {
        4 => {
            for (kind, name) in &target {
                let locator =
                    if *kind == "propertySheet" { "propertySheetId".to_owned() } else { format!("{kind}Name") };
                drawn.arguments.insert(locator, (*name).into());
            }
            drawn.target = Some(Target::Path(target));
        }
        5 => {
            let (id, object) = dice.of(&ids.objects);
            drawn.arguments.insert("objectId".into(), id.into());
            drawn.target = Some(Target::Id(object));
        }
        3 if ["getObjects", "tree"].contains(&drawn.command.name) => {}
        _ => {
            drawn.arguments.insert("path".into(), path(&target).into());
            drawn.target = Some(Target::Path(target));
        }
    }
}

fn principal(kind: &str, dice: &mut Dice) -> &'static str {
    match kind {
        "group" => dice.early(&GROUPS),
        "serviceAccount" => dice.early(&ACCOUNTS),
        _ => dice.early(&USERS),
    }
}

fn identity(dice: &mut Dice) -> Value {
    let kind = dice.of(&["user", "group", "serviceAccount"]);
    let name = principal(kind, dice);
    match dice.below(2) {
        1 => json!({"type": kind, "name": name, "groups": [dice.early(&GROUPS)]}),
        _ => json!(format!("{kind}:{name}")),
    }
}

/// A value for an argument. Every argument there is must be known here, so that no command is left out.
fn value_of(drawn: &mut Drawn, argument: &Argument, dice: &mut Dice, ids: &Ids) -> Value {
    let kind = |drawn: &Drawn, of: &str| drawn.arguments.get(of).and_then(Value::as_str).unwrap_or("user").to_owned();
    match argument.name {
        "userName" if drawn.command.name.ends_with("GroupMember") => {
            let kind = dice.of(&["user", "group", "serviceAccount"]);
            drawn.arguments.insert("memberType".into(), kind.into());
            ids.principal(kind, dice).into()
        }
        "memberType" => kind(drawn, "memberType").into(),
        "userName" if drawn.command.name == "createUser" => dice.of(&["new", "eve", "dan", "bob", "K"]).into(),
        "groupName" if drawn.command.name == "createGroup" => dice.of(&["new", "K", "G", "eve"]).into(),
        "userName" => ids.principal("user", dice).into(),
        "userNames" => json!([dice.early(&USERS)]),
        "groupName" => ids.principal("group", dice).into(),
        "groupNames" => json!([dice.early(&GROUPS)]),
        "serviceAccountName" => ids.principal("serviceAccount", dice).into(),
        "principalName" | "entityName" => principal(&kind(drawn, "principalType"), dice).into(),
        "newName" => dice.of(&NAMES).into(),
        "newParent" => {
            let target =
                if dice.below(2) == 1 { ids.place("", dice) } else { steps(dice.of(&["project:P", "project:T"])) };
            let text = path(&target);
            drawn.new_parent = Some(target);
            text.into()
        }
        "personaName" => dice.early(&PERSONAS).into(),
        "personaCategoryName" => dice.early(&CATEGORIES).into(),
        "personaPageName" | "homePageName" => dice.early(&PAGES).into(),
        "personaPages" => json!([dice.early(&PAGES)]),
        "personaDetails" => json!([{"personaCategory": dice.early(&CATEGORIES)}]),
        "principal" => identity(dice),
        "privilege" => dice.of(&["read", "modify", "execute", "changePermissions"]).into(),
        "permissions" => dice.of(&["UserModify", "", "UserModify ServerAccess"]).into(),
        "password" => dice.of(&[super::HASHED, super::OTHER_HASHED]).into(),
        "sessionId" => {
            let newest: Vec<&String> = ids.sessions.iter().rev().collect();
            dice.early(&newest).clone().into()
        }
        "userAccessTokenName" => dice.of(&["t", "u", "v"]).into(),
        "objects" => json!([{"path": path(&steps(dice.early(&PATHS)))}]),
        "schema" => Schema::cdro().json().into(),
        "fullUserName" | "email" | "description" | "url" | "after" | "token" | "code" | "samlResponse" | "state"
        | "jwtToken" => dice.of(&["x", "y"]).into(),
        "pattern" => dice.of(&["*", "b*"]).into(),
        "timeZone" => "UTC".into(),
        name => of_kind(argument.kind, dice).unwrap_or_else(|| panic!("nothing is drawn for `{name}` yet")),
    }
}

fn of_kind(kind: ArgumentKind, dice: &mut Dice) -> Option<Value> {
    match kind {
        ArgumentKind::Boolean => Some(dice.of(&[true, false]).into()),
        ArgumentKind::Count => Some(dice.of(&[1, 0, 2]).into()),
        ArgumentKind::Word(words) => Some(dice.of(words).into()),
        ArgumentKind::Date | ArgumentKind::Instant => Some(dice.of(&INSTANTS).into()),
        _ => None,
    }
}
