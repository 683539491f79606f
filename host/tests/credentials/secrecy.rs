//! What is secret or private is in no log, no snapshot, no error and no listing, and what is erased is in no file.

use crate::vault::{Secrets, Vault, files, open};
use crate::{admin, ask, cookie_of, done, done_by, propose, refused_login, runtime, service, session};
use portcullis_host::credentials::{Credential, SecretKind};
use portcullis_host::service::{Caller, Service, ServiceError, verify};
use serde_json::{Value, json};

const DAY_MS: i64 = 86_400_000;

#[test]
fn nothing_secret_or_private_is_in_the_log_or_in_a_snapshot() {
    let mut vault = Vault::new();
    let mut all = vault.log_and_snapshot();
    all.extend(vault.service.snapshot(&admin()).unwrap());
    let mut control = Secrets::default();
    control.add("a name", "recognisable project 0");
    control.add("a description", "for the night build");
    assert_eq!(control.found(&all).len(), 2, "the search finds what is there");
    vault.secrets.assert_absent("the log or a snapshot", &all);
    let rows = vault.service.log(&admin(), u64::MAX, u32::MAX).unwrap();
    assert!(rows.iter().any(|row| row.commands == ["createUserAccessToken"]));
    vault.secrets.assert_absent("the log as it is told", format!("{rows:?}"));
}

