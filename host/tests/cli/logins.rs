//! Logging in and out, and what becomes of a session that has ended.

use crate::program::{Desk, Run};
use portcullis_host::runtime::Runtime;
use portcullis_host::service::{Caller, Clock, Service, ServiceOptions};
use portcullis_host::store::{SqliteOptions, SqliteStore};
use serde_json::{Map, Value, json};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

const SESSION: &str = ".local/state/portcullis/session";
const PASSWORD: &str = "correct horse";

/// A desk with a shop, and with a user `dora` who has a password.
fn desk() -> Desk {
    let desk = Desk::with_shop();
    desk.ok_words(&["modifyUser", "dora", "--password", PASSWORD]);
    desk
}

/// Logs `dora` in, and gives her cookie.
fn log_in(desk: &Desk) -> String {
    desk.ok_words(&["login", "dora", PASSWORD])["sessionId"].as_str().unwrap().to_owned()
}

/// The cookies that are kept.
fn kept(desk: &Desk) -> Vec<String> {
    let content: Value = serde_json::from_slice(&fs::read(desk.path(SESSION)).unwrap()).unwrap();
    content["sessions"].as_object().unwrap().values().map(|cookie| cookie.as_str().unwrap().to_owned()).collect()
}

/// Whom the program takes the caller for, where each has a token.
fn caller(desk: &Desk, words: &[&str], environment: &[(&str, &str)]) -> String {
    let mut program = desk.program();
    program.args(words).arg("getUserAccessTokens").envs(environment.iter().copied());
    let run = Run::of(&program.output().unwrap());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let tokens: Value = serde_json::from_str(&run.stdout).unwrap();
    tokens["userAccessToken"][0]["userName"].as_str().unwrap().to_owned()
}

fn with_session(desk: &Desk, cookie: &str, words: &[&str]) -> Run {
    Run::of(&desk.program().args(words).env("PORTCULLIS_SESSION", cookie).output().unwrap())
}

