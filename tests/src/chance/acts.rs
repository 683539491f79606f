//! Random sequences of requests, sensible and not, by whoever: for comparing one engine with another.

use super::anything::{any_command, any_question, persona_command};
use super::steps::step;
use super::{BUILT_IN, PRINCIPALS, Realm, SMALL, STRANGERS, call, early, policy};
use crate::case::Call;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

/// One thing that is done to an engine.
#[derive(Clone, Debug)]
pub enum Act {
    /// Commands are proposed and, where they are not refused, applied.
    Propose(Sender, Vec<Call>),
    /// A question.
    Ask(Sender, Call),
    /// What would come of commands; `after` and `limit` as the request has them.
    Preview(Sender, Vec<Call>, Value),
    /// A request's text that is no request, or hardly one.
    Say(String),
    /// A projection for a principal from an instant on.
    Project(&'static str, i64, [u8; 16]),
    /// The engine is put away as a snapshot, and another goes on from that.
    Reload,
}

/// Who sends a request, and when.
#[derive(Clone, Debug)]
pub struct Sender {
    /// As the request has it; `$session` and `$token` stand for the last that were handed out.
    pub caller: Value,
    /// In milliseconds since 1970.
    pub at_ms: i64,
}

/// Which sequences are drawn: the same for the same seed.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// What decides how the dice fall.
    pub seed: u64,
    /// How many sequences.
    pub count: usize,
}

impl Draw {
    /// The one that `PORTCULLIS_SEED` and `PORTCULLIS_SEQUENCES` say, both numbers; the same few sequences without them.
    ///
    /// # Errors
    ///
    /// Where one of them is no number.
    pub fn wanted() -> Result<Self, String> {
        let number = |name: &str, default: u64| match std::env::var(name) {
            Ok(text) => text.parse().map_err(|error| format!("`{name}` is `{text}`: {error}")),
            Err(_) => Ok(default),
        };
        let count = usize::try_from(number("PORTCULLIS_SEQUENCES", 48)?).map_err(|error| error.to_string())?;
        Ok(Self { seed: number("PORTCULLIS_SEED", 1)?, count })
    }

    /// What a sequence is called, by its number from 0.
    #[must_use]
    pub fn name(&self, number: usize) -> String {
        format!("random/{number} of seed {}", self.seed)
    }

    /// The sequences.
    ///
    /// # Errors
    ///
    /// None in practice: a strategy that cannot draw.
    pub fn sequences(&self) -> Result<Vec<Vec<Act>>, String> {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(self.seed.to_le_bytes()).for_each(|(byte, given)| *byte = given);
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let strategy = prop_oneof![acts(&SMALL), acts(&BUILT_IN)];
        let mut draw = || strategy.new_tree(&mut runner).map(|tree| tree.current());
        (0..self.count).map(|_| draw().map_err(|reason| reason.to_string())).collect()
    }
}

/// A policy that is made, and what is then done to it.
pub fn acts(realm: &'static Realm) -> BoxedStrategy<Vec<Act>> {
    let made = (policy(realm, 10..40), vec(admins(realm), 5..25)).prop_map(|(commands, more)| {
        let admin = || Sender { caller: "user:admin".into(), at_ms: 0 };
        let all = commands.into_iter().chain(more);
        all.map(|command| Act::Propose(admin(), vec![command])).collect::<Vec<_>>()
    });
    (made, vec(act(realm), 20..60)).prop_map(|(made, then)| [made, then].concat()).boxed()
}

fn act(realm: &'static Realm) -> impl Strategy<Value = Act> {
    let principal = select(PRINCIPALS.iter().chain(&STRANGERS).copied().collect::<Vec<_>>());
    let several = (sender(), vec(command(realm), 2..5));
    let preview = (sender(), vec(step(realm), 1..4), page());
    let admin = |at_ms| Sender { caller: "user:admin".into(), at_ms };
    let damaged = (sender(), command(realm), damage());
    prop_oneof![
        12 => (sender(), command(realm)).prop_map(|(sender, command)| Act::Propose(sender, vec![command])),
        4 => several.prop_map(|(sender, commands)| Act::Propose(sender, commands)),
        4 => credential().prop_map(|(sender, command)| Act::Propose(sender, vec![command])),
        8 => (sender(), any_question(realm)).prop_map(|(sender, question)| Act::Ask(sender, question)),
        12 => (instant(), look(realm)).prop_map(move |(at_ms, question)| Act::Ask(admin(at_ms), question)),
        3 => preview.prop_map(|(sender, commands, page)| Act::Preview(sender, commands, page)),
        2 => damaged.prop_map(|(sender, command, damage)| Act::Say(damage.done_to(&sender, &command))),
        1 => select(&NONSENSE[..]).prop_map(|text| Act::Say(text.into())),
        2 => (principal, instant(), any::<[u8; 16]>()).prop_map(|(who, from, salt)| Act::Project(who, from, salt)),
        1 => Just(Act::Reload),
    ]
}

/// Which part of a preview.
fn page() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => Just(json!({})),
        1 => (0..4_u64).prop_map(|limit| json!({ "limit": limit })),
        1 => Just(json!({"after": "x", "limit": 1})),
    ]
}

/// What only `admin` gets far with.
fn admins(realm: &'static Realm) -> impl Strategy<Value = Call> {
    prop_oneof![2 => persona_command(realm), 1 => any_command(realm)]
}

fn command(realm: &'static Realm) -> impl Strategy<Value = Call> {
    prop_oneof![3 => step(realm), 3 => any_command(realm), 1 => persona_command(realm)]
}