/// What is shown once is kept nowhere at all, not even where private values are.
#[test]
fn passwords_tokens_and_cookies_are_in_no_file() {
    let vault = Vault::new();
    let kept = files(vault.folder.path());
    let found = vault.secrets.found(&kept);
    assert!(
        found.contains(&"ann: e-mail address") && found.contains(&"ann: token, hash"),
        "the search finds: {found:?}"
    );
    let is_shown = |name: &&str| {
        let part = ["password", "checked part", "secret part", "bytes"].iter().any(|part| name.ends_with(part));
        part || vault.shown.contains_key(*name)
    };
    assert_eq!(found.into_iter().filter(is_shown).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn after_erasing_nothing_of_the_user_is_in_any_file_and_a_replay_finds_it_unset() {
    let mut vault = Vault::new();
    let (anns, bobs, before) = (vault.secrets.of("ann"), vault.secrets.of("bob"), vault.private());
    assert!(anns.found(&files(vault.folder.path())).len() > 5);
    done(&mut vault.service, "eraseUser", json!({"userName": "ann"}));
    let gone = vault.gone(&before);
    assert_eq!(gone.0.len(), 2 * 7, "three values, two tokens, two sessions, and the salt of each");
    for secrets in [&anns, &gone] {
        secrets.assert_absent("a file of the store", files(vault.folder.path()));
    }
    assert!(bobs.found(&files(vault.folder.path())).len() > 2, "bob's are there");
    verify(&vault.store, &runtime(), None).unwrap();

    let mut replayed = open(&vault.store, &vault.clock_ms);
    let user = ask(&mut replayed, &admin(), "getUser", json!({"userName": "ann"})).unwrap();
    assert!(user["userInfo"].get("email").is_none() && user["userInfo"].get("fullUserName").is_none(), "{user}");
    let bob = ask(&mut replayed, &admin(), "getUser", json!({"userName": "bob"})).unwrap();
    assert_eq!(bob["userInfo"]["email"], "bob's very own address@example.org");
    for password in ["ann's very own Password", "ann's later and better password"] {
        let refused = refused_login(&mut replayed, json!({"userName": "ann", "password": password}));
        assert_eq!(refused.0, "InvalidCredentials");
    }
    cookie_of(&mut replayed, "bob", "bob's very own Password");
    drop((vault.service, replayed, vault.store));
    for secrets in [&anns, &gone] {
        secrets.assert_absent("a file of the closed store", files(vault.folder.path()));
    }
}

#[test]
fn values_that_were_replaced_cleared_or_deleted_are_in_no_file() {
    let mut vault = Vault::new();
    let mut before = vault.private();
    let steps = [
        ("modifyUser", json!({"userName": "bob", "email": "", "fullUserName": "another name"}), 2),
        ("modifyUser", json!({"userName": "bob", "password": "another password"}), 2),
        ("revokeUserAccessToken", json!({"userName": "ann", "userAccessTokenName": "ci"}), 2),
        ("deleteUser", json!({"userName": "ann"}), 5),
        ("deleteObject", json!({"serviceAccountName": "hook"}), 1),
    ];
    for (command, arguments, values) in steps {
        done(&mut vault.service, command, arguments);
        let gone = vault.gone(&before);
        assert_eq!(gone.0.len(), 2 * values, "{command}: each value and its salt");
        gone.assert_absent(command, files(vault.folder.path()));
        before = vault.private();
    }
    assert_eq!(before.len(), 2, "bob's name and password");
    verify(&vault.store, &runtime(), None).unwrap();
}

/// Every refusal that may come of what was typed, with what was typed as secret as it can be.
#[test]
fn no_error_tells_a_secret() {
    let mut vault = Vault::new();
    let mut other = service();
    let mut texts = Vec::new();
    let shown = vault.shown.clone();
    let (cookie, token) = (shown["ann: first session"].as_str(), shown["ann: token"].as_str());
    let foreign = cookie_of(&mut other, "ann", "ann's password");
    vault.secrets.add_credential("foreign cookie", SecretKind::Session, &foreign);
    let foreign_token = done_by(&mut other, &Caller::user("ann"), "createUserAccessToken", json!({}))["token"].clone();
    let foreign_token = foreign_token.as_str().unwrap();
    vault.secrets.add_credential("foreign token", SecretKind::Token, foreign_token);
    let mut misspelt = vec![cookie.to_owned(), token.to_owned(), foreign.clone(), foreign_token.to_owned()];
    for text in [cookie, token] {
        misspelt.extend([
            text[..text.len() - 3].to_owned(),
            format!("{text}x"),
            format!("x{text}"),
            text.replace('_', "-"),
        ]);
        misspelt.push(format!("{}{}", &text[..text.len() - 1], if text.ends_with('0') { "1" } else { "0" }));
    }
    for (kind, text) in misspelt.iter().flat_map(|text| [(SecretKind::Session, text), (SecretKind::Token, text)]) {
        match Credential::parse(kind, text) {
            Ok(credential) => {
                texts.push(format!("{credential:?}"));
                for caller in [Caller::Session(credential.clone()), Caller::Token(credential)] {
                    texts.push(format!("{caller:?}"));
                    let asked =
                        ask(&mut vault.service, &caller, "getUserAccessToken", json!({"userAccessTokenName": "none"}));
                    texts.extend(asked.err().map(|error| format!("{error} {error:?}")));
                }
            }
            Err(error) => texts.push(format!("{error} {error:?}")),
        }
    }
    let (short_cookie, short_token) = (&cookie[..cookie.len() - 3], &token[..token.len() - 3]);
    let passwords = ["ann's later and better password", "bob's very own Password"];
    for secret in [cookie, token, short_cookie, short_token].into_iter().chain(passwords) {
        for (command, arguments) in [
            ("login", json!({"userName": "ann", "password": secret, "color": 1})),
            ("login", json!({"userName": "bob", "password": secret, "token": secret})),
            ("login", json!({"userName": secret, "password": secret})),
            ("login", json!({ "password": secret })),
            ("login", json!({"token": secret, "userName": "nobody"})),
            ("loginSso", json!({"userName": "ann", "password": secret})),
            ("loginSso", json!({"code": secret, "samlResponse": secret, "state": secret})),
            ("logout", json!({"sessionId": secret, "jwtToken": secret})),
            ("logout", json!({ "jwtToken": secret })),
            ("createUser", json!({"userName": "bob", "password": secret, "email": secret})),
            ("createUser", json!({"userName": "new", "password": [secret]})),
            ("createUser", json!({"userName": "new", "password": { "value": secret }})),
            ("createUser", json!({"userName": "project: x", "password": secret, "fullUserName": secret})),
            ("modifyUser", json!({"userName": "nobody", "password": secret})),
            ("modifyUser", json!({"userName": "bob", "password": secret.repeat(100)})),
            ("modifyUser", json!({"userName": "bob", "email": secret.repeat(200)})),
            ("modifyUser", json!({"userName": "bob", "fullUserName": secret.repeat(200)})),
            ("modifyUser", json!({"userName": "bob", "passwrd": secret})),
            ("changeOwnUser", json!({"userName": "bob", "password": secret, "email": secret})),
            ("modifySession", json!({"sessionId": secret, "expirationDate": "soon"})),
            ("deleteSession", json!({"sessionId": format!("{secret}{secret}")})),
        ] {
            let before = vault.service.head();
            match propose(&mut vault.service, &admin(), command, arguments.clone()) {
                Err(error) => texts.push(format!("{error} {error:?}")),
                // Some of them are right.
                Ok(_) => assert!(vault.service.head() != before, "{command} {arguments}"),
            }
        }
    }
    assert!(texts.len() > 150, "{}", texts.len());
    vault.secrets.assert_absent("an error", texts.join("\n"));
}

#[test]
fn a_token_is_not_taken_for_its_name() {
    let mut vault = Vault::new();
    let (cookie, token) = (vault.shown["ann: first session"].clone(), vault.shown["ann: token"].clone());
    let ann = Caller::user("ann");
    for text in [cookie.as_str(), &token, &token[..token.len() - 1], &format!(" {token}")] {
        for command in ["createUserAccessToken", "modifyUserAccessToken", "revokeUserAccessToken"] {
            let error = propose(&mut vault.service, &ann, command, json!({ "userAccessTokenName": text })).unwrap_err();
            assert_eq!(error.code(), "InvalidArgument", "{command}");
            vault.secrets.assert_absent(command, format!("{error} {error:?}"));
        }
    }
    for name in ["pct", "pct_", "3f0c91d2-7a51-4a8e-0000-000400000001", "a.pcs", "pct_x y"] {
        done_by(&mut vault.service, &ann, "createUserAccessToken", json!({ "userAccessTokenName": name }));
    }
}

#[test]
fn no_listing_shows_a_secret_and_private_values_only_to_who_may_read_the_user() {
    let mut vault = Vault::new();
    let (ann, bob) = (session(&vault.shown["ann: first session"]), session(&vault.shown["bob: session"]));
    let by_token = session(&vault.shown["ann: session by token"].clone());
    let none = json!({});
    // By default everybody may read everybody: bob may not read ann.
    done(
        &mut vault.service,
        "createAclEntry",
        json!({"userName": "ann", "principalType": "user", "principalName": "bob", "readPrivilege": "deny"}),
    );
    let questions = [
        ("getUser", json!({"userName": "ann"})),
        ("getUser", json!({"userName": "bob"})),
        ("getUsers", none.clone()),
        ("getUserAccessTokens", json!({"userName": "ann"})),
        ("getUserAccessToken", json!({"userName": "ann", "userAccessTokenName": "ci"})),
        ("getUserAccessTokenSessions", json!({"userName": "ann", "userAccessTokenName": "ci"})),
        ("getSessions", none.clone()),
        ("getObjects", json!({"systemObjectName": "server", "recursive": true})),
        ("getAccess", json!({"userName": "ann"})),
        ("explain", json!({"userName": "ann", "privilege": "read"})),
        ("access", json!({"principal": "user:ann"})),
        ("getUserSettings", none.clone()),
        ("getGroups", none.clone()),
        ("getGroupMembers", none.clone()),
        ("getPermissions", json!({"principalType": "user", "entityName": "ann"})),
        ("getAccessEntries", none.clone()),
        ("getSchema", none.clone()),
    ];
    let names = |person: &str| [format!("{person}: e-mail address"), format!("{person}: full name")];
    for (caller, may_know) in
        [(admin(), &["ann", "bob"][..]), (ann, &["ann", "bob"]), (by_token, &["ann", "bob"]), (bob, &["bob"])]
    {
        let mut all = String::new();
        let mut answered = 0;
        for (command, arguments) in &questions {
            match service_answer(&mut vault.service, &caller, command, arguments) {
                Ok(answer) => {
                    answered += 1;
                    all.push_str(&answer);
                }
                Err(error) => all.push_str(&format!("{error} {error:?}")),
            }
        }
        assert!(answered >= 9, "{caller:?} was answered {answered}");
        let mut found: Vec<String> = vault.secrets.found(all.as_bytes()).into_iter().map(str::to_owned).collect();
        found.retain(|name| !name.starts_with("private value"));
        let expected: Vec<String> = may_know.iter().flat_map(|person| names(person)).collect();
        assert_eq!(found, expected, "{caller:?}");
        assert!(!all.contains("argon2id"), "{caller:?}");
    }
}

fn service_answer(
    service: &mut Service,
    caller: &Caller,
    command: &str,
    arguments: &Value,
) -> Result<String, ServiceError> {
    let answer = service.ask(caller, command, arguments.as_object().unwrap())?;
    Ok(format!("{} {answer:?}", answer.reply))
}

#[test]
fn errors_of_ended_sessions_and_tokens_tell_their_ids_alone() {
    let mut vault = Vault::new();
    vault.advance(3 * DAY_MS);
    let cookie = vault.shown["ann: first session"].clone();
    let error = ask(&mut vault.service, &session(&cookie), "getSchema", json!({})).unwrap_err();
    assert_eq!(error.code(), "ExpiredSession");
    assert!(error.to_string().contains(cookie.split_once('.').unwrap().0), "{error}");
    let token = vault.shown["ann: brief token"].clone();
    let expired = propose(&mut vault.service, &admin(), "login", json!({ "token": token })).unwrap_err();
    assert!(expired.code() == "InvalidCredentials" && expired.to_string().contains("`brief` expired at"), "{expired}");
    vault.secrets.assert_absent("an error", format!("{error} {error:?} {expired} {expired:?}"));
}
