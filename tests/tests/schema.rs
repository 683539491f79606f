//! Every case on the native engine: its requests and its answers are what `portcullis schema` says that they are.

use conformance::case::{Case, TargetName};
use conformance::play::{Exchange, play};
use conformance::suite;
use conformance::target::Native;
use jsonschema::Validator;
use portcullis_engine::{ChangeSet, Schema, State, request_schema};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::{Arc, LazyLock, Mutex};

fn main() -> ExitCode {
    suite::run(TargetName::Native, test)
}

fn test(case: &Case) -> Result<(), String> {
    let played = play(case, &mut Native::new()?, |_, _, _| Vec::new());
    // The same again, to know which schema the policy had at every request.
    let mut state = State::new().map_err(|refusal| refusal.to_string())?;
    let mut faults = Vec::new();
    for exchange in &played.exchanges {
        let exchanged = Exchanged::read(exchange)?;
        faults.extend(exchanged.undocumented_request(state.schema())?);
        if let Some(changes) = &exchange.changes {
            let applied = ChangeSet::decode(changes).and_then(|set| state.apply(&set));
            applied.map_err(|refusal| refusal.to_string())?;
        }
        faults.extend(exchanged.undocumented_answer(state.schema())?);
    }
    suite::verdict(case, &faults)
}

/// A request and its answer.
struct Exchanged {
    request: Value,
    answer: Value,
}

impl Exchanged {
    fn read(exchange: &Exchange) -> Result<Self, String> {
        let request = serde_json::from_str(&exchange.request).map_err(|error| error.to_string())?;
        let answer = serde_json::from_slice(&exchange.answer).map_err(|error| error.to_string())?;
        Ok(Self { request, answer })
    }

    /// The commands, each with its arguments.
    fn calls(&self) -> impl Iterator<Item = (&str, &Value)> {
        let several = self.request.get("commands").and_then(Value::as_array);
        let calls = several.map_or(std::slice::from_ref(&self.request), Vec::as_slice).iter();
        calls.filter_map(|call| Some((call.get("command")?.as_str()?, call.get("arguments")?)))
    }

    /// Where the request is not as the schema has requests, unless it was refused for what it says. Of commands in one
    /// request, the engine saw none behind the refused one.
    fn undocumented_request(&self, schema: &Schema) -> Result<Vec<String>, String> {
        let text = |pointer: &str| self.answer.pointer(pointer).and_then(Value::as_str);
        let is_misshapen =
            text("/error/code").is_some_and(|code| code.starts_with("Invalid") || code == "MissingArgument");
        let refused = self.answer.pointer("/error/command").and_then(Value::as_u64).unwrap_or_default() as usize;
        let understood = if is_misshapen { refused } else { usize::MAX };
        let mut faults = Vec::new();
        for (command, arguments) in self.calls().take(understood) {
            faults.extend(misfit(schema, &format!("{command}.arguments"), arguments)?);
        }
        if faults.is_empty() && !is_misshapen {
            faults.extend(misfit(schema, "request", &self.request)?);
        }
        Ok(faults)
    }

    /// Where the answer is not as the schema has answers.
    fn undocumented_answer(&self, schema: &Schema) -> Result<Vec<String>, String> {
        let replies = self.answer.get("replies").and_then(Value::as_array).into_iter().flatten();
        let mut faults = Vec::new();
        for ((command, _), reply) in self.calls().zip(self.answer.get("reply").into_iter().chain(replies)) {
            faults.extend(misfit(schema, &format!("{command}.reply"), reply)?);
        }
        if let Some(error) = self.answer.get("error") {
            faults.extend(misfit(schema, "error", error)?);
        }
        if faults.is_empty() {
            faults.extend(misfit(schema, "answer", &self.answer)?);
        }
        Ok(faults)
    }
}

/// How a value is not what the definition of that name says.
fn misfit(schema: &Schema, name: &str, value: &Value) -> Result<Option<String>, String> {
    let validator = validator(schema, name)?;
    let faults: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    Ok((!faults.is_empty()).then(|| format!("not as {name}: {}; it is {value}", faults.join("; "))))
}

/// By the policy's schema and the definition's name.
type Validators = HashMap<(String, String), Arc<Validator>>;

/// The validator of a definition, made once for each schema of a policy.
fn validator(schema: &Schema, name: &str) -> Result<Arc<Validator>, String> {
    static KNOWN: LazyLock<Mutex<Validators>> = LazyLock::new(Mutex::default);
    let key = (schema.json().to_owned(), name.to_owned());
    let mut known = KNOWN.lock().map_err(|_| "another case failed".to_owned())?;
    if let Some(validator) = known.get(&key) {
        return Ok(Arc::clone(validator));
    }
    let mut document = request_schema(schema, None);
    if document.pointer(&format!("/$defs/{name}")).is_none() {
        return Err(format!("there is no definition `{name}`"));
    }
    if let Some(fields) = document.as_object_mut() {
        fields.insert("$ref".into(), json!(format!("#/$defs/{name}")));
    }
    let validator = jsonschema::options().should_validate_formats(true).build(&document);
    let validator = Arc::new(validator.map_err(|error| format!("the schema itself is wrong: {error}"))?);
    known.insert(key, Arc::clone(&validator));
    Ok(validator)
}
