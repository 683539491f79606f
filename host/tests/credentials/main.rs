//! Logging in, passwords and tokens by the service; and that nothing secret is anywhere where it must not be.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod logins;
mod secrecy;
mod vault;

use portcullis_host::credentials::{Credential, SecretKind};
use portcullis_host::runtime::Runtime;
use portcullis_host::service::{Caller, Service, ServiceError, ServiceOptions};
use portcullis_host::store::MemoryStore;
use serde_json::{Value, json};
use std::sync::Arc;

fn runtime() -> Arc<Runtime> {
    Arc::new(Runtime::new().unwrap())
}

/// A service on a new policy in memory, with the users `ann`, `bob` and `off`, who is disabled, and with `bare`, who has no
/// password.
fn service() -> Service {
    let mut service = Service::open(Box::new(MemoryStore::new()), runtime(), &ServiceOptions::default()).unwrap();
    for user in ["ann", "bob", "off"] {
        done(&mut service, "createUser", json!({"userName": user, "password": format!("{user}'s password")}));
    }
    done(&mut service, "modifyUser", json!({"userName": "off", "disabled": true}));
    done(&mut service, "createObject", json!({"userName": "bare"}));
    service
}

fn admin() -> Caller {
    Caller::user("admin")
}

fn propose(service: &mut Service, caller: &Caller, command: &str, arguments: Value) -> Result<Value, ServiceError> {
    let answers = service.propose(caller, &[(command.to_owned(), arguments.as_object().unwrap().clone())])?;
    Ok(answers.replies[0].clone())
}

fn done_by(service: &mut Service, caller: &Caller, command: &str, arguments: Value) -> Value {
    propose(service, caller, command, arguments).unwrap_or_else(|error| panic!("{command}: {error}"))
}

fn done(service: &mut Service, command: &str, arguments: Value) -> Value {
    done_by(service, &admin(), command, arguments)
}

fn ask(service: &mut Service, caller: &Caller, command: &str, arguments: Value) -> Result<Value, ServiceError> {
    service.ask(caller, command, arguments.as_object().unwrap()).map(|answer| answer.reply)
}

/// Code and text of what a login is refused with.
fn refused_login(service: &mut Service, arguments: Value) -> (String, String) {
    let error = propose(service, &Caller::user("default"), "login", arguments).unwrap_err();
    (error.code().to_owned(), error.to_string())
}

fn cookie_of(service: &mut Service, user: &str, password: &str) -> String {
    let reply = done(service, "login", json!({"userName": user, "password": password}));
    reply["sessionId"].as_str().unwrap().to_owned()
}

fn session(cookie: &str) -> Caller {
    Caller::Session(Credential::parse(SecretKind::Session, cookie).unwrap())
}

fn code<T>(result: Result<T, ServiceError>) -> Option<String> {
    result.err().map(|error| error.code().to_owned())
}
