//! What nobody should type: a code, a text that names it, and nothing changed.

use crate::program::Desk;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Words, the exit code, the error's code, and what its text names.
type Case<'a> = (&'a [&'a str], i32, &'a str, &'a str);

fn assert_refused(desk: &Desk, cases: &[Case]) {
    let before = desk.head();
    for (words, exit, code, named) in cases {
        let error = desk.fails(*exit, code, words);
        assert!(error.contains(named), "{words:?}: {error}");
    }
    assert_eq!(desk.head(), before, "something changed");
}

#[test]
fn unknown_words_are_named_with_what_they_resemble() {
    assert_refused(
        &Desk::with_shop(),
        &[
            (&[], 2, "MissingArgument", "help"),
            (&["chekAccess", "Shop"], 2, "InvalidRequestName", "did you mean `checkAccess`"),
            (&["createPolicy"], 2, "InvalidRequestName", "`init`"),
            (&["help", "nonsense"], 2, "InvalidRequestName", "`nonsense`"),
            (&["--sotre", "x", "tree"], 2, "InvalidArgument", "did you mean `--store`"),
            (&["checkAccess", "--projetcName", "Shop"], 2, "InvalidArgument", "`--projectName`"),
            (&["checkAccess", "-projectName", "Shop"], 2, "InvalidArgument", "`--projectName`"),
            (&["checkAccess", "Shop", "Again"], 2, "InvalidArgument", "`Again`"),
            (&["checkAccess", "--projectName"], 2, "MissingArgument", "`--projectName`"),
            (&["--output", "yaml", "tree"], 2, "InvalidArgument", "`yaml`"),
            (&["--store", "", "tree"], 2, "InvalidArgument", "`--store`"),
            (&["log", "--limit", "many"], 2, "InvalidInteger", "`many`"),
            (&["verify", "--head", "7:beef"], 2, "InvalidMark", "`7:beef`"),
            (&["log", "--head=maybe"], 2, "InvalidBoolean", "`maybe`"),
            (&["import"], 2, "MissingArgument", "`dir`"),
            (&["check", "Shop"], 2, "MissingArgument", "`check` needs `privilege`"),
            (&["createAclEntry", "user"], 2, "MissingArgument", "`principalName`"),
            (&["getObjects", "--recursive=maybe"], 2, "InvalidBoolean", "`maybe`"),
            (&["getObjects", "--limit", "-1"], 2, "InvalidInteger", "`-1`"),
            (&["getObjects", "--limit", "+1"], 2, "InvalidInteger", "`+1`"),
            (
                &["createAclEntry", "user", "dora", "Shop", "--notBefore", "tomorrow"],
                2,
                "InvalidArgument",
                "`--notBefore` is `tomorrow`",
            ),
        ],
    );
}

#[test]
fn what_the_engine_refuses_is_a_refusal_and_no_usage_error() {
    assert_refused(
        &Desk::with_shop(),
        &[
            (&["check", "Shop", "--privilege", "fly"], 1, "InvalidPrivilege", "`fly`"),
            (&["createAclEntry", "user", "dora", "Shop", "--readPrivilege", "yes"], 1, "InvalidPrivilege", "`yes`"),
            (&["createAclEntry", "robot", "r2", "Shop"], 1, "InvalidPrincipalType", "`robot`"),
            (
                &["check", "Shop", "--privilege", "read", "--principal", "robot:r2"],
                1,
                "InvalidPrincipalType",
                "`robot`",
            ),
            (&["createAclEntry", "user", "project:Shop", "Shop"], 1, "InvalidPrincipalName", "`project:Shop`"),
            (&["createObject", "--stageName", "S"], 1, "MissingArgument", "`pipelineName`"),
            (&["createObject", "Shop", "--groupName", "g"], 1, "InvalidArgument", "`groupName`"),
            (&["checkAccess", "--systemObjectName", "nope"], 1, "InvalidSystemObject", "`nope`"),
            (&["checkAccess", "--objectId", "project-17"], 1, "InvalidObjectId", "`project-17`"),
            (&["createObject", "Shop"], 1, "DuplicateProject", "`Shop`"),
            (&["createObject", "--userName", "admin"], 1, "DuplicateUserName", "`admin`"),
            (&["init"], 1, "InvalidArgument", "`portcullis.db`"),
        ],
    );
    let error =
        Desk::new().fails(2, "InvalidPrivilege", &["createAclEntry", "user", "d", "Shop", "--flyPrivilege", "allow"]);
    assert!(error.contains("`--flyPrivilege`") && error.contains("`--changePermissionsPrivilege`"), "{error}");
}

#[test]
fn paths_that_break_the_schema_are_refused() {
    let desk = Desk::with_shop();
    let before = desk.head();
    for path in [
        "/",
        "//",
        "/projects",
        "/projects/",
        "/nope/x",
        "/projects/Shop/stages/S",
        "/projects/50%",
        "/projects/a%2",
        "Shop",
    ] {
        let error = desk.fails(1, "InvalidArgument", &["createObject", "--path", path]);
        assert!(error.contains(path), "{path}: {error}");
    }
    assert_eq!(desk.head(), before);
}

#[test]
fn names_that_are_empty_or_endless_are_refused_and_not_repeated_whole() {
    let desk = Desk::with_shop();
    let before = desk.head();
    let endless = "\u{1b}😀".repeat(5_000);
    desk.fails(1, "InvalidArgument", &["createObject", "--projectName="]);
    desk.fails(1, "InvalidPrincipalName", &["createAclEntry", "user", "", "Shop"]);
    for words in [
        &["createObject", &endless][..],
        &["createAclEntry", "user", &endless, "Shop"],
        &["moveObject", "Shop", "--newName", &endless],
    ] {
        let error = desk.fails(1, "NameTooLong", words);
        assert!(error.len() < 1_000 && error.contains("10000"), "{error}");
    }
    for words in
        [&[endless.as_str()][..], &["tree", &format!("--{endless}")], &["help", &endless], &["tree", "a", &endless]]
    {
        let run = desk.run(words);
        assert!(run.code == 2 && run.stderr.len() < 1_000, "{}", run.stderr);
    }
    assert_eq!(desk.head(), before);
}

#[test]
fn a_word_that_is_not_text_is_named_by_its_place() {
    let desk = Desk::new();
    let words = [OsStr::new("--output"), OsStr::new("json"), OsStr::new("tree"), OsStr::from_bytes(b"a\xff")];
    let error = desk.run(&words).assert_failed(2, "InvalidArgument");
    assert!(error.contains("word 4"), "{error}");
    assert!(!desk.path("portcullis.db").exists(), "a mistake makes no store");
}

#[test]
fn files_that_are_missing_or_no_schema_are_named() {
    let desk = Desk::with_shop();
    desk.write("broken.json", "{\"name\": \"x\",\n  \"privileges\": [\"view\" \"edit\"]}");
    desk.write("orphan.json", r#"{"name":"x","privileges":["v"],"roles":{"read":"v","modify":"v","changePermissions":"v"},"types":[{"name":"a","parents":["b"]}]}"#);
    assert_refused(
        &desk,
        &[
            (&["setSchema", "nope.json"], 1, "FileUnreadable", "`nope.json`"),
            (&["setSchema", "broken.json"], 1, "InvalidArgument", "line 2"),
            (&["setSchema", "orphan.json"], 1, "InvalidArgument", "`b`"),
            (&["engine", "--out", "no/such/folder"], 1, "FileUnwritable", "`no/such/folder`"),
            (&["import", "nope"], 1, "ExportUnreadable", "`nope`"),
        ],
    );
    desk.fails(1, "InvalidArgument", &["--store", "new.db", "init", "--schema", "broken.json"]);
    assert!(!desk.path("new.db").exists(), "a refused schema makes no store");
}
