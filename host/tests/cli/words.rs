//! How a command line may be written.

use crate::program::Desk;
use serde_json::json;

#[test]
fn arguments_may_stand_by_place_or_behind_their_option_in_either_form() {
    let desk = Desk::with_shop();
    let first = desk.ok("createAclEntry user dora Shop --readPrivilege allow");
    desk.ok("deleteAclEntry --principalName=dora --principalType=user --projectName=Shop");
    let second =
        desk.ok("createAclEntry --projectName Shop --readPrivilege=allow --principalType user --principalName dora");
    let fields = |reply: &serde_json::Value| {
        (reply["aclEntry"]["principalName"].clone(), reply["aclEntry"]["readPrivilege"].clone())
    };
    assert_eq!(fields(&first), fields(&second));
}

#[test]
fn global_options_may_stand_before_or_after_the_command_or_in_the_environment() {
    let desk = Desk::with_shop();
    let denied = json!("deny");
    assert_eq!(desk.ok("--as dora checkAccess Shop")["access"]["modifyPrivilege"], denied);
    assert_eq!(desk.ok("checkAccess Shop --as=dora")["access"]["modifyPrivilege"], denied);
    let output = desk.program().args(["checkAccess", "Shop"]).env("PORTCULLIS_AS", "dora").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"modifyPrivilege\": \"deny\""));

    desk.ok("createObject Elsewhere --store other.db");
    let output =
        desk.program().args(["checkAccess", "Elsewhere"]).env("PORTCULLIS_STORE", "other.db").output().unwrap();
    assert!(output.status.success());
    desk.fails(1, "NoSuchProject", &["checkAccess", "Elsewhere"]);
}

#[test]
fn an_option_may_be_shortened_as_long_as_it_is_clear() {
    let desk = Desk::with_shop();
    desk.ok("createObject Shop --pipeline Release --stage Test");
    assert_eq!(desk.ok("check --project Shop --pipe Release --priv read --prin dora")["decision"], "allow");
    let error = desk.fails(2, "InvalidArgument", &["checkAccess", "--pro", "Shop"]);
    assert!(error.contains("`--projectName`") && error.contains("`--procedureName`"), "{error}");
}

#[test]
fn several_values_follow_one_option_or_the_option_is_repeated() {
    let desk = Desk::with_shop();
    desk.ok("createAclEntry user una Shop --modifyPrivilege allow");
    for words in [
        "check --principal dora user:una --privilege modify --projectName Shop",
        "check Shop --principal dora --privilege modify --principal una",
    ] {
        assert_eq!(desk.ok(words)["decision"], "allow", "{words}");
    }
    assert_eq!(desk.ok("check Shop --principal dora --privilege modify")["decision"], "deny");
    let error = desk.fails(2, "InvalidArgument", &["check", "Shop", "--privilege", "read", "--privilege", "modify"]);
    assert!(error.contains("`--privilege` is given twice"), "{error}");
}

#[test]
fn booleans_stand_alone_or_with_any_of_their_four_values() {
    let desk = Desk::with_shop();
    desk.ok("breakAclInheritance Shop");
    let lists = |flag: &str| desk.ok(&format!("getAccess Shop{flag}"))["object"].as_array().unwrap().len();
    for (flag, wanted) in [
        ("", 1),
        (" --emulateRestoreInheritance", 3),
        (" --emulateRestoreInheritance 1", 3),
        (" --emulateRestoreInheritance=true", 3),
        (" --emulateRestoreInheritance false", 1),
        (" --emulateRestoreInheritance=0", 1),
    ] {
        assert_eq!(lists(flag), wanted, "{flag}");
    }
}

#[test]
fn a_shortened_locator_is_the_stores_own_where_it_has_another_schema() {
    let desk = Desk::new();
    let types = json!([{ "name": "department" }, { "name": "record", "parents": ["department"] }]);
    let roles = json!({ "read": "view", "modify": "edit", "changePermissions": "grant" });
    let schema = json!({ "name": "hospital", "privileges": ["view", "edit", "grant"], "roles": roles, "types": types });
    desk.write("hospital.json", &schema.to_string());
    assert_eq!(desk.ok("init --schema hospital.json")["policy"]["schema"], "hospital");
    desk.ok("createObject --department Eyes");
    desk.ok("createObject --dep Eyes --rec 17");
    desk.ok("createAclEntry user dora --path /departments/Eyes --view allow");
    assert_eq!(desk.ok("check /departments/Eyes/records/17 --privilege view --principal dora")["decision"], "allow");
    desk.fails(2, "InvalidArgument", &["checkAccess", "--pipeline", "P"]);
    desk.fails(2, "InvalidArgument", &["checkAccess", "--pipelineName", "P"]);
    desk.fails(2, "InvalidPrivilege", &["createAclEntry", "user", "dora", "--dep", "Eyes", "--readPrivilege", "allow"]);
    desk.fails(1, "InvalidPrivilege", &["check", "--department", "Eyes", "--privilege", "read"]);

    let before = desk.head();
    for words in [&["checkAccess", "Eyes"][..], &["createObject", "Eyes"], &["tree", "Eyes", "--dep", "Ears"]] {
        let error = desk.fails(2, "InvalidArgument", words);
        for named in ["`projectName`", "`Eyes`", "`--path`", "`--departmentName`", "`--recordName`"] {
            assert!(error.contains(named), "{error}");
        }
    }
    assert_eq!(desk.head(), before);
}

#[test]
fn a_name_may_hold_anything_that_a_word_can() {
    let desk = Desk::new();
    for name in ["a/b", "50%", "it's \"so\"", "🚧 東京", "tab\tand\u{1b}[31m", "-dash", "--projectName", " blank "]
    {
        let given = format!("--projectName={name}");
        desk.ok_words(&["createObject", &given]);
        assert_eq!(desk.ok_words(&["checkAccess", &given])["access"]["readPrivilege"], "allow", "{name:?}");
    }
    let error = desk.fails(2, "MissingArgument", &["checkAccess", "--projectName", "--pipelineName", "P"]);
    assert!(error.contains("`--pipelineName` is an option"), "{error}");
}

#[test]
fn help_is_there_before_and_after_a_command_and_as_a_command() {
    let desk = Desk::new();
    for words in [&["--help"][..], &["help"], &["-h"]] {
        assert!(desk.run(words).stdout.contains("explain"), "{words:?}");
    }
    for words in [&["createAclEntry", "--help"][..], &["help", "createAclEntry"], &["--help", "createAclEntry"]] {
        let run = desk.run(words);
        assert!(run.code == 0 && run.stdout.contains("--<privilege>Privilege"), "{words:?}");
    }
    assert!(desk.run(&["help", "locators"]).stdout.contains("--environmentTemplateTierName"));
    assert!(desk.run(&["--version"]).stdout.starts_with("portcullis "));
    assert!(!desk.path("portcullis.db").exists(), "help makes no store");
}