/// A question that mostly has an answer, and one with much in it.
fn look(realm: &'static Realm) -> impl Strategy<Value = Call> {
    let path = || select([realm.objects, realm.strays].concat());
    let two = [early(&PRINCIPALS), early(&PRINCIPALS)].prop_map(|both| json!(both));
    let who = prop_oneof![4 => early(&PRINCIPALS).prop_map(Value::from), 1 => two].boxed();
    let question = (path(), who.clone(), select(realm.privileges));
    let user = select(&["u0", "u1", "u2"][..]);
    prop_oneof![
        6 => question.prop_map(|(path, who, privilege)| {
            call("explain", json!({"path": path, "principal": who, "privilege": privilege}))
        }),
        2 => path().prop_map(|path| call("access", json!({ "path": path }))),
        2 => who.prop_map(|who| call("access", json!({ "principal": who }))),
        3 => user.prop_map(|user| call("getPersonas", json!({"userName": user, "merged": true}))),
        1 => Just(call("getPersonas", json!({}))),
    ]
}

fn instant() -> impl Strategy<Value = i64> + Clone {
    select(&[0_i64, 999, 1_000, 2_500, 3_000, 86_400_000, 400_000_000, 1_767_225_600_000][..])
}

fn sender() -> impl Strategy<Value = Sender> {
    let several = json!([{"type": "user", "name": "u0"}, {"type": "user", "name": "project: P"}]);
    let caller = prop_oneof![
        16 => Just(json!("user:admin")),
        4 => select(&["user:u0", "user:u1", "user:u2"][..]).prop_map(Value::from),
        1 => select(&["user:stranger", "serviceAccount:s", "group:g0", "nobody", ""][..]).prop_map(Value::from),
        1 => Just(json!({"type": "user", "name": "u1", "groups": ["g0", "nobody"]})),
        1 => Just(several),
        3 => Just(json!({"session": "$session"})),
    ];
    (caller, instant()).prop_map(|(caller, at_ms)| Sender { caller, at_ms })
}

/// A user comes by a token or a session, and so there is something to show.
fn credential() -> impl Strategy<Value = (Sender, Call)> {
    let names = (select(&["user:u0", "user:u1", "user:admin"][..]), select(&["t", "u"][..]), option::of(0..3_u64));
    (names, select(&["createUserAccessToken", "login", "loginSso", "createSession"][..]), instant()).prop_map(
        |((caller, name, days), command, at_ms)| {
            let caller = if command == "createSession" { "user:admin" } else { caller };
            let arguments = match command {
                "createUserAccessToken" => json!({"userAccessTokenName": name, "expirationDays": days}),
                "createSession" => json!({"serviceAccountName": "s"}),
                "loginSso" => json!({"token": "$token"}),
                _ => json!({}),
            };
            (Sender { caller: caller.into(), at_ms }, call(command, arguments))
        },
    )
}

/// Texts that readers of JSON have stumbled over.
const NONSENSE: [&str; 14] = [
    "",
    "{",
    "[]",
    "null",
    "\u{feff}{}",
    "{\"request\":\"ask\",\"request\":\"ask\",\"caller\":\"user:admin\",\"now\":0,\"command\":\"tree\"}",
    "{\"request\":\"ask\",\"caller\":\"user:admin\",\"now\":1e999,\"command\":\"tree\"}",
    "{\"request\":\"ask\",\"caller\":\"user:admin\",\"now\":-0,\"command\":\"tree\"}",
    "{\"request\":\"ask\",\"caller\":\"user:admin\",\"now\":9223372036854775808,\"command\":\"tree\"}",
    "{\"request\":\"ask\",\"caller\":\"user:\\ud800\",\"now\":0,\"command\":\"tree\"}",
    "{\"request\":\"ask\",\"caller\":\"user:\\ud83d\\ude00\\u0000\",\"now\":0,\"command\":\"tree\"}",
    "{\"request\":\"ask\",\"caller\":\"user:admin\",\"now\":1.0,\"command\":\"tree\",\"arguments\":{}}",
    "{\"request\":\"propose\",\"caller\":\"user:admin\",\"now\":0,\"seed\":\"00\",\"commands\":[]}",
    "{\"request\":\"ask\",\"caller\":\"user:admin\",\"now\":0,\"command\":\"tree\"} x",
];

/// What happens to a request on its way.
#[derive(Debug)]
enum Damage {
    CutAt(Index),
    Put(Index, char),
    Without(&'static str),
    Nested(usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        any::<Index>().prop_map(Damage::CutAt),
        (any::<Index>(), select(vec!['"', '\\', '{', ']', ',', '0', ' ', '\u{1}', 'é', '😀']))
            .prop_map(|(at, put)| Damage::Put(at, put)),
        select(&["request", "caller", "now", "seed", "commands"][..]).prop_map(Damage::Without),
        (1..300_usize).prop_map(Damage::Nested),
    ]
}

impl Damage {
    fn done_to(&self, sender: &Sender, command: &Call) -> String {
        let commands = json!([{"command": command.command, "arguments": command.arguments}]);
        let mut request = json!({"request": "propose", "caller": sender.caller, "now": sender.at_ms,
            "seed": "0".repeat(32), "commands": commands});
        if let (Self::Without(field), Some(fields)) = (self, request.as_object_mut()) {
            fields.remove(*field);
        }
        let characters: Vec<char> = request.to_string().chars().collect();
        let (before, behind) = match self {
            Self::CutAt(at) | Self::Put(at, _) => characters.split_at(at.index(characters.len())),
            _ => (characters.as_slice(), &[][..]),
        };
        match self {
            Self::CutAt(_) => before.iter().collect(),
            Self::Put(_, put) => before.iter().chain([put]).chain(behind.iter().skip(1)).collect(),
            Self::Without(_) => before.iter().collect(),
            Self::Nested(depth) => format!("{}{}", "[".repeat(*depth), "]".repeat(*depth)),
        }
    }
}
