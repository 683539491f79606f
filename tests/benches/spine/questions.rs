//! An estate in its folder, as the example `estate` has written it: the policy, the questions, the native answers.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

/// What is asked about one estate.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Questions {
    pub(crate) now: i64,
    questions: Checks,
    skewed: Vec<usize>,
    pub(crate) reader: String,
    pub(crate) shown: String,
    lists: Vec<List>,
    neighbours: Vec<List>,
    explanations: Vec<Explanation>,
    who_can: Vec<Listing>,
    what_can: Vec<Listing>,
    everything: Vec<Listing>,
    listings: Vec<Listing>,
    pub(crate) changes: BTreeMap<String, Vec<Change>>,
}

#[derive(Deserialize)]
struct Checks {
    principal: Vec<String>,
    privilege: Vec<String>,
    path: Vec<String>,
    allowed: String,
}

/// Paths, and for each whether the reader may see what is there.
#[derive(Deserialize)]
pub(crate) struct List {
    pub(crate) path: Vec<String>,
    allowed: String,
}

#[derive(Deserialize)]
struct Explanation {
    principal: String,
    privilege: String,
    path: String,
    reply: Value,
}

#[derive(Deserialize)]
struct Listing {
    principal: Option<String>,
    privilege: Option<String>,
    path: Option<String>,
    under: Option<String>,
    reply: Vec<String>,
    lists: Option<usize>,
}

/// A change, what takes it back, and a question with its answer in between.
#[derive(Deserialize)]
pub(crate) struct Change {
    make: Value,
    undo: Value,
    pub(crate) question: Check,
}

/// A question by names, with its answer.
#[derive(Deserialize)]
pub(crate) struct Check {
    pub(crate) principal: String,
    pub(crate) privilege: String,
    pub(crate) path: String,
    pub(crate) allowed: bool,
}

/// A request in JSON, and what its answer must hold.
pub(crate) struct Request {
    pub(crate) json: Vec<u8>,
    pub(crate) expected: Expected,
}

/// What an answer must be.
pub(crate) enum Expected {
    /// The reply, as it is.
    Reply(Value),
    /// The principals of the reply, in order, or the paths of its objects, sorted.
    Rows(Vec<String>),
}

/// Reads `questions.json`.
pub(crate) fn read(folder: &Path) -> Questions {
    let bytes = fs::read(folder.join("questions.json")).expect("a file of the estate");
    serde_json::from_slice(&bytes).expect("what the example `estate` writes")
}

impl Questions {
    /// Each question as often as any other.
    pub(crate) fn uniform(&self) -> Vec<Check> {
        (0..self.skewed.len()).map(|at| self.check(at)).collect()
    }

    /// As people ask, the nth question in proportion to 1/n. Each owns its texts, which so lie in the order of asking: a
    /// caller has just made the path that it asks about, and fetching it is not the check.
    pub(crate) fn skewed(&self) -> Vec<Check> {
        self.skewed.iter().map(|&at| self.check(at)).collect()
    }

    fn check(&self, at: usize) -> Check {
        let Checks { principal, privilege, path, allowed } = &self.questions;
        Check {
            principal: principal[at].clone(),
            privilege: privilege[at].clone(),
            path: path[at].clone(),
            allowed: allowed.as_bytes()[at] == b'1',
        }
    }

    /// What is filtered, by the name of its order.
    pub(crate) fn lists(&self) -> [(&'static str, &[List]); 2] {
        [("ordered", &self.neighbours), ("mixed", &self.lists)]
    }

    /// What is asked by a command, by the name of the figure.
    pub(crate) fn requests(&self) -> [(&'static str, Vec<Request>); 5] {
        [
            ("explain", self.explanations.iter().map(|asked| self.explanation(asked)).collect()),
            ("whoCan", self.listed(&self.who_can, "access")),
            ("whatCan", self.listed(&self.what_can, "access")),
            ("whatCan everything", self.listed(&self.everything, "access")),
            ("getObjects", self.listed(&self.listings, "getObjects")),
        ]
    }

    /// How many rows each listing of everything has, and how many objects have a list, together: what it may cost.
    pub(crate) fn rows_and_lists(&self) -> f64 {
        let sizes = self.everything.iter().map(|asked| asked.reply.len() + asked.lists.unwrap_or_default());
        sizes.sum::<usize>() as f64 / self.everything.len() as f64
    }

    fn explanation(&self, Explanation { principal, privilege, path, reply }: &Explanation) -> Request {
        let arguments = json!({ "principal": principal, "privilege": privilege, "path": path });
        Request { json: self.ask("user:admin", "explain", arguments), expected: Expected::Reply(reply.clone()) }
    }

    /// Listings by a command: `getObjects` is asked by the principal itself, `access` by `admin` about one.
    fn listed(&self, listings: &[Listing], command: &str) -> Vec<Request> {
        let request = |Listing { privilege, principal, path, under, reply, .. }: &Listing| {
            let path = path.as_ref().or(under.as_ref());
            let (caller, arguments) = match principal {
                Some(caller) if command == "getObjects" => {
                    (caller.as_str(), json!({ "path": path, "recursive": true }))
                }
                _ => ("user:admin", json!({ "principal": principal, "privilege": privilege, "path": path })),
            };
            Request { json: self.ask(caller, command, arguments), expected: Expected::Rows(reply.clone()) }
        };
        listings.iter().map(request).collect()
    }

    /// Arguments that are null are left out.
    fn ask(&self, caller: &str, command: &str, mut arguments: Value) -> Vec<u8> {
        arguments.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        let request =
            json!({ "request": "ask", "caller": caller, "now": self.now, "command": command, "arguments": arguments });
        request.to_string().into_bytes()
    }

    /// The request that proposes a change, and the one that takes it back.
    pub(crate) fn proposals(&self, change: &Change) -> [Vec<u8>; 2] {
        [&change.make, &change.undo].map(|command| {
            let request = json!({
                "request": "propose", "caller": "user:admin", "now": self.now,
                "seed": "00112233445566778899aabbccddeeff", "commands": [command],
            });
            request.to_string().into_bytes()
        })
    }
}

impl List {
    /// 1 for each path that may be seen, 0 for the others.
    pub(crate) fn answers(&self) -> Vec<u8> {
        self.allowed.bytes().map(|digit| digit - b'0').collect()
    }
}

impl Expected {
    /// Whether an answer holds it.
    pub(crate) fn is_in(&self, answer: &[u8]) -> bool {
        let answer: Value = serde_json::from_slice(answer).expect("JSON");
        match self {
            Self::Reply(reply) => answer.get("reply") == Some(reply),
            Self::Rows(rows) => *rows == rows_of(answer.get("reply").expect("a reply")),
        }
    }
}

fn rows_of(reply: &Value) -> Vec<String> {
    let text = |row: &Value, field: &str| row[field].as_str().expect("a text").to_owned();
    if let Some(principals) = reply["principal"].as_array() {
        let name = |row| format!("{}:{}", text(row, "principalType"), text(row, "principalName"));
        return principals.iter().map(name).collect();
    }
    let mut paths: Vec<String> =
        reply["object"].as_array().into_iter().flatten().map(|row| text(row, "path")).collect();
    paths.sort_unstable();
    paths
}
