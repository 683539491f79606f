//! What must be true of the engine after every stage of every case.

#![expect(clippy::indexing_slicing, reason = "a field that an answer lacks is null, and no panic")]

use portcullis_engine::{Called, ChangeSet, State};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Which of the laws do not hold of a state that `log`, and nothing else, led to.
#[must_use]
pub fn broken(state: &mut State, log: &[Vec<u8>], now: i64) -> Vec<String> {
    let mut faults = Vec::new();
    let snapshot = state.snapshot();
    match State::restore(&snapshot) {
        Ok(restored) if restored.snapshot() == snapshot => {}
        Ok(_) => faults.push("a snapshot, restored, gives another snapshot".into()),
        Err(refusal) => faults.push(format!("its own snapshot is refused: {refusal}")),
    }
    match replay(log) {
        Ok(replayed) if replayed == snapshot => {}
        Ok(_) => faults.push("the change sets, replayed from nothing, give another snapshot".into()),
        Err(fault) => faults.push(fault),
    }
    faults.extend(inexact_access(state, now));
    let world = World::of(state);
    faults.extend(useless_fixes(state, &world, now));
    faults
}

/// The snapshot that the change sets lead to from nothing.
fn replay(log: &[Vec<u8>]) -> Result<Vec<u8>, String> {
    let mut state = State::new().map_err(|refusal| refusal.to_string())?;
    for bytes in log {
        let set = ChangeSet::decode(bytes).map_err(|refusal| refusal.to_string())?;
        if set.encode() != *bytes {
            return Err(format!("change set {} is encoded in other bytes than it was decoded from", set.revision));
        }
        state.apply(&set).map_err(|refusal| format!("change set {} replayed: {refusal}", set.revision))?;
    }
    Ok(state.snapshot())
}

/// Whom no record knows. Nobody can list all who are like this; asked about by name, they must get the right answer.
const STRANGER: &str = "user:whom nobody knows";

/// Every object and every principal of a state, found without the reverse questions.
struct World {
    paths: Vec<String>,
    principals: BTreeSet<String>,
    privileges: Vec<String>,
}

impl World {
    fn of(state: &mut State) -> Self {
        let rows = ask(state, 0, "tree", json!({}))["reply"]["object"].as_array().cloned().unwrap_or_default();
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let mut principals = BTreeSet::from([STRANGER.to_owned()]);
        for row in &rows {
            if ["user", "group", "serviceAccount"].contains(&text(row, "objectType").as_str()) {
                principals.insert(format!("{}:{}", text(row, "objectType"), text(row, "objectName")));
            }
            for entry in row["aclEntry"].as_array().into_iter().flatten() {
                principals.insert(format!("{}:{}", text(entry, "principalType"), text(entry, "principalName")));
            }
        }
        let paths = rows.iter().map(|row| text(row, "path")).collect();
        Self { paths, principals, privileges: state.schema().privileges().to_vec() }
    }
}

/// What somebody may do to something: the privileges that are allowed.
type Allowed = BTreeMap<(String, String), Vec<String>>;

/// What asking one by one gives, for all principals, objects and privileges.
fn one_by_one(state: &State, world: &World, now: i64) -> Result<Allowed, String> {
    let mut all = Allowed::new();
    for principal in &world.principals {
        for path in &world.paths {
            let mut allowed = Vec::new();
            for privilege in &world.privileges {
                let answer = state.check_names(principal, privilege, path, now);
                if answer.map_err(|refusal| format!("check of {principal} on {path}: {refusal}"))? {
                    allowed.push(privilege.clone());
                }
            }
            if !allowed.is_empty() {
                all.insert((principal.clone(), path.clone()), allowed);
            }
        }
    }
    Ok(all)
}