fn write_private(desk: &Desk, file: &str, content: &str) {
    desk.write(file, content);
    fs::set_permissions(desk.path(file), fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_login_is_kept_in_a_file_of_its_owner_alone_and_later_commands_are_the_users() {
    let desk = desk();
    let cookie = log_in(&desk);
    let mode = |name: &str| fs::metadata(desk.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(SESSION), mode(".local/state/portcullis")), (0o600, 0o700));
    assert_eq!(kept(&desk), [cookie]);
    let denied = desk.fails(1, "AccessDenied", &["createObject", "Other"]);
    assert!(denied.contains("'dora'"), "{denied}");
    desk.ok("changeOwnUser dora --email dora@example.org");
    assert_eq!(desk.ok("--as admin log --limit 1")["changeSet"][0]["caller"], "user:dora");
    let token = desk.ok("createUserAccessToken --userAccessTokenName ci")["token"].as_str().unwrap().to_owned();
    let second = desk.ok_words(&["login", "--token", &token])["sessionId"].clone();
    assert_eq!(kept(&desk), [second.as_str().unwrap()], "a login takes the place of the one before");
    desk.fails(1, "AccessDenied", &["createUserAccessToken"]);
    desk.ok("revokeUserAccessTokens");
    let error = desk.fails(1, "InvalidSessionId", &["getUserSettings"]);
    assert!(error.contains("log in again"), "{error}");
}

#[test]
fn a_name_wins_over_a_session_and_the_environment_over_the_file() {
    let desk = desk();
    desk.ok_words(&["modifyUser", "admin", "--password", "admin's"]);
    let admin = desk.ok_words(&["login", "admin", "admin's"])["sessionId"].as_str().unwrap().to_owned();
    for user in ["admin", "dora"] {
        desk.ok_words(&["--as", user, "createUserAccessToken"]);
    }
    log_in(&desk);
    let (session, named) = (("PORTCULLIS_SESSION", admin.as_str()), ("PORTCULLIS_AS", "dora"));
    assert_eq!(caller(&desk, &[], &[]), "dora");
    assert_eq!(caller(&desk, &["--as", "admin"], &[]), "admin");
    assert_eq!(caller(&desk, &[], &[("PORTCULLIS_AS", "admin")]), "admin");
    assert_eq!(caller(&desk, &[], &[session]), "admin");
    assert_eq!(caller(&desk, &["--as", "dora"], &[session]), "dora");
    assert_eq!(caller(&desk, &[], &[session, named]), "dora");
    assert_eq!(caller(&desk, &["--as", "admin"], &[session, named]), "admin");
    for wrong in ["", "dora", "12.secret"] {
        let run = with_session(&desk, wrong, &["getUserSettings"]);
        run.assert_failed(1, "InvalidSessionId");
    }
}

#[test]
fn a_session_of_admin_does_what_admin_alone_may() {
    let desk = desk();
    desk.ok_words(&["modifyUser", "admin", "--password", "admin's"]);
    desk.write("export/projects/P/acls/acl.dsl", "acl {\n}\n");
    desk.ok_words(&["login", "admin", "admin's"]);
    for words in [
        &["log"][..],
        &["log", "--head"],
        &["verify"],
        &["snapshot", "snapshot.bin"],
        &["import", "export"],
        &["erase", "user", "dora"],
    ] {
        desk.ok_words(words);
    }
    assert_eq!(desk.ok("log --limit 1")["changeSet"][0]["caller"], "user:admin");
}

#[test]
fn each_store_has_its_own_session() {
    let desk = desk();
    desk.ok("--store other.db createUser eve pw");
    desk.ok("--store other.db login eve pw");
    desk.ok("createObject Later");
    let denied = desk.fails(1, "AccessDenied", &["--store", "other.db", "createObject", "Other"]);
    assert!(denied.contains("'eve'"), "{denied}");
    log_in(&desk);
    assert_eq!(kept(&desk).len(), 2);
    desk.ok("--store other.db logout");
    assert_eq!(kept(&desk).len(), 1);
    desk.ok("--store other.db createObject Other");
    desk.fails(1, "AccessDenied", &["createObject", "Other"]);
    // A cookie of another policy proves nothing here.
    let foreign = desk.ok("--store other.db login eve pw")["sessionId"].as_str().unwrap().to_owned();
    with_session(&desk, &foreign, &["getUserSettings"]).assert_failed(1, "InvalidSessionId");
}

#[test]
fn logging_out_ends_the_session_and_forgets_it() {
    let desk = desk();
    let cookie = log_in(&desk);
    desk.ok("logout");
    assert!(kept(&desk).is_empty());
    with_session(&desk, &cookie, &["getUserSettings"]).assert_failed(1, "InvalidSessionId");
    let error = desk.fails(1, "MissingArgument", &["logout"]);
    assert!(error.contains("the caller has no session"), "{error}");
}

/// Whoever is logged in must not become `admin` because somebody else is logged out.
#[test]
fn logging_another_session_out_forgets_no_session_but_that_one() {
    let desk = desk();
    let (other, own) = (log_in(&desk), log_in(&desk));
    desk.ok_words(&["logout", "--sessionId", &other]);
    assert_eq!(kept(&desk), [own.as_str()]);
    desk.fails(1, "InvalidSessionId", &["logout", "--sessionId", "nonsense"]);
    desk.fails(1, "NoSuchSession", &["logout", "--sessionId", &other]);
    desk.fails(1, "NotConfigured", &["logout", "--uiLogout", "1"]);
    assert_eq!(kept(&desk), [own.as_str()]);

    let third = desk.ok_words(&["--as", "dora", "login", "dora", PASSWORD])["sessionId"].as_str().unwrap().to_owned();
    assert_eq!(with_session(&desk, &own, &["logout"]).code, 0);
    with_session(&desk, &own, &["logout"]).assert_failed(1, "InvalidSessionId");
    assert_eq!(kept(&desk), [third.as_str()], "the environment's session was not the kept one");
    desk.fails(1, "AccessDenied", &["createObject", "Other"]);
    desk.ok_words(&["--as", "admin", "logout", "--sessionId", &third]);
    assert!(kept(&desk).is_empty(), "it was the kept one");
}

#[test]
fn a_login_that_fails_changes_nothing_and_tells_nobody_which_was_wrong() {
    let desk = desk();
    let cookie = log_in(&desk);
    let before = desk.ok("--as admin log --head");
    let wrong = desk.fails(1, "InvalidCredentials", &["login", "dora", "wrong horse"]);
    for words in [["login", "nobody", PASSWORD], ["login", "admin", PASSWORD], ["login", "Dora", PASSWORD]] {
        assert_eq!(desk.fails(1, "InvalidCredentials", &words), wrong, "{words:?}");
    }
    desk.fails(1, "InvalidCredentials", &["login", "--token", "pct_1_x"]);
    desk.fails(1, "InvalidCredentials", &["loginSso", "--token", &cookie]);
    desk.fails(1, "NotConfigured", &["loginSso", "--code", "x"]);
    desk.fails(2, "MissingArgument", &["login"]);
    desk.fails(2, "MissingArgument", &["login", "dora"]);
    assert_eq!(kept(&desk), [cookie.as_str()]);
    assert_eq!(desk.ok("--as admin log --head"), before);
    desk.ok("--as admin modifyUser dora --disabled 1");
    desk.fails(1, "LoginDisabled", &["login", "dora", PASSWORD]);
    desk.fails(1, "InvalidSessionId", &["getUserSettings"]);
}

#[test]
fn a_login_makes_no_store_where_there_is_none() {
    let desk = Desk::new();
    desk.fails(1, "InvalidCredentials", &["login", "admin", "admin"]);
    assert!(!desk.path("portcullis.db").exists() && !desk.path(SESSION).exists());
    desk.ok_words(&["createUser", "dora", PASSWORD, "--email", "dora@example.org"]);
    log_in(&desk);
}

#[test]
fn a_session_that_cannot_be_kept_safely_is_not_kept() {
    let desk = desk();
    let cookie = log_in(&desk);
    fs::set_permissions(desk.path(SESSION), fs::Permissions::from_mode(0o644)).unwrap();
    let error = desk.fails(1, "SessionFileUnsafe", &["login", "dora", PASSWORD]);
    assert!(error.contains("chmod 600") && !error.contains(&cookie), "{error}");
    assert_eq!(kept(&desk), [cookie]);
}

#[test]
fn a_kept_session_that_is_none_is_refused_until_somebody_logs_in() {
    let desk = desk();
    log_in(&desk);
    let store = desk.path("portcullis.db").canonicalize().unwrap();
    for wrong in ["12.secret", "", "pct_1_secret"] {
        write_private(&desk, SESSION, &json!({ "sessions": { store.to_str().unwrap(): wrong } }).to_string());
        for words in [&["createObject", "Other"][..], &["checkAccess", "Shop"], &["log"]] {
            let error = desk.fails(1, "InvalidSessionId", words);
            assert!(error.contains("log in again") && !error.contains("secret"), "{error}");
        }
        desk.ok("--as admin checkAccess Shop");
    }
    let cookie = log_in(&desk);
    assert_eq!(kept(&desk), [cookie]);
    desk.ok("checkAccess Shop");
}

/// A desk whose kept session ended a moment ago: it was made three days ago, by the service itself, whose clock can be set.
fn with_ended_session() -> (Desk, String) {
    let desk = desk();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portcullis.db");
    let clock = Clock::new(move || now - 3 * 86_400_000);
    let store = SqliteStore::open(&path, &SqliteOptions::default()).unwrap();
    let options = ServiceOptions { clock, ..ServiceOptions::default() };
    let mut service = Service::open(Box::new(store), Arc::new(Runtime::new().unwrap()), &options).unwrap();
    let mut propose = |command: &str, arguments: Value| {
        let arguments: Map<String, Value> = arguments.as_object().unwrap().clone();
        service.propose(&Caller::user("admin"), &[(command.to_owned(), arguments)]).unwrap().replies.remove(0)
    };
    propose("createUser", json!({"userName": "dora", "password": PASSWORD}));
    propose("createObject", json!({"projectName": "Shop"}));
    let reply = propose("login", json!({"userName": "dora", "password": PASSWORD}));
    drop(service);
    fs::copy(&path, desk.path("portcullis.db")).unwrap();
    let cookie = reply["sessionId"].as_str().unwrap().to_owned();
    let store = desk.path("portcullis.db").canonicalize().unwrap();
    write_private(&desk, SESSION, &json!({ "sessions": { store.to_str().unwrap(): cookie } }).to_string());
    (desk, cookie)
}

#[test]
fn an_ended_session_is_refused_by_every_command_and_is_never_admins() {
    let (desk, cookie) = with_ended_session();
    desk.write("export/projects/P/acls/acl.dsl", "acl {\n}\n");
    let before = desk.ok("--as admin log --head");
    for words in [
        &["createObject", "Other"][..],
        &["checkAccess", "Shop"],
        &["getUserSettings"],
        &["getSessions"],
        &["log"],
        &["log", "--head"],
        &["verify"],
        &["snapshot", "snapshot.bin"],
        &["erase", "user", "dora"],
        &["import", "export"],
        &["createUser", "eve", "pw"],
    ] {
        let error = desk.fails(1, "ExpiredSession", words);
        assert!(error.contains("log in again"), "{words:?}: {error}");
        with_session(&desk, &cookie, words).assert_failed(1, "ExpiredSession");
    }
    assert!(!desk.path("snapshot.bin").exists());
    assert_eq!(desk.ok("--as admin log --head"), before);
    desk.ok("--as admin checkAccess Shop");
    assert_eq!(kept(&desk), [cookie.as_str()], "it is kept until somebody logs in or out");
    log_in(&desk);
    desk.fails(1, "AccessDenied", &["createObject", "Other"]);
}

#[test]
fn logging_out_of_an_ended_session_forgets_it() {
    let (desk, _) = with_ended_session();
    desk.fails(1, "ExpiredSession", &["logout", "--sessionId", "00000000-0000-0000-0000-000000000001"]);
    assert_eq!(kept(&desk).len(), 1, "another was meant");
    desk.fails(1, "ExpiredSession", &["logout"]);
    assert!(kept(&desk).is_empty());
}

#[test]
fn a_password_comes_by_place_by_option_out_of_a_file_or_from_standard_input() {
    let desk = desk();
    desk.write("pw", "correct horse\nand more\n");
    desk.ok_words(&["login", "dora", PASSWORD]);
    desk.ok_words(&["login", "--userName", "dora", "--password", PASSWORD]);
    desk.ok_words(&["login", "dora", "--passwordFile", "pw"]);
    desk.ok_words(&["login", "dora", "not this", "--passwordFile", "pw"]);
    let error = desk.fails(1, "FileUnreadable", &["login", "dora", "--passwordFile", "none"]);
    assert!(error.contains("`none`"), "{error}");
    let mut child = desk.program();
    child.args(["login", "dora", "--passwordFile", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"correct horse\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("sessionId"));
    desk.ok_words(&["--as", "admin", "createUser", "eve", "--passwordFile", "pw"]);
    desk.ok_words(&["login", "eve", PASSWORD]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_password_that_is_left_out_is_asked_for_at_the_terminal_and_not_shown() {
    use std::io::{BufReader, Read};

    let desk = desk();
    let line = format!("'{}' login dora", env!("CARGO_BIN_EXE_portcullis"));
    let mut script = desk.program_at("script");
    script.args(["-qec", &line, "/dev/null"]).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let Ok(mut script) = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
        eprintln!(
            "skipped: a_password_that_is_left_out_is_asked_for_at_the_terminal_and_not_shown: there is no `script`"
        );
        return;
    };
    let mut shown = String::new();
    let mut output = BufReader::new(script.stdout.take().unwrap());
    while !shown.contains("password: ") {
        let mut byte = [0];
        output.read_exact(&mut byte).unwrap();
        shown.push(char::from(byte[0]));
    }
    // What is typed before the echo is off would be thrown away.
    std::thread::sleep(std::time::Duration::from_secs(1));
    script.stdin.take().unwrap().write_all(b"correct horse\n").unwrap();
    output.read_to_string(&mut shown).unwrap();
    assert!(script.wait().unwrap().success(), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
    assert_eq!(kept(&desk).len(), 1);
    desk.fails(1, "AccessDenied", &["createObject", "Other"]);
}

#[test]
fn the_vendors_tools_log_in_and_answer_in_xml() {
    let desk = desk();
    for words in [["ectool", "login", "dora", PASSWORD], ["cmtool", "login", "dora", PASSWORD]] {
        let run = desk.run(&words);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words:?}");
        let cookie = kept(&desk).remove(0);
        assert_eq!(run.stdout, format!("<response>\n  <sessionId>{cookie}</sessionId>\n</response>\n"), "{words:?}");
    }
    let refused = desk.run(&["ectool", "login", "dora", "wrong"]);
    assert!(refused.stderr.contains("<code>InvalidCredentials</code>"), "{}", refused.stderr);
    let silent = desk.run(&["ectool", "--silent", "login", "dora", PASSWORD]);
    assert_eq!((silent.code, silent.stdout.as_str()), (0, ""));
    desk.ok("checkAccess Shop");
    assert_eq!(desk.run(&["ectool", "logout"]).code, 0);
    assert!(kept(&desk).is_empty());
}

#[test]
fn deprecated_commands_work_and_say_so_beside_the_answer() {
    let desk = desk();
    desk.ok("createObject --serviceAccountName hook");
    let run = |words: &[&str]| {
        let run = desk.run(words);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(run.stderr, format!("note: `{}` is deprecated\n", words[0]));
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    };
    let cookie = run(&["createSession", "--serviceAccountName", "hook"])["sessionId"].as_str().unwrap().to_owned();
    run(&["modifySession", "--sessionId", &cookie, "--expirationDate", "2099-12-31", "--timeZone", "Europe/Berlin"]);
    let listed = run(&["getSessions", "--serviceAccountName", "hook"]);
    assert_eq!(listed["session"][0]["expirationDate"], "2099-12-30T23:00:00.000Z");
    assert!(!listed.to_string().contains(".pcs_"), "{listed}");
    assert_eq!(with_session(&desk, &cookie, &["checkAccess", "Shop"]).code, 0);
    run(&["deleteSession", "--sessionId", &cookie]);
    assert!(!desk.path(SESSION).exists(), "none of them is a login");
    // An error is read as a whole.
    desk.fails(1, "NoSuchSession", &["deleteSession", "--sessionId", &cookie]);
}

#[test]
fn erasing_a_user_ends_its_sessions_and_takes_its_values_out_of_the_store() {
    let desk = desk();
    desk.ok_words(&[
        "modifyUser",
        "dora",
        "--email",
        "recognisable@example.org",
        "--fullUserName",
        "Recognisable Name",
    ]);
    desk.ok("createUser eve pw");
    let cookie = log_in(&desk);
    let has = |value: &str| {
        let files = fs::read_dir(desk.path("")).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.is_file()).flat_map(|path| fs::read(path).unwrap());
        files.collect::<Vec<u8>>().windows(value.len()).any(|bytes| bytes == value.as_bytes())
    };
    assert!(has("recognisable@example.org") && has("Recognisable Name"));
    desk.fails(1, "AccessDenied", &["erase", "user", "dora"]);
    desk.fails(1, "NoSuchUser", &["--as", "admin", "erase", "user", "nobody"]);
    desk.fails(2, "InvalidArgument", &["--as", "admin", "erase", "group", "dora"]);
    desk.ok("--as admin erase user dora");
    assert!(!has("recognisable@example.org") && !has("Recognisable Name"));
    with_session(&desk, &cookie, &["getUserSettings"]).assert_failed(1, "InvalidSessionId");
    desk.fails(1, "InvalidCredentials", &["login", "dora", PASSWORD]);
    let user = desk.ok("--as admin getUser dora");
    assert!(user["userInfo"].get("email").is_none(), "{user}");
    desk.ok("--as admin verify");
    desk.ok("login eve pw");
}

#[test]
fn a_snapshot_for_elsewhere_has_no_private_value() {
    let desk = desk();
    desk.ok_words(&["modifyUser", "dora", "--email", "recognisable@example.org"]);
    let cookie = log_in(&desk);
    desk.fails(1, "AccessDenied", &["snapshot", "snapshot.bin"]);
    desk.ok("--as admin snapshot snapshot.bin");
    let bytes = fs::read(desk.path("snapshot.bin")).unwrap();
    let has = |value: &str| bytes.windows(value.len()).any(|window| window == value.as_bytes());
    assert!(has("dora") && has("Shop"), "the search finds what is there");
    for value in ["recognisable@example.org", "argon2id", PASSWORD, &cookie, &cookie[cookie.len() - 49..]] {
        assert!(!has(value), "{value}");
    }
}

#[test]
fn a_login_that_is_not_in_effect_says_so_and_one_that_cannot_be_kept_makes_no_session() {
    let desk = desk();
    let words = ["login", "dora", PASSWORD];
    let elsewhere = Run::of(&desk.program().args(words).env_remove("HOME").output().unwrap());
    assert!(elsewhere.code == 0 && elsewhere.stderr.contains("kept nowhere"), "{elsewhere:?}");
    let overruled = Run::of(&desk.program().args(words).env("PORTCULLIS_AS", "admin").output().unwrap());
    assert!(overruled.code == 0 && overruled.stderr.contains("`PORTCULLIS_AS` is set"), "{overruled:?}");
    let before = desk.ok("--as admin log --head");
    fs::set_permissions(desk.path(SESSION), fs::Permissions::from_mode(0o644)).unwrap();
    desk.fails(1, "SessionFileUnsafe", &words);
    assert_eq!(desk.ok("--as admin log --head"), before);
}
