//! What is about the policies and the same in all of them: the schema, the objects, the principals.

use crate::policies::{GROUPS, LEVELS, LISTS, PRINCIPALS, UNREGISTERED, USERS};
use conformance::oracle::{Oracle, Principal};
use portcullis_engine::{BUILT_IN_PRINCIPALS, Change, ChangeSet, PrincipalType, Record, SERVER, State};
use serde_json::{Value, json};

/// The privilege that is asked about.
pub(crate) const PRIVILEGE: &str = "view";
/// What every entry allows beside, so that one which says nothing of the first is an entry all the same.
pub(crate) const OTHER: &str = "edit";

/// See the module.
#[derive(Clone, Copy, Default)]
pub(crate) struct Surroundings {
    /// Users who are not registered are in `Everyone`.
    pub(crate) everyone_any: bool,
    /// How many groups hold both users beside, none of which an entry names.
    pub(crate) circles: usize,
    /// How many users each list names beside, none of whom is asked about.
    pub(crate) crowd: usize,
}

impl Surroundings {
    /// The engine before the first policy.
    pub(crate) fn state(&self) -> State {
        let mut state = State::new().unwrap();
        propose(&mut state, &[("createPolicy", json!({ "schema": self.schema() }))]);
        // Commands make such a record when an entry names somebody. Here entries come and go, and it stays.
        let id = BUILT_IN_PRINCIPALS.len() as u32 + 1;
        apply(
            &mut state,
            vec![Change::Put(Record::Principal { id, kind: PrincipalType::User, name: name(UNREGISTERED) })],
        );
        let users = USERS.map(name).into_iter().chain(self.crowd()).map(|name| format!("/users/{name}"));
        let groups = GROUPS.map(name).into_iter().chain(self.circles()).map(|name| format!("/groups/{name}"));
        let folders = LEVELS[1..LISTS].iter().map(|path| (*path).to_owned());
        let objects = folders.chain(users).chain(groups).map(|path| ("createObject", json!({ "path": path })));
        let members = self
            .members()
            .into_iter()
            .map(|(user, circle)| ("addGroupMember", json!({"userName": user, "groupName": circle})));
        propose(&mut state, &objects.chain(members).collect::<Vec<_>>());
        state
    }

    /// The oracle before the first policy.
    pub(crate) fn oracle(&self) -> Oracle {
        let pairs = self.members().into_iter();
        Oracle {
            parents: LEVELS.windows(2).map(|pair| (pair[1].into(), pair[0].into())).collect(),
            registered: USERS.map(name).into_iter().chain(self.crowd()).collect(),
            members: pairs
                .map(|(user, circle)| (Principal::new("user", &user), Principal::new("group", &circle)))
                .collect(),
            everyone_any: self.everyone_any,
            ..Oracle::default()
        }
    }

    /// The names of the crowd.
    pub(crate) fn crowd(&self) -> impl Iterator<Item = String> {
        (0..self.crowd).map(|number| format!("one of many {number}"))
    }

    fn circles(&self) -> impl Iterator<Item = String> {
        (0..self.circles).map(|number| format!("circle {number}"))
    }

    fn members(&self) -> Vec<(String, String)> {
        self.circles().flat_map(|circle| USERS.map(|user| (name(user), circle.clone()))).collect()
    }

    fn schema(&self) -> Value {
        json!({
            "name": "small", "privileges": [PRIVILEGE, OTHER, "grant"],
            "everyone": if self.everyone_any { "any" } else { "registered" },
            "roles": {"read": PRIVILEGE, "modify": OTHER, "changePermissions": "grant"},
            "types": [{"name": "folder", "parents": ["folder"], "systemObject": SERVER}]
        })
    }
}

fn name(place: usize) -> String {
    PRINCIPALS[place].1.to_owned()
}

/// Has `admin` do this.
fn propose(state: &mut State, commands: &[(&str, Value)]) {
    let commands: Vec<_> =
        commands.iter().map(|(name, arguments)| json!({"command": name, "arguments": arguments})).collect();
    let seed = "0".repeat(32);
    let request = json!({"request": "propose", "caller": "user:admin", "now": 0, "seed": seed, "commands": commands});
    let called = state.call(request.to_string().as_bytes());
    let changes = called.changes.unwrap_or_else(|| panic!("{}", called.answer));
    state.apply(&changes).unwrap();
}

/// Goes one revision on.
pub(crate) fn apply(state: &mut State, changes: Vec<Change>) {
    let revision = state.revision() + 1;
    let set = ChangeSet { revision, at_ms: 0, caller: String::new(), commands: Vec::new(), changes };
    state.apply(&set).unwrap();
}
