//! Who is let in, and what ends a session.

use crate::{admin, ask, code, cookie_of, done, done_by, propose, refused_login, service, session};
use portcullis_host::credentials::Credential;
use portcullis_host::service::{Caller, Service};
use serde_json::{Map, json};

#[test]
fn a_wrong_password_and_an_unknown_user_are_refused_in_the_same_words() {
    let mut service = service();
    let wrong = refused_login(&mut service, json!({"userName": "ann", "password": "bob's password"}));
    assert_eq!(wrong.0, "InvalidCredentials");
    for (user, password) in [
        ("nobody", "ann's password"),
        ("", "ann's password"),
        ("bare", "ann's password"),
        ("admin", "ann's password"),
        ("off", "ann's password"),
        ("Everyone", "ann's password"),
        ("ann", "ann's password "),
        ("ann ", "ann's password"),
        ("ann", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$cGFzc3dvcmQtb2YtYW5u"),
    ] {
        assert_eq!(refused_login(&mut service, json!({"userName": user, "password": password})), wrong, "{user:?}");
    }
    done(&mut service, "eraseUser", json!({"userName": "ann"}));
    assert_eq!(refused_login(&mut service, json!({"userName": "ann", "password": "ann's password"})), wrong);
    let disabled = refused_login(&mut service, json!({"userName": "off", "password": "off's password"}));
    assert_eq!(disabled.0, "LoginDisabled");
}

#[test]
fn a_login_takes_a_name_and_a_password_or_a_token_and_comes_alone() {
    let mut service = service();
    for (arguments, code, part) in [
        (json!({}), "MissingArgument", "`password` is not given"),
        (json!({"userName": "ann"}), "MissingArgument", "`password` is not given"),
        (json!({"password": "ann's password"}), "MissingArgument", "`userName` is not given"),
        (json!({"userName": 7, "password": "ann's password"}), "MissingArgument", "`userName` is not given"),
        (json!({"userName": "ann", "password": ""}), "InvalidArgument", "the password is empty"),
        (json!({"userName": "ann", "password": "x".repeat(1025)}), "ValueTooLong", "1025"),
        (json!({"userName": "ann", "password": "x", "token": "y"}), "InvalidArgument", "give one of them"),
        (
            json!({"userName": "ann", "password": "ann's password", "color": "x"}),
            "InvalidArgument",
            "no argument `color`",
        ),
        (json!({"token": ""}), "InvalidCredentials", "it is empty"),
        (json!({"token": "0123-abc"}), "InvalidCredentials", "it is only an id"),
    ] {
        let (found, text) = refused_login(&mut service, arguments.clone());
        assert!(found == code && text.contains(part), "{arguments}: {found}: {text}");
    }
    let login = json!({"userName": "ann", "password": "ann's password"});
    let two = ["login", "login"].map(|command| (command.to_owned(), login.as_object().unwrap().clone()));
    assert_eq!(code(service.propose(&admin(), &two)).as_deref(), Some("InvalidArgument"));
    let with_more = [two[0].clone(), ("createObject".to_owned(), Map::from_iter([("projectName".into(), "P".into())]))];
    assert_eq!(code(service.propose(&admin(), &with_more)).as_deref(), Some("InvalidArgument"));
}

#[test]
fn single_sign_on_takes_no_password() {
    let mut service = service();
    for password in ["ann's password", "wrong"] {
        let both = json!({"userName": "ann", "password": password});
        assert_eq!(code(propose(&mut service, &admin(), "loginSso", both)).as_deref(), Some("InvalidArgument"));
    }
    assert_eq!(code(propose(&mut service, &admin(), "loginSso", json!({}))).as_deref(), Some("MissingArgument"));
    let provider = propose(&mut service, &Caller::user("default"), "loginSso", json!({"code": "c"}));
    assert_eq!(code(provider).as_deref(), Some("NotConfigured"));
}

#[test]
fn a_session_is_no_credential_and_its_id_alone_proves_nothing() {
    let mut service = service();
    let cookie = cookie_of(&mut service, "ann", "ann's password");
    let Caller::Session(own) = session(&cookie) else { panic!("it is a session") };
    let refused = refused_login(&mut service, json!({ "token": cookie }));
    assert!(refused.0 == "InvalidCredentials" && refused.1.contains("it is a session's cookie"), "{refused:?}");
    let wrong = Credential { hash: "0".repeat(64), ..own.clone() };
    for caller in [Caller::Session(wrong.clone()), Caller::Session(Credential { hash: String::new(), ..own.clone() })] {
        assert_eq!(code(ask(&mut service, &caller, "getSchema", json!({}))).as_deref(), Some("InvalidSessionId"));
    }
    let as_token = ask(&mut service, &Caller::Token(own.clone()), "getSchema", json!({}));
    assert_eq!(code(as_token).as_deref(), Some("InvalidCredentials"));
    assert!(ask(&mut service, &Caller::Session(own), "getSchema", json!({})).is_ok());
}

#[test]
fn a_named_session_is_given_by_its_id_or_by_its_cookie_and_nothing_else_is_looked_up() {
    let mut service = service();
    let (one, two) =
        (cookie_of(&mut service, "ann", "ann's password"), cookie_of(&mut service, "ann", "ann's password"));
    let id = two.split_once('.').unwrap().0.to_owned();
    for text in ["", "no cookie", &two[..two.len() - 1], &two.to_uppercase(), "pct_1_x"] {
        let named = propose(&mut service, &admin(), "deleteSession", json!({ "sessionId": text }));
        assert_eq!(code(named).as_deref(), Some("InvalidSessionId"), "{text:?}");
    }
    done(&mut service, "logout", json!({ "sessionId": one }));
    done(&mut service, "deleteSession", json!({ "sessionId": id }));
    for cookie in [one, two] {
        let asked = ask(&mut service, &session(&cookie), "getSchema", json!({}));
        assert_eq!(code(asked).as_deref(), Some("InvalidSessionId"));
    }
}

#[test]
fn a_new_password_ends_the_users_other_sessions_and_not_the_one_that_changed_it() {
    let mut service = service();
    let [own, other] = [(), ()].map(|()| session(&cookie_of(&mut service, "ann", "ann's password")));
    let bobs = session(&cookie_of(&mut service, "bob", "bob's password"));
    let token = done_by(&mut service, &own, "createUserAccessToken", json!({}))["token"].clone();
    let by_token = session(done(&mut service, "login", json!({ "token": token }))["sessionId"].as_str().unwrap());
    let alive = |service: &mut Service| {
        [&own, &other, &by_token, &bobs].map(|caller| ask(service, caller, "getSchema", json!({})).is_ok())
    };
    let refused = propose(&mut service, &by_token, "changeOwnUser", json!({"userName": "ann", "password": "x"}));
    assert_eq!(code(refused).as_deref(), Some("AccessDenied"));
    done_by(&mut service, &own, "changeOwnUser", json!({"userName": "ann", "fullUserName": "Ann"}));
    assert_eq!(alive(&mut service), [true; 4]);
    done_by(&mut service, &own, "changeOwnUser", json!({"userName": "ann", "password": "another"}));
    assert_eq!(alive(&mut service), [true, false, false, true]);
    assert_eq!(
        refused_login(&mut service, json!({"userName": "ann", "password": "ann's password"})).0,
        "InvalidCredentials"
    );
    cookie_of(&mut service, "ann", "another");
    done(&mut service, "modifyUser", json!({"userName": "ann", "password": "a third"}));
    assert_eq!(alive(&mut service), [false, false, false, true], "it was somebody else");
    let mut again = || done(&mut service, "login", json!({ "token": token }));
    assert!(again().get("sessionId").is_some(), "tokens are no passwords");
}

#[test]
fn deleting_disabling_and_erasing_end_all_sessions_and_tokens() {
    let ways = [
        ("deleteUser", json!({"userName": "ann"})),
        ("deleteObject", json!({"path": "/users/ann"})),
        ("modifyUser", json!({"userName": "ann", "disabled": "1"})),
        ("eraseUser", json!({"userName": "ann"})),
    ];
    for (command, arguments) in ways {
        let mut service = service();
        let own = session(&cookie_of(&mut service, "ann", "ann's password"));
        let token = done_by(&mut service, &own, "createUserAccessToken", json!({}))["token"].clone();
        let by_token = session(done(&mut service, "login", json!({ "token": token }))["sessionId"].as_str().unwrap());
        done(&mut service, command, arguments);
        for caller in [&own, &by_token] {
            let asked = ask(&mut service, caller, "getSchema", json!({}));
            assert_eq!(code(asked).as_deref(), Some("InvalidSessionId"), "{command}");
        }
        assert_eq!(refused_login(&mut service, json!({ "token": token })).0, "InvalidCredentials", "{command}");
    }
}
