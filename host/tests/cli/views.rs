//! Tables, as people read them in 80 columns.

use crate::program::Desk;
use unicode_width::UnicodeWidthStr;

/// Dora is in developers, developers is in staff; only operators may touch production.
fn desk() -> Desk {
    let desk = Desk::with_shop();
    for line in [
        "createObject Shop --pipelineName Release --stageName Test",
        "createObject Shop --pipelineName Release --stageName Production",
        "createObject --groupName developers",
        "createObject --groupName staff",
        "addGroupMember developers dora",
        "addGroupMember staff developers --memberType group",
        "createAclEntry group staff Shop --pipelineName Release --modifyPrivilege allow",
        "createAclEntry group operators Shop --pipelineName Release --stageName Production --modifyPrivilege allow",
        "breakAclInheritance Shop --pipelineName Release --stageName Production",
    ] {
        desk.ok(line);
    }
    desk
}

fn explain(desk: &Desk, stage: &str, principal: &str) -> String {
    let at = ["Shop", "--pipelineName", "Release", "--stageName", stage];
    desk.table(&[&["explain"], &at[..], &["--privilege", "modify", "--principal", principal]].concat())
}

#[test]
fn an_allowance_is_explained_by_the_entry_and_the_groups_between() {
    let text = explain(&desk(), "Test", "dora");
    let wanted = "\
allow: user:dora may modify stage 'Test'
why: the entry for group:staff on pipeline 'Release' allows it

  stage 'Test'  no entries
  pipeline 'Release'  1 of 1 entry matches
    ▸ group:staff  allow modify, through developers  decides
";
    assert_eq!(text, wanted);
}

#[test]
fn a_denial_is_explained_by_name_with_commands_that_turn_it() {
    let desk = desk();
    let text = explain(&desk, "Production", "user:o'brien");
    for wanted in [
        "deny: user:o'brien may not modify stage 'Production'\n",
        "user:o'brien is not registered",
        "✕ inheritance broken",
        "To allow it:\n",
    ] {
        assert!(text.contains(wanted), "{text}");
    }
    let command = text.split("To allow it:\n").nth(1).unwrap();
    let program = format!("portcullis() {{ '{}' \"$@\"; }}\n{command}", env!("CARGO_BIN_EXE_portcullis"));
    let mut shell = std::process::Command::new("sh");
    let status =
        shell.args(["-c", &program]).current_dir(desk.path(".")).env("HOME", desk.path(".")).output().unwrap().status;
    assert!(status.success(), "{program}");
    assert!(explain(&desk, "Production", "user:o'brien").starts_with("allow:"));
}

#[test]
fn the_tree_shows_entries_and_broken_inheritance_and_hides_what_says_nothing() {
    let text = desk().table(&["tree"]);
    let wanted = "\
└─ systemObject projects
   └─ project Shop
      │   user:project: Shop  allow everything
      └─ pipeline Release
         │   group:staff  allow modify
         ├─ stage Production  ✕ inheritance broken
         │      group:operators  allow modify
         └─ stage Test

39 system objects and personas without entries are not shown
";
    assert!(text.ends_with(wanted), "{text}");
}

#[test]
fn access_lists_principals_of_an_object_and_objects_of_a_principal() {
    let desk = desk();
    let at = ["access", "Shop", "--pipelineName", "Release", "--stageName", "Production"];
    let wanted = "\
r m x p  principal
- m - -  group:operators
r m x p  user:admin

r read, m modify, x execute, p changePermissions
";
    assert_eq!(desk.table(&at), wanted);
    let objects = desk.table(&["access", "Shop", "--principal", "dora"]);
    assert!(objects.contains("r m x -  /projects/Shop/pipelines/Release/stages/Test\n"), "{objects}");
    assert!(!objects.contains("Production"), "{objects}");
}

#[test]
fn nobody_is_outside_all_groups_where_everyone_is_anybody() {
    let desk = desk();
    let note = "note: user:ghost is not registered, and so in no group\n";
    assert!(explain(&desk, "Production", "ghost").contains(note));
    let schema = &mut desk.ok("getSchema")["schema"];
    schema["everyone"] = "any".into();
    desk.write("open.json", &schema.to_string());
    desk.ok("setSchema open.json");
    let text = explain(&desk, "Production", "ghost");
    assert!(text.starts_with("deny:") && !text.contains("in no group"), "{text}");
}

#[test]
fn help_fits_80_columns_and_its_examples_are_continued_as_a_shell_takes_them() {
    let desk = Desk::new();
    let overview = desk.table(&["help"]);
    let names = overview.lines().filter_map(|line| line.strip_prefix("  ")?.split("  ").next());
    let names: Vec<&str> =
        names.filter(|name| name.chars().all(|c| c.is_ascii_alphabetic()) && !name.is_empty()).collect();
    assert!(names.contains(&"createAclEntry") && names.contains(&"verify"), "{names:?}");
    for name in names {
        for line in desk.table(&["help", name]).lines() {
            assert!(line.width() <= 80, "{name}: {} columns: {line}", line.width());
        }
    }
    let help = desk.table(&["help", "createAclEntry"]);
    let wanted = "  portcullis createAclEntry user \"j smith\" --projectName Shop \\\n    --readPrivilege allow";
    assert!(help.contains(wanted), "{help}");
}

#[test]
fn every_table_fits_80_columns() {
    let desk = desk();
    let long = "A name of many words that goes on and on, as names of pipelines in a server will".repeat(3);
    desk.ok_words(&["createObject", "Shop", "--pipelineName", &long]);
    desk.ok_words(&["createAclEntry", "user", &long, "Shop", "--pipelineName", &long, "--readPrivilege", "deny"]);
    let at = ["Shop", "--pipelineName", &long];
    for words in [
        &["tree"][..],
        &["log"],
        &["help"],
        &["help", "locators"],
        &["verify"],
        &["engine"],
        &["getSchema"],
        &["getObjects", "--recursive"],
        &["access", "--principal", "dora"],
        &["access", at[0], at[1], at[2]],
        &["getAccess", at[0], at[1], at[2]],
        &["getAclEntry", "user", &long, at[0], at[1], at[2]],
        &["check", at[0], at[1], at[2], "--privilege", "read", "--principal", &long],
    ] {
        for line in desk.table(words).lines() {
            assert!(line.width() <= 80, "{words:?}: {} columns: {line}", line.width());
        }
    }
}

#[test]
fn an_entry_shows_its_dates_and_a_decision_how_long_it_holds() {
    let desk = desk();
    desk.ok("createAclEntry user dora Shop --readPrivilege deny --notBefore 2999-01-01T00:00:00Z");
    let entry = desk.table(&["getAclEntry", "user", "dora", "Shop"]);
    assert!(entry.contains("2999-01-01T00:00:00.000Z"), "{entry}");
    let decision = desk.table(&["check", "Shop", "--privilege", "read", "--principal", "dora"]);
    assert!(decision.starts_with("allow: ") && decision.contains("2999-01-01T00:00:00.000Z"), "{decision}");
}