/// Where what `access` lists is not what asking one by one gives: by object, and by principal.
#[must_use]
pub fn inexact_access(state: &mut State, now: i64) -> Vec<String> {
    let world = &World::of(state);
    let expected = match one_by_one(state, world, now) {
        Ok(expected) => expected,
        Err(fault) => return vec![fault],
    };
    let mut by_object = Allowed::new();
    for path in &world.paths {
        let answer = ask(state, now, "access", json!({ "path": path }));
        for held in answer["reply"]["principal"].as_array().into_iter().flatten() {
            let name = |field: &str| held[field].as_str().unwrap_or_default();
            let principal = format!("{}:{}", name("principalType"), name("principalName"));
            by_object.insert((principal, path.clone()), allowed(held, world));
        }
    }
    let strangers = expected.iter().filter(|((principal, _), _)| principal == STRANGER);
    by_object.extend(strangers.map(|(key, value)| (key.clone(), value.clone())));
    let mut by_principal = Allowed::new();
    for principal in &world.principals {
        let answer = ask(state, now, "access", json!({ "principal": principal }));
        for held in answer["reply"]["object"].as_array().into_iter().flatten() {
            let path = held["path"].as_str().unwrap_or_default().to_owned();
            by_principal.insert((principal.clone(), path), allowed(held, world));
        }
    }
    let differs = |found: &Allowed, what: &str| {
        let more = found.iter().find(|(key, value)| expected.get(*key) != Some(value));
        let less = expected.iter().find(|(key, value)| found.get(*key) != Some(value));
        let (key, _) = more.or(less)?;
        let (listed, asked) = (found.get(key), expected.get(key));
        Some(format!("access {what} is not exact for {key:?}: it lists {listed:?}, asking gives {asked:?}"))
    };
    let mut faults: Vec<String> =
        [differs(&by_object, "to an object"), differs(&by_principal, "of a principal")].into_iter().flatten().collect();
    faults.extend(inexact_by_privilege(state, world, &by_principal, now));
    faults
}

/// Asked for one privilege, `access` must list those rows that have it.
fn inexact_by_privilege(state: &mut State, world: &World, all: &Allowed, now: i64) -> Option<String> {
    let asked = world.principals.iter().flat_map(|principal| world.privileges.iter().map(move |one| (principal, one)));
    asked.into_iter().find_map(|(principal, privilege)| {
        let answer = ask(state, now, "access", json!({ "principal": principal, "privilege": privilege }));
        let rows = answer["reply"]["object"].as_array().into_iter().flatten();
        let listed: BTreeSet<&str> = rows.filter_map(|row| row["path"].as_str()).collect();
        let rows = all.iter().filter(|((held, _), allowed)| held == principal && allowed.contains(privilege));
        let expected: BTreeSet<&str> = rows.map(|((_, path), _)| path.as_str()).collect();
        let told = || format!("access of {principal} for {privilege} lists {listed:?}, and {expected:?} is right");
        (listed != expected).then(told)
    })
}

fn allowed(held: &Value, world: &World) -> Vec<String> {
    let is_allowed = |name: &&String| held[format!("{name}Privilege")] == "allow";
    world.privileges.iter().filter(is_allowed).cloned().collect()
}

/// The fix of every explained denial must allow, when `admin` makes it. It is proposed together with the question, so
/// the state stays as it is.
fn useless_fixes(state: &mut State, world: &World, now: i64) -> Vec<String> {
    let mut faults = Vec::new();
    for path in world.paths.iter().filter(|path| is_worth_fixing(path)) {
        for principal in &world.principals {
            for privilege in &world.privileges {
                let question = json!({ "path": path, "principal": principal, "privilege": privilege });
                let answer = ask(state, now, "explain", question.clone());
                let Some(fix) = answer["reply"]["fix"].as_array().cloned() else { continue };
                if let Err(fault) = try_fix(state, &fix, question, now) {
                    faults.push(format!("the fix for {principal} {privilege} {path} is {fix:?}: {fault}"));
                }
            }
        }
    }
    faults
}

/// Of the system objects only the root, and no persona, category or page: they are many, and alike.
fn is_worth_fixing(path: &str) -> bool {
    path == "/systemObjects/server" || !["/systemObjects/", "/persona"].iter().any(|many| path.starts_with(many))
}

fn try_fix(state: &mut State, fix: &[Value], question: Value, now: i64) -> Result<(), String> {
    let mut commands = fix.to_vec();
    commands.push(json!({ "command": "check", "arguments": question }));
    let seed = "0".repeat(32);
    let request = json!({"request": "propose", "caller": "user:admin", "now": now, "seed": seed, "commands": commands});
    let (answer, changes) = call(state, &request);
    let last = answer["replies"].as_array().and_then(|replies| replies.last());
    match last.map(|reply| &reply["decision"]) {
        Some(decision) if decision == "allow" && changes.is_some() => Ok(()),
        _ => Err(format!("it does not allow: {answer}")),
    }
}

/// A question of `admin`.
fn ask(state: &mut State, now: i64, command: &str, arguments: Value) -> Value {
    let request =
        json!({"request": "ask", "caller": "user:admin", "now": now, "command": command, "arguments": arguments});
    call(state, &request).0
}

/// The answer, and the changes that would be.
fn call(state: &mut State, request: &Value) -> (Value, Option<ChangeSet>) {
    let Called { answer, changes, .. } = state.call(request.to_string().as_bytes());
    (serde_json::from_str(&answer).unwrap_or_default(), changes)
}
