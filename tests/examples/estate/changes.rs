//! Changes, each with the commands that make it and take it back, a question that it is about, and its answer after it.

use rand::RngExt;
use rand::seq::IndexedRandom;
use serde_json::{Map, Value, json};

use crate::{Asked, NOW, READER};

/// How many changes of each kind there are.
const EACH: usize = 64;

/// Makes a change of some kind, of the objects that there are.
type Make = fn(&mut Asked) -> Made;

struct Made {
    make: Value,
    undo: Value,
    /// Principal, privilege and path.
    question: (String, &'static str, String),
}

const KINDS: [(&str, Make); 7] = [
    ("first entry", first_entry),
    ("project entry", project_entry),
    ("another entry", another_entry),
    ("altered entry", altered_entry),
    ("member", member),
    ("object", object),
    ("broken inheritance", broken_inheritance),
];

/// Every kind's changes, by the kind's name. Each is made and taken back, so that the next one finds the estate as it was.
pub(crate) fn all(asked: &mut Asked) -> Value {
    let kinds = KINDS.map(|(name, make)| {
        let changes = (0..EACH).map(|_| make(asked)).collect::<Vec<_>>();
        (name.to_owned(), changes.into_iter().map(|made| answered(asked, made)).collect())
    });
    Value::Object(Map::from_iter(kinds))
}

fn answered(asked: &mut Asked, Made { make, undo, question: (principal, privilege, path) }: Made) -> Value {
    run(asked, &make);
    let allowed = asked.state.check_names(&principal, privilege, &path, NOW).expect("an answer");
    run(asked, &undo);
    let question = json!({ "principal": principal, "privilege": privilege, "path": path, "allowed": allowed });
    json!({ "make": make, "undo": undo, "question": question })
}

fn run(asked: &mut Asked, command: &Value) {
    let request = json!({
        "request": "propose", "caller": "user:admin", "now": NOW, "seed": "00112233445566778899aabbccddeeff",
        "commands": [command],
    });
    let called = asked.state.call(request.to_string().as_bytes());
    let changes = called.changes.expect("a change");
    asked.state.apply(&changes).expect("it applies");
}

fn command(name: &str, arguments: Value) -> Value {
    json!({ "command": name, "arguments": arguments })
}

/// For a user, on an object that has no list.
fn first_entry(asked: &mut Asked) -> Made {
    let path = place(asked, |asked, id, _| !asked.lists.has(id));
    entry(path)
}

/// The same on an object with a twentieth of everything below it.
fn project_entry(asked: &mut Asked) -> Made {
    let mut projects = asked.paths.iter().filter(|(_, path)| path.matches('/').count() == 2);
    let first = projects.clone().next();
    let (_, path) = projects.find(|(id, _)| !asked.lists.has(*id)).or(first).expect("a project").clone();
    entry(path)
}

/// The same on an object that has a list.
fn another_entry(asked: &mut Asked) -> Made {
    let path = place(asked, |asked, id, _| asked.lists.has(id));
    entry(path)
}

/// An entry for a user whom the estate gives nothing.
fn entry(path: String) -> Made {
    let whose = json!({ "principalType": "user", "principalName": "default", "path": path });
    Made {
        make: command("createAclEntry", with(&whose, "modifyPrivilege", "allow")),
        undo: command("deleteAclEntry", whose),
        question: ("user:default".to_owned(), "modify", path),
    }
}

/// What an entry says of one privilege turns into something else.
fn altered_entry(asked: &mut Asked) -> Made {
    let execute = asked.state.schema().privilege("execute").expect("a privilege");
    let entry = asked.lists.entries.choose(&mut asked.random).expect("an entry");
    let path = asked.path(entry.object).expect("an object of the tree").to_owned();
    let (before, after) = match (entry.allow & execute, entry.deny & execute) {
        (0, 0) => ("inherit", "allow"),
        (0, _) => ("deny", "allow"),
        _ => ("allow", "deny"),
    };
    let (kind, name) = &entry.principal;
    let whose = json!({ "principalType": kind, "principalName": name, "path": path });
    Made {
        make: command("modifyAclEntry", with(&whose, "executePrivilege", after)),
        undo: command("modifyAclEntry", with(&whose, "executePrivilege", before)),
        question: (format!("{kind}:{name}"), "execute", path),
    }
}

fn with(arguments: &Value, name: &str, value: &str) -> Value {
    let mut arguments = arguments.clone();
    arguments[name] = value.into();
    arguments
}

/// A user joins a group.
fn member(asked: &mut Asked) -> Made {
    let mut pair = || {
        let group = format!("Group {}", asked.random.random_range(0..asked.size.groups));
        (group, format!("user{}@example.com", asked.random.random_range(0..asked.size.users)))
    };
    let (group, user) =
        std::iter::repeat_with(&mut pair).find(|pair| !asked.lists.members.contains(pair)).expect("a pair");
    let arguments = json!({ "groupName": group, "userName": user });
    Made {
        make: command("addGroupMember", arguments.clone()),
        undo: command("removeGroupMember", arguments),
        question: (format!("user:{user}"), "modify", place(asked, |_, _, _| true)),
    }
}

/// A new object below a pipeline.
fn object(asked: &mut Asked) -> Made {
    let pipeline = place(asked, |_, _, path| path.matches('/').count() == 4);
    let path = format!("{pipeline}/stages/Another");
    let arguments = json!({ "path": path });
    Made {
        make: command("createObject", arguments.clone()),
        undo: command("deleteObject", arguments),
        question: (READER.to_owned(), "read", path),
    }
}

/// An object that had no list inherits nothing any more.
fn broken_inheritance(asked: &mut Asked) -> Made {
    let path = place(asked, |asked, id, _| !asked.lists.has(id));
    let arguments = json!({ "path": path });
    Made {
        make: command("breakAclInheritance", arguments.clone()),
        undo: command("restoreAclInheritance", arguments),
        question: (READER.to_owned(), "read", path),
    }
}

/// The path of some object that is fit.
fn place(asked: &mut Asked, fits: impl Fn(&Asked, u32, &str) -> bool) -> String {
    loop {
        let (id, path) = asked.paths.choose(&mut asked.random).expect("an object").clone();
        if fits(asked, id, &path) {
            return path;
        }
    }
}
