//! What is round commands and their answers: requests, and answers to them.

use super::{any_of, reference};
use crate::command::Command;
use crate::refusal::Refusal;
use crate::schema::Schema;
use crate::sessions::USER_ACCESS_TOKEN;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The envelopes of these commands.
pub(super) fn define(defs: &mut Map<String, Value>, schema: &Schema, commands: &[&Command]) {
    let asking: Vec<&Command> = commands.iter().copied().filter(|command| command.asks()).collect();
    let requests = ["ask", "propose", "preview"].into_iter().skip(usize::from(asking.is_empty()));
    defs.insert("request".into(), any_of(requests.map(str::to_owned)));
    if !asking.is_empty() {
        defs.insert("ask".into(), ask(&asking));
    }
    defs.insert("propose".into(), propose());
    defs.insert("preview".into(), preview());
    defs.insert("accessChange".into(), access_change());
    let mut call = any_of(suffixed(commands, "call"));
    if let Some(call) = call.as_object_mut() {
        call.insert("unevaluatedProperties".into(), false.into());
    }
    defs.insert("call".into(), call);
    defs.insert("answer".into(), answer(commands));
    defs.insert("error".into(), error(schema));
    defs.insert("caller".into(), caller());
    defs.insert("principals".into(), principals());
    defs.insert("principal".into(), principal());
}

fn suffixed(commands: &[&Command], suffix: &str) -> Vec<String> {
    commands.iter().map(|command| format!("{}.{suffix}", command.name)).collect()
}

/// One question.
fn ask(asking: &[&Command]) -> Value {
    let mut ask = any_of(suffixed(asking, "call"));
    let more = json!({
        "description": "One question; it changes nothing.",
        "type": "object",
        "properties": {
            "request": { "const": "ask" }, "caller": reference("caller"), "now": now(), "context": context(),
        },
        "required": ["request", "caller", "now", "command"],
        "unevaluatedProperties": false,
    });
    if let (Some(ask), Value::Object(more)) = (ask.as_object_mut(), more) {
        ask.extend(more);
    }
    ask
}

/// Commands that are done together or not at all.
fn propose() -> Value {
    commands("propose", "Commands that are done all or not at all, each seeing what those before it have done.")
}

/// Commands that are not done, to see what would come of them.
fn preview() -> Value {
    let about =
        "What the same proposal would answer, and who would gain or lose which privileges where. It changes nothing.";
    let mut preview = commands("preview", about);
    if let Some(fields) = preview.pointer_mut("/properties").and_then(Value::as_object_mut) {
        let after = "Begin behind this row: its `objectId`, a space and its principal, such as `user:NAME`.";
        fields.insert("after".into(), json!({ "description": after, "type": "string" }));
        fields
            .insert("limit".into(), json!({ "description": "At most so many rows.", "type": "integer", "minimum": 0 }));
    }
    preview
}

fn commands(request: &str, about: &str) -> Value {
    json!({
        "description": about,
        "type": "object",
        "properties": {
            "request": { "const": request },
            "caller": reference("caller"),
            "now": now(),
            "context": context(),
            "seed": {
                "description": "Sixteen random bytes, from which ids are made.",
                "type": "string",
                "pattern": "^[0-9a-fA-F]{32}$",
            },
            "commands": { "type": "array", "items": reference("call") },
        },
        "required": ["request", "caller", "now", "seed", "commands"],
        "additionalProperties": false,
    })
}

/// A row of a preview.
fn access_change() -> Value {
    let privileges = |about: &str| json!({ "description": about, "type": "array", "items": { "type": "string" }, "uniqueItems": true });
    json!({
        "description": "What one principal gains and loses on an object, and on what lies below it as far as that has no \
            row of its own. Both are empty where a difference from further up ends. `admin` is never listed, nor what the \
            caller may not read.",
        "type": "object",
        "properties": {
            "principalType": reference("principalType"),
            "principalName": { "description": "Its name, after the commands.", "type": "string" },
            "objectId": { "description": "The object's id.", "type": "string" },
            "objectType": { "description": "The object's type.", "type": "string" },
            "path": {
                "description": "The object's path, after the commands; of one that they delete, before them.",
                "type": "string",
            },
            "gains": privileges("What is denied before and allowed after; all that is allowed, for an object that comes."),
            "loses": privileges("What is allowed before and denied after; all that was allowed, for an object that goes."),
            "below": {
                "description": "At how many objects further down the same holds through this row.",
                "type": "integer",
                "minimum": 0,
            },
        },
        "required": ["principalType", "principalName", "objectId", "objectType", "path", "gains", "loses", "below"],
        "additionalProperties": false,
    })
}

fn context() -> Value {
    json!({ "description": "Room for what conditions will be about; nothing looks at it today." })
}

fn now() -> Value {
    json!({ "description": "The time, in milliseconds since the beginning of 1970, UTC.", "type": "integer" })
}

