//! Playing a random sequence on a target: whatever is proposed is applied, and nothing is expected but that the target
//! works.

use crate::case::{Call, Outcome};
use crate::chance::acts::{Act, Sender};
use crate::play::last_reply;
use crate::target::Target;
use crate::wallet::Wallet;
use portcullis_engine::command;
use serde_json::{Map, Value, json};

/// Does one act after the other to a target that has no policy yet. Secrets are made as in a case.
///
/// # Errors
///
/// Where the target fails, where asking it alters it, and where it refuses what it has itself proposed or given.
pub fn play<T: Target>(acts: &[Act], target: &mut T) -> Result<(), String> {
    let mut player = Player { target, wallet: Wallet::default(), requests: 0 };
    acts.iter().try_for_each(|act| player.act(act).map_err(|fault| format!("{act:?}: {fault}")))
}

struct Player<'a, T> {
    target: &'a mut T,
    wallet: Wallet,
    requests: u128,
}

impl<T: Target> Player<'_, T> {
    fn act(&mut self, act: &Act) -> Result<(), String> {
        match act {
            Act::Propose(sender, calls) => self.propose("propose", sender, calls, &json!({})),
            Act::Preview(sender, calls, page) => self.propose("preview", sender, calls, page),
            Act::Ask(sender, question) => self.ask(sender, question),
            Act::Say(text) => self.send(text).map(drop),
            Act::Project(principal, from, salt) => self.target.project(principal, *from, salt).map(drop),
            Act::Reload => self.target.snapshot().and_then(|snapshot| self.target.restore(&snapshot)),
        }
    }

    fn ask(&mut self, sender: &Sender, question: &Call) -> Result<(), String> {
        let (caller, Call { command, arguments }) =
            (self.wallet.caller(&sender.caller), self.wallet.fill_call(question));
        let request = json!({"request": "ask", "caller": caller, "now": sender.at_ms,
            "command": command, "arguments": arguments});
        self.send(&request.to_string()).map(drop)
    }

    fn propose(&mut self, kind: &str, sender: &Sender, calls: &[Call], page: &Value) -> Result<(), String> {
        let prepared = self.wallet.prepare(&sender.caller, calls, self.target);
        let seed = format!("{:032x}", 0x5eed_u128 + self.requests);
        let mut request =
            Map::from_iter([("request".to_owned(), json!(kind)), ("caller".to_owned(), prepared.caller.clone())]);
        request.extend([("now".to_owned(), json!(sender.at_ms)), ("seed".to_owned(), json!(seed))]);
        request.insert("commands".into(), json!(prepared.commands));
        request.extend(page.as_object().cloned().unwrap_or_default());
        let answer = self.send(&Value::Object(request).to_string())?;
        self.wallet.remember(&prepared, &answer);
        self.keep(calls, &answer);
        Ok(())
    }

    /// What the last command has handed out is `$session` or `$token` from now on.
    fn keep(&mut self, calls: &[Call], answer: &Value) {
        let Some(field) = calls.last().and_then(|call| command(&call.command).ok()?.issues.field()) else { return };
        let reply = last_reply(answer);
        if reply.get(field).is_some() {
            let name = if field == "token" { "token" } else { "session" };
            let keep = [(name.to_owned(), field.to_owned())].into();
            self.wallet.keep(&Outcome { keep, ..Outcome::default() }, reply);
        }
    }

    /// Sends a request, and applies what it changes.
    fn send(&mut self, request: &str) -> Result<Value, String> {
        self.requests += 1;
        let before = self.target.snapshot()?;
        let answer = self.target.call(request.as_bytes())?;
        let (changes, private) = (self.target.take_changes()?, self.target.take_private()?);
        if self.target.snapshot()? != before {
            return Err("the call itself changed the state".into());
        }
        if let Some(changes) = changes {
            self.target.apply(&changes, &private)?;
        }
        serde_json::from_slice(&answer).map_err(|error| format!("the answer is no JSON: {error}"))
    }
}
