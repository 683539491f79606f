//! What the host does for the engine, done for the engines that a case is played on without one: secrets are made,
//! passwords turned into what is kept, and whoever logs in is let in. All of it is the same on every target, and none of
//! it is secret.

use crate::case::{Call, Outcome};
use crate::target::Target;
use portcullis_engine::{ArgumentKind, command};
use portcullis_host::credentials;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a case has kept of the answers, to be used as `$NAME`, and what it takes to prove a session or token.
#[derive(Default, Debug)]
pub struct Wallet {
    kept: BTreeMap<String, Value>,
    hashes: BTreeMap<String, String>,
    issued: u64,
}

/// A request as the engine takes it: who makes it, and its commands.
pub struct Prepared {
    /// The caller.
    pub caller: Value,
    /// The commands.
    pub commands: Vec<Value>,
    /// The hash of the secret that each of them issues, and the field of its answer that names it.
    issued: Vec<Option<(String, &'static str)>>,
}

impl Wallet {
    /// Keeps what the outcome wants kept of the last command's answer.
    pub fn keep(&mut self, outcome: &Outcome, reply: &Value) {
        for (name, field) in &outcome.keep {
            let found = reply.pointer(&format!("/{}", field.replace('.', "/"))).cloned();
            self.kept.insert(format!("${name}"), found.unwrap_or(Value::Null));
        }
    }

    /// The value with everything in it that was kept.
    #[must_use]
    pub fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.kept.get(text).unwrap_or(value).clone(),
            Value::Array(several) => several.iter().map(|value| self.fill(value)).collect(),
            Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), self.fill(value))).collect(),
            _ => value.clone(),
        }
    }

    /// The call with everything in it that was kept.
    #[must_use]
    pub fn fill_call(&self, call: &Call) -> Call {
        let arguments = call.arguments.iter().map(|(name, value)| (name.clone(), self.fill(value)));
        Call { command: call.command.clone(), arguments: arguments.collect() }
    }

    /// The caller as the engine takes it: with the proof of the session.
    #[must_use]
    pub fn caller(&self, caller: &Value) -> Value {
        let caller = self.fill(caller);
        match caller.get("session").and_then(Value::as_str) {
            Some(id) => json!({ "session": id, "hash": self.hash_of(id) }),
            None => caller,
        }
    }

    /// What proves the session or token of that id: nothing that fits, where it was not issued here.
    fn hash_of(&self, id: &str) -> &str {
        self.hashes.get(id).map_or("", String::as_str)
    }

    /// What a host would send for the commands.
    pub fn prepare<T: Target>(&mut self, caller: &Value, calls: &[Call], target: &mut T) -> Prepared {
        let mut prepared = Prepared { caller: self.caller(caller), commands: Vec::new(), issued: Vec::new() };
        for call in calls {
            let mut call = self.fill_call(call);
            if call.command == "login" || call.command == "loginSso" {
                self.let_in(&mut prepared, &mut call.arguments, target);
            }
            let (command, issue) = self.prepare_call(call);
            prepared.commands.push(command);
            prepared.issued.push(issue);
        }
        prepared
    }

    fn prepare_call(&mut self, mut call: Call) -> (Value, Option<(String, &'static str)>) {
        let Ok(known) = command(&call.command) else {
            return (json!({"command": call.command, "arguments": call.arguments}), None);
        };
        let zone = call.arguments.get("timeZone").and_then(Value::as_str).map(str::to_owned);
        for argument in known.arguments {
            let Some(text) = call.arguments.get_mut(argument.name).filter(|given| given.is_string()) else { continue };
            let given = text.as_str().unwrap_or_default();
            match argument.kind {
                ArgumentKind::Password => *text = hashed(given).into(),
                ArgumentKind::Date => *text = dated(given, zone.as_deref()).into(),
                _ => {}
            }
        }
        let mut sent = Map::from_iter([
            ("command".to_owned(), call.command.into()),
            ("arguments".to_owned(), Value::Object(call.arguments)),
        ]);
        let issue = known.issues.field().map(|field| {
            self.issued += 1;
            let hash = format!("{:064x}", self.issued);
            sent.insert("issue".into(), json!({ "hash": hash }));
            (hash, field)
        });
        (Value::Object(sent), issue)
    }

    /// Whoever has a token, or knows the password, is let in; whoever has not, comes as nobody does.
    fn let_in<T: Target>(&self, prepared: &mut Prepared, arguments: &mut Map<String, Value>, target: &mut T) {
        let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
        if let Some(id) = text(arguments.remove("token")) {
            prepared.caller = json!({ "token": id, "hash": self.hash_of(&id) });
            return;
        }
        let Some(password) = text(arguments.remove("password")) else { return };
        let user = text(arguments.get("userName").cloned()).unwrap_or_default();
        let knows = target.password_of(&user).is_ok_and(|kept| kept == Some(hashed(&password)));
        prepared.caller = if knows { format!("user:{user}").into() } else { json!({"token": "none", "hash": ""}) };
    }

    /// Remembers what the answers' ids are proved by.
    pub fn remember(&mut self, prepared: &Prepared, answer: &Value) {
        let replies = answer.get("replies").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (reply, issued) in replies.iter().zip(&prepared.issued) {
            let Some((hash, field)) = issued else { continue };
            if let Some(id) = reply.get(*field).and_then(Value::as_str) {
                self.hashes.insert(id.to_owned(), hash.clone());
            }
        }
    }
}

/// What stands for a password's hash: cheap, and the same every time.
fn hashed(password: &str) -> String {
    format!(
        "$argon2id$v=19$m=8,t=1,p=1$Y2FzZQ${}",
        password.bytes().map(|byte| format!("{byte:02x}")).collect::<String>()
    )
}

/// A date as the host reads it; one that it refuses goes on as it is, for the engine to refuse.
fn dated(text: &str, zone: Option<&str>) -> String {
    let instant = credentials::expiry::resolve(text, zone).ok().and_then(chrono::DateTime::from_timestamp_millis);
    instant.map_or_else(|| text.to_owned(), |instant| instant.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
}
