//! What an engine was told and what it answered, written down: so that an engine elsewhere can be told the same, and
//! must give the same bytes.

use crate::case::Case;
use crate::chance::acts::Act;
use crate::play::play;
use crate::sequence;
use crate::target::{Native, Target};
use portcullis_engine::{PrivatePart, SALT_BYTES};
use serde_json::{Map, Value, json};

/// What the native engine does when a case is played on it, as JSON: the case's `name` and `title`, the targets that it
/// is `notFor`, its `steps` and the `snapshot` at the end. Bytes are in hexadecimal digits.
///
/// A step is a request, `call`, and its `answer`, as texts; with the `private` part of what it proposed, and the `changes`
/// that were then applied, where there are any. Or it is a look at the password of the user `passwordOf`, which `is`
/// that, or `null`. Or a projection that `is` made for the principal `projectFor`, `from` an instant on, with a `salt`. Or
/// the snapshot `restored`, from which another engine goes on.
///
/// ```
/// use conformance::{case::Case, transcript};
///
/// let case: Case = serde_json::from_value(serde_json::json!({
///     "title": "There is a server", "source": "domain.md",
///     "stages": [{"ask": [{"question": {"tree": {}}, "expect": {"reply": {}}}]}]
/// })).unwrap();
/// let transcript = transcript::of("server", &case).unwrap();
/// let steps = transcript["steps"].as_array().unwrap();
/// assert!(steps[0]["call"].as_str().unwrap().contains("createPolicy"));
/// assert!(steps[0]["changes"].is_string() && steps[1].get("changes").is_none());
/// ```
///
/// # Errors
///
/// Where the case is not true of the native engine.
pub fn of(name: &str, case: &Case) -> Result<Value, String> {
    let mut recorder = Recorder { target: Native::new()?, steps: Vec::new() };
    let played = play(case, &mut recorder, |_, _, _| Vec::new());
    if !played.faults.is_empty() {
        return Err(format!("“{}”: {}", case.title, played.faults.join("\n")));
    }
    let not_for: Vec<_> = case.not_for.keys().collect();
    let (steps, snapshot) = (recorder.steps, hex(&played.snapshot));
    Ok(json!({"name": name, "title": case.title, "notFor": not_for, "steps": steps, "snapshot": snapshot}))
}

/// What a target does with a random sequence, in the same form.
///
/// # Errors
///
/// Where the target fails; see [`sequence::play`].
pub fn of_sequence<T: Target>(name: &str, acts: &[Act], target: T) -> Result<Value, String> {
    let mut recorder = Recorder { target, steps: Vec::new() };
    sequence::play(acts, &mut recorder)?;
    let (snapshot, steps) = (hex(&recorder.target.snapshot()?), recorder.steps);
    Ok(json!({"name": name, "title": "a random sequence", "notFor": [], "steps": steps, "snapshot": snapshot}))
}

/// An engine, and what it was told.
struct Recorder<T> {
    target: T,
    steps: Vec<Map<String, Value>>,
}

impl<T> Recorder<T> {
    /// Adds to what is known of the last step.
    fn note(&mut self, field: &str, bytes: &[u8]) {
        if let Some(step) = self.steps.last_mut() {
            step.insert(field.to_owned(), hex(bytes).into());
        }
    }
}

impl<T: Target> Target for Recorder<T> {
    fn call(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        let answer = self.target.call(request)?;
        let (call, text) = (String::from_utf8_lossy(request), String::from_utf8_lossy(&answer));
        self.steps.push(Map::from_iter([("call".to_owned(), call.into()), ("answer".to_owned(), text.into())]));
        Ok(answer)
    }

    fn take_changes(&mut self) -> Result<Option<Vec<u8>>, String> {
        let changes = self.target.take_changes()?;
        if let Some(changes) = &changes {
            self.note("changes", changes);
        }
        Ok(changes)
    }

    fn take_private(&mut self) -> Result<PrivatePart, String> {
        let private = self.target.take_private()?;
        self.note("private", &private.encode());
        Ok(private)
    }

    fn password_of(&mut self, user_name: &str) -> Result<Option<String>, String> {
        let password = self.target.password_of(user_name)?;
        let step = [("passwordOf".to_owned(), user_name.into()), ("is".to_owned(), password.clone().into())];
        self.steps.push(Map::from_iter(step));
        Ok(password)
    }

    fn apply(&mut self, changes: &[u8], private: &PrivatePart) -> Result<(), String> {
        self.target.apply(changes, private)
    }

    fn snapshot(&mut self) -> Result<Vec<u8>, String> {
        self.target.snapshot()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.steps.push(Map::from_iter([("restored".to_owned(), hex(snapshot).into())]));
        self.target.restore(snapshot)
    }

    fn project(&mut self, principal: &str, from_ms: i64, salt: &[u8; SALT_BYTES]) -> Result<Option<Vec<u8>>, String> {
        let projection = self.target.project(principal, from_ms, salt)?;
        if let Some(bytes) = &projection {
            let asked = [("projectFor", json!(principal)), ("from", json!(from_ms)), ("salt", json!(hex(salt)))];
            let step = asked.into_iter().chain([("is", json!(hex(bytes)))]);
            self.steps.push(step.map(|(name, value)| (name.to_owned(), value)).collect());
        }
        Ok(projection)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
