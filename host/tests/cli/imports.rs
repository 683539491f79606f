//! `import`.

use crate::program::Desk;

const LIST: &str =
    "acl {\n  inheriting = '0'\n  aclEntry 'group', principalName: 'dev', {\n    readPrivilege = 'allow'\n  }\n}\n";

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("export/projects/Shop%2E1/acls/acl.dsl", LIST);
    desk.write("export/projects/Shop%2E1/widgets/W/widget.dsl", "widget 'W'\n");
    desk.write("export/groups/dev/group.dsl", "group 'dev', {\n  userName = ['dora', 'oscar']\n}\n");
    desk
}

#[test]
fn an_export_is_one_change_set_and_twice_is_the_same_as_once() {
    let desk = desk();
    let first = desk.ok("import export");
    assert_eq!((first["changed"].as_bool(), first["revision"].as_u64()), (Some(true), Some(2)));
    assert_eq!((first["read"]["aclsFound"].as_u64(), first["read"]["aclsTaken"].as_u64()), (Some(1), Some(1)));
    assert_eq!(desk.ok("--as dora checkAccess Shop.1")["access"]["readPrivilege"], "allow");
    assert_eq!(desk.ok("--as ghost checkAccess Shop.1")["access"]["readPrivilege"], "deny");
    assert_eq!(desk.ok("log")["changeSet"][0]["command"], serde_json::json!(["import"]));

    let before = desk.head();
    let second = desk.ok("import export");
    assert_eq!((second["changed"].as_bool(), second["import"]["changes"].as_u64()), (Some(false), Some(0)));
    assert_eq!(desk.head(), before);
}

#[test]
fn what_is_left_out_is_counted_and_named() {
    let desk = desk();
    let report = desk.ok("import export");
    let skipped = report["skipped"].as_array().unwrap();
    assert!(
        skipped.iter().any(|row| row["name"] == "widgets" && row["why"] == "collection not known to the schema"),
        "{report}"
    );
    let table = desk.table(&["import", "export"]);
    assert!(table.contains("took 1 of 1 access control lists"), "{table}");
    assert!(table.contains("widgets") && table.contains("nothing to change"), "{table}");
}

#[test]
fn a_malformed_file_is_named_with_line_and_column_and_changes_nothing() {
    let desk = desk();
    desk.ok("import export");
    let before = desk.head();
    desk.write("export/projects/Z/acls/acl.dsl", "acl {\n  inheriting = '2\n}\n");
    let error = desk.fails(1, "InvalidExport", &["import", "export"]);
    assert!(error.starts_with("export/projects/Z/acls/acl.dsl:2:"), "{error}");
    assert_eq!(desk.head(), before);
    desk.fails(1, "InvalidExport", &["--store", "new.db", "import", "export"]);
    assert!(!desk.path("new.db").exists(), "nothing was there to be stored");
}

#[test]
fn a_folder_may_be_given_by_its_absolute_path() {
    let desk = desk();
    let folder = desk.path("export");
    assert_eq!(desk.ok_words(&["import", folder.to_str().unwrap()])["changed"].as_bool(), Some(true));
}