/// The answer to a request.
fn answer(commands: &[&Command]) -> Value {
    let revision =
        json!({ "description": "The policy's revision that the answer is about.", "type": "integer", "minimum": 0 });
    let with = |name: &str, field: Value| {
        json!({
            "type": "object",
            "properties": { "revision": revision, name: field },
            "required": ["revision", name],
            "additionalProperties": false,
        })
    };
    let reply = any_of(suffixed(commands, "reply"));
    let mut asked = with("reply", reply.clone());
    if let Some(fields) = asked.pointer_mut("/properties").and_then(Value::as_object_mut) {
        let caller = "Who asked, where that was proved by a session or a token.";
        let extend = "The session is to be extended, by a proposal of no command.";
        fields.insert("caller".into(), json!({ "description": caller, "type": "string" }));
        fields.insert("extendSession".into(), json!({ "description": extend, "const": "1" }));
    }
    let replies = json!({ "description": "One for each command, in their order.", "type": "array", "items": reply });
    let mut previewed = with("replies", replies.clone());
    if let Some(fields) = previewed.pointer_mut("/properties").and_then(Value::as_object_mut) {
        let access = "Who would gain or lose what where, by path and then by principal.";
        let access = json!({ "description": access, "type": "array", "items": reference("accessChange") });
        fields.insert("access".into(), access);
        fields.insert("more".into(), json!({ "description": "More rows lie behind these.", "const": true }));
    }
    if let Some(required) = previewed.pointer_mut("/required").and_then(Value::as_array_mut) {
        required.push("access".into());
    }
    json!({ "anyOf": [asked, with("replies", replies), previewed, with("error", reference("error"))] })
}

/// A refusal.
fn error(schema: &Schema) -> Value {
    json!({
        "type": "object",
        "properties": {
            "code": { "description": "What is wrong; the codes never change.", "enum": codes(schema) },
            "message": { "description": "The same for people.", "type": "string" },
            "command": {
                "description": "Which of the proposed commands was refused, from 0.",
                "type": "integer",
                "minimum": 0,
            },
        },
        "required": ["code", "message"],
        "additionalProperties": false,
    })
}

/// The codes of all refusals, in the order of the alphabet.
fn codes(schema: &Schema) -> Vec<String> {
    let none = String::new;
    let with_fields = [
        Refusal::AccessDenied { principal: none(), privilege: none(), kind: none(), name: none() },
        Refusal::NoSuchAclEntry { principal: none(), object: none() },
        Refusal::DuplicateAclEntry { principal: none(), object: none() },
        Refusal::NameTooLong { name: none(), chars: 0 },
        Refusal::ValueTooLong { name: none(), chars: 0, limit: 0 },
        Refusal::NoSuchObject { kind: USER_ACCESS_TOKEN.into(), name: none() },
        Refusal::DuplicateObject { kind: USER_ACCESS_TOKEN.into(), name: none() },
    ];
    let of_types = schema.types().flat_map(|(_, kind)| {
        let kind = || kind.name.clone();
        [Refusal::NoSuchObject { kind: kind(), name: none() }, Refusal::DuplicateObject { kind: kind(), name: none() }]
    });
    let refusals = with_fields.into_iter().chain(of_types).chain(PLAIN.iter().map(|refusal| refusal(none())));
    let codes: BTreeSet<String> = refusals.map(|refusal| refusal.code().into_owned()).collect();
    codes.into_iter().collect()
}

/// The refusals that hold a text and nothing else.
const PLAIN: &[fn(String) -> Refusal] = &[
    Refusal::InvalidPrincipalName,
    Refusal::InvalidPrincipalType,
    Refusal::InvalidPrivilege,
    Refusal::InvalidSystemObject,
    Refusal::InvalidObjectType,
    Refusal::InvalidObjectId,
    Refusal::InvalidBoolean,
    Refusal::InvalidInteger,
    Refusal::InvalidRequestName,
    Refusal::MissingArgument,
    Refusal::InvalidArgument,
    Refusal::InvalidSessionId,
    Refusal::ExpiredSession,
    Refusal::InvalidCredentials,
    Refusal::LoginDisabled,
    Refusal::NotConfigured,
    Refusal::StateTooLarge,
    Refusal::Damaged,
];

/// Who makes a request: principals for whom its sender vouches, or whoever proves a session or a token.
fn caller() -> Value {
    let proof = |of: &str| {
        json!({
            "description": format!("The id of a {of}, and the SHA-256 of its secret."),
            "type": "object",
            "properties": { of: { "type": "string" }, "hash": { "type": "string", "pattern": "^[0-9a-f]{64}$" } },
            "required": [of, "hash"],
            "additionalProperties": false,
        })
    };
    json!({ "anyOf": [reference("principals"), proof("session"), proof("token")] })
}

/// One principal or several.
fn principals() -> Value {
    json!({
        "description": "One principal, or several: what any one of them may, they may.",
        "anyOf": [reference("principal"), { "type": "array", "items": reference("principal"), "minItems": 1 }],
    })
}

fn principal() -> Value {
    let groups = "The groups that it is in, in place of those that the policy knows; the sender of the request vouches \
        for them. With `null` nobody does.";
    json!({
        "anyOf": [
            { "description": "`user:NAME`, `group:NAME` or `serviceAccount:NAME`.", "type": "string",
              "pattern": "^(user|group|serviceAccount):" },
            {
                "type": "object",
                "properties": {
                    "type": reference("principalType"),
                    "name": { "type": "string" },
                    "groups": { "description": groups, "type": ["array", "null"], "items": { "type": "string" } },
                },
                "required": ["type", "name"],
                "additionalProperties": false,
            },
        ],
    })
}
