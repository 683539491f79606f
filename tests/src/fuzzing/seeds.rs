//! What the fuzzer begins with: the requests of all cases, the snapshots and projections that they lead to, exports, and
//! the words of the language of commands. Made anew each time, so that they never lag behind the cases.

use super::restore::{self, Form};
use super::{TARGETS, import, policy};
use crate::case::{self, Case};
use crate::play;
use crate::target::Native;
use portcullis_engine::{COMMANDS, Identity, State};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use twox_hash::XxHash64;

/// Beyond this length, what is random in an input is hardly ever where it counts.
const MOST_BYTES: usize = 16 << 10;

/// How many sequences are made up. Without long ones the fuzzer takes long to find that sequences may be long.
const SEQUENCES: u64 = 64;
/// How long each is: enough for as many commands as are taken.
const SEQUENCE_BYTES: u64 = 600;

/// Exports, each as paths and files.
const EXPORTS: [&[&str]; 5] = [
    &[
        "projects/Shop%2E1/acls/acl.dsl",
        "acl {\n  inheriting = '0'\n  aclEntry 'group', principalName: 'dev', {\n    readPrivilege = 'allow'\n  }\n}\n",
    ],
    &[
        "export/projects/A/procedures/B/acls/acl.dsl",
        "acl{ aclEntry 'user', principalName: \"x\", objectType: 'project', { modifyPrivilege = 'deny' } }",
        "export/projects/A/project.dsl",
        "def x = 1 + /a\\/b/ /* c */\nproject 'A', {\n  procedure 'B', { timeLimit = \"${x}\"; step 'C', { command = '''\n$/''' } }\n}\n",
    ],
    &[
        "users/u/user.dsl",
        "user 'u', { fullUserName = 'U'; email = ''; persona = ['QA']; groupName = ['dev'] }",
        "groups/dev/group.dsl",
        "group 'dev', {\n  userName = ['u', \"v\"]\n  persona = '[\"QA\"]'\n}",
    ],
    &[
        "personas.dsl",
        "personaPage 'runs', { description = ''; url = '/x' }\npersonaCategory 'testing', personaPage: ['runs']\npersona 'QA', {\n  isDefault = '1'; homePageName = 'runs'\n  personaDetail { personaCategoryName = 'testing'; personaPage = ['runs'] }\n}",
    ],
    &[
        "projects/P/pipelines/p/stages/s/gates/PRE/acls/acl.dsl",
        "acl {\r\n  aclEntry 'user', principalName: 'project: P', { readPrivilege 'allow' }\r\n}",
        "serviceAccounts/ci/serviceAccount.dsl",
        "serviceAccount 'ci', { }",
        "resources/r/resource.dsl",
        "resource 'r', { \u{fc} = $/ a $$ /$ }",
    ],
];

/// Writes the seeds of every target into the folder of its name, and the words as `words.dict` beside them.
///
/// # Errors
///
/// A file cannot be written, or a case cannot be read.
pub fn write(folder: &Path) -> io::Result<()> {
    let mut seeds: BTreeMap<&str, Vec<Vec<u8>>> = BTreeMap::new();
    for file in case::files(&case::folder())? {
        let case = Case::read(&file).map_err(io::Error::other)?;
        for (target, seed) in of_case(&case) {
            seeds.entry(target).or_default().push(seed);
        }
    }
    seeds
        .entry("call")
        .or_default()
        .extend(policy::commands().iter().map(|command| policy::request(command).to_string().into_bytes()));
    seeds.entry("restore").or_default().extend(of_state(&mut policy::state()).into_iter().map(|(_, seed)| seed));
    seeds.entry("import").or_default().extend(EXPORTS.map(|export| export.join(import::BETWEEN).into_bytes()));
    seeds.entry("sequences").or_default().extend((0..SEQUENCES).map(sequence));
    for (target, _) in TARGETS {
        let place = folder.join(target);
        fs::create_dir_all(&place)?;
        let short = seeds.remove(target).unwrap_or_default().into_iter().filter(|seed| seed.len() <= MOST_BYTES);
        for (number, seed) in short.enumerate() {
            fs::write(place.join(format!("{number:05}")), seed)?;
        }
    }
    fs::write(folder.join("words.dict"), dictionary())
}

/// Bytes that look random, and are the same every time: each the high one of a hash of its place.
fn sequence(number: u64) -> Vec<u8> {
    let hash = |at: u64| XxHash64::oneshot(number, &at.to_le_bytes());
    (0..SEQUENCE_BYTES).filter_map(|at| hash(at).to_be_bytes().first().copied()).collect()
}

/// What a case's playing brings: its requests, and its last state.
fn of_case(case: &Case) -> Vec<(&'static str, Vec<u8>)> {
    let Ok(mut target) = Native::new() else { return Vec::new() };
    let played = play::play(case, &mut target, |_, _, _| Vec::new());
    let requests = played.exchanges.iter().map(|exchange| ("call", exchange.request.clone().into_bytes()));
    requests.chain(of_state(&mut target.state)).collect()
}

fn of_state(state: &mut State) -> Vec<(&'static str, Vec<u8>)> {
    let snapshot = state.snapshot();
    let ann = Identity::parse("user:ann");
    let projection = ann.and_then(|ann| state.project(&ann, policy::NOW, &[7; 16])).unwrap_or_default();
    let seeds = [(Form::Snapshot, &snapshot), (Form::Projection, &projection), (Form::Raw, &snapshot)];
    seeds.map(|(form, sealed)| ("restore", restore::seed(form, sealed))).to_vec()
}

/// The words of commands, for libFuzzer.
fn dictionary() -> String {
    let own = [
        "request",
        "propose",
        "preview",
        "ask",
        "caller",
        "now",
        "seed",
        "commands",
        "command",
        "arguments",
        "issue",
        "aclEntry",
        "acl",
        "inheriting",
        "principalName:",
        "/projects/",
        "/systemObjects/",
        "'''",
        "/*",
        "*/",
        "${",
    ];
    let arguments = COMMANDS.iter().flat_map(|command| command.arguments.iter().map(|argument| argument.name));
    let words: std::collections::BTreeSet<&str> =
        COMMANDS.iter().map(|command| command.name).chain(arguments).chain(own).collect();
    words.iter().map(|word| format!("{}\n", json!(word))).collect()
}
