//! Access control lists.

use crate::tree::{Tree, engines_answer};
use serde_json::Value;

/// The list of a project with this text, and what was left out or is of note, with its place in the file.
fn acl_and_notes(text: &str) -> (Value, Vec<String>) {
    let export = Tree::new(&[("projects/p/acls/acl.dsl", text)]).export();
    let note = |skipped: &portcullis_host::import::Skipped| {
        let (line, column) = (skipped.first.line, skipped.first.column);
        format!("{line}:{column}: {}× {}: {}", skipped.count, skipped.name, skipped.reason.clause())
    };
    let notes = export.summary.skipped.iter().map(note).collect();
    (serde_json::to_value(&export.objects[0].acl).unwrap(), notes)
}

/// Whom the entries of a list name, and what each says about `read`.
fn readers(acl: &Value) -> Vec<(&str, &str)> {
    let entries = acl["entries"].as_array().unwrap().iter();
    entries.map(|entry| (entry["principalName"].as_str().unwrap(), entry["readPrivilege"].as_str().unwrap())).collect()
}

/// The error of a project's list with this text.
fn acl_error(text: &str) -> String {
    Tree::new(&[("projects/p/acls/acl.dsl", text)]).error().replace("InvalidExport: projects/p/acls/acl.dsl:", "")
}

#[test]
fn inheriting_is_written_in_several_ways_and_is_the_default() {
    for (text, inheriting) in
        [("'1'", true), ("'0'", false), ("'true'", true), ("false", false), ("true", true), ("0", false), ("1", true)]
    {
        let export = Tree::new(&[("projects/p/acls/acl.dsl", &format!("acl {{ inheriting = {text} }}"))]).export();
        assert_eq!(export.objects[0].acl.as_ref().unwrap().inheriting, inheriting, "{text}");
    }
    let export = Tree::new(&[("projects/p/acls/acl.dsl", "acl { }")]).export();
    assert!(export.objects[0].acl.as_ref().unwrap().inheriting);
}

#[test]
fn inheriting_may_be_an_argument_of_the_block() {
    let entry = "{\n aclEntry 'user', principalName: 'x', { readPrivilege = 'deny' }\n}";
    for arguments in [" inheriting: '0', ", "(inheriting: '0') ", "(inheriting: false) ", "('inheriting': 0) "] {
        let (acl, notes) = acl_and_notes(&format!("acl{arguments}{entry}"));
        assert_eq!(acl["inheriting"], false, "{arguments}");
        assert_eq!(readers(&acl), [("x", "deny")]);
        assert!(notes.is_empty());
    }
    assert_eq!(acl_and_notes("acl inheriting: '0'").0["inheriting"], false);
    assert_eq!(acl_and_notes("acl inheriting: '1', { inheriting = '1' }").0["inheriting"], true);
    assert_eq!(
        acl_error("acl inheriting: '0', {\n inheriting = '1'\n}"),
        "2:15: expected one value for `inheriting`, found a second one that says something else"
    );
}

#[test]
fn any_other_argument_of_the_block_is_an_error_with_its_place() {
    let expected = "expected `inheriting` or `aclEntry`, found";
    assert_eq!(acl_error("acl inheritng: '0', { }"), format!("1:16: {expected} a value for `inheritng`"));
    assert_eq!(acl_error("acl('0') { }"), format!("1:5: {expected} `'0'`"));
    assert_eq!(acl_error("acl(settings) { }"), format!("1:5: {expected} a value computed by code"));
    assert_eq!(acl_error("acl(\"$x\": 1) { }"), format!("1:11: {expected} a value for a name that code computes"));
}

#[test]
fn a_call_sets_a_value_like_an_assignment() {
    let entry = "aclEntry 'user', principalName: 'x', {\n readPrivilege 'allow'\n modifyPrivilege('deny')\n}";
    for inheriting in ["inheriting '0'", "inheriting('0')", "inheriting false", "inheriting 0"] {
        let (acl, notes) = acl_and_notes(&format!("acl {{\n {inheriting}\n {entry}\n}}"));
        assert_eq!(acl["inheriting"], false, "{inheriting}");
        assert_eq!(readers(&acl), [("x", "allow")]);
        assert_eq!(acl["entries"][0]["modifyPrivilege"], "deny");
        assert!(notes.is_empty());
    }
}

#[test]
fn an_entry_with_a_computed_value_is_left_out_counted_and_named() {
    let others = "aclEntry 'group', principalName: 'g', { readPrivilege = 'allow' }";
    let why = "of /projects/p: not taken: a value in it is computed by code";
    for (entry, named) in [
        ("aclEntry 'user', principalName: name, { readPrivilege = 'deny' }", "aclEntry user"),
        ("aclEntry 'user', principalName: \"a$b\", { }", "aclEntry user"),
        ("aclEntry kind, principalName: 'x', { readPrivilege = 'deny' }", "aclEntry x"),
        ("aclEntry(settings) { readPrivilege = 'deny' }", "aclEntry"),
        ("aclEntry('user', *: settings) { }", "aclEntry user"),
        ("aclEntry('user', principalName: 'x', \"$x\": 'deny')", "aclEntry user x"),
        ("aclEntry 'user', principalName: 'x', { readPrivilege = word }", "aclEntry user x"),
        ("aclEntry 'user', principalName: 'x', { readPrivilege word }", "aclEntry user x"),
        ("aclEntry 'user', principalName: 'x', readPrivilege: 'al' + 'low'", "aclEntry user x"),
    ] {
        let (acl, notes) = acl_and_notes(&format!("acl {{\n {entry}\n {others}\n}}"));
        assert_eq!(readers(&acl), [("g", "allow")], "{entry}");
        assert_eq!(acl["inheriting"], true, "{entry}");
        assert_eq!(notes, [format!("2:2: 1× {named} {why}")], "{entry}");
    }
}

#[test]
fn a_computed_value_excuses_no_wrong_one_beside_it() {
    let error = acl_error("acl { aclEntry 'user', principalName: name, { readPrivilege = 'maybe' } }");
    assert_eq!(error, "1:63: expected `'allow'`, `'deny'` or `'inherit'` for `readPrivilege`, found `'maybe'`");
    let error = acl_error("acl { aclEntry 'role', principalName: name }");
    assert!(error.ends_with("found `'role'`"), "{error}");
}

#[test]
fn a_list_whose_inheriting_is_computed_inherits_nothing_and_is_noted() {
    let note = "1× inheriting of /projects/p: computed by code, taken as '0': nothing is inherited";
    for (text, place) in [
        ("acl {\n inheriting = flag\n}", "2:15"),
        ("acl {\n inheriting flag\n}", "2:13"),
        ("acl inheriting: flag, { }", "1:17"),
        ("acl inheriting: \"${a}\", { inheriting = '1' }", "1:17"),
    ] {
        let (acl, notes) = acl_and_notes(text);
        assert_eq!(acl["inheriting"], false, "{text}");
        assert_eq!(notes, [format!("{place}: {note}")], "{text}");
    }
}

#[test]
fn a_setting_that_an_entry_does_not_know_is_noted_and_a_misspelt_privilege_refused() {
    let (acl, notes) = acl_and_notes("acl { aclEntry 'user', principalName: 'x', objectType: 'project', owner: 'y' }");
    assert_eq!(readers(&acl), [("x", "inherit")]);
    assert_eq!(notes, ["1:74: 1× owner in the aclEntry user x of /projects/p: not known in an entry"]);
    let error = acl_error("acl { aclEntry 'user', principalName: 'x', { readPriviledge = 'deny' } }");
    assert!(error.starts_with("1:63: expected one of `readPrivilege`"), "{error}");
    let error = acl_error("acl { aclEntry 'user', 'x', { } }");
    assert_eq!(error, "1:24: expected a setting with its name, found `'x'`");
}

#[test]
fn a_name_that_is_too_long_is_an_error_with_its_place() {
    let (fits, long) = ("é".repeat(255), "é".repeat(256));
    let expected = format!("expected a name of at most 255 characters, found one of 256, `{}…`", "é".repeat(40));
    let acl = |name: &str| format!("acl {{\n aclEntry 'group', principalName: '{name}'\n}}");
    let group = |name: &str| format!("group 'g', {{\n userName = ['a',\n  '{name}']\n}}");
    let file = |name: &str| format!("project 'p', {{\n pipeline '{name}', {{ }}\n}}\nproject '{name}', {{ }}");
    let export =
        Tree::new(&[("projects/p/acls/acl.dsl", &acl(&fits)), ("a.dsl", &file(&fits)), ("b.dsl", &group(&fits))])
            .export();
    assert_eq!(engines_answer(&export), Ok(()));
    assert_eq!(acl_error(&acl(&long)), format!("2:35: {expected}"));
    assert_eq!(Tree::new(&[("g.dsl", &group(&long))]).error(), format!("InvalidExport: g.dsl:3:3: {expected}"));
    assert_eq!(Tree::new(&[("p.dsl", &file(&long))]).error(), format!("InvalidExport: p.dsl:2:11: {expected}"));
    let named = format!("procedure 'x', {{\n projectName = '{long}'\n}}");
    assert_eq!(Tree::new(&[("p.dsl", &named)]).error(), format!("InvalidExport: p.dsl:2:16: {expected}"));
}

#[test]
fn a_name_kept_for_projects_is_an_error_with_its_place() {
    let entry = |name: &str| acl_error(&format!("acl {{\n aclEntry 'user', principalName: '{name}'\n}}"));
    for name in ["project:", "project: ", "project:x"] {
        let expected = "`project: NAME`, with one space after the colon, for a project's principal";
        assert_eq!(entry(name), format!("2:34: expected {expected}, found `{name}`"));
    }
    let accepted = "acl { aclEntry 'user', principalName: 'project: x'; aclEntry 'group', principalName: 'project:x' }";
    assert_eq!(engines_answer(&Tree::new(&[("projects/p/acls/acl.dsl", accepted)]).export()), Ok(()));
    let expected = "expected a user's name, which does not begin with `project:`, found `project: x`";
    let group = "group 'g', {\n userName = ['a', 'project: x']\n}";
    assert_eq!(
        Tree::new(&[("groups/g/group.dsl", group)]).error(),
        format!("InvalidExport: groups/g/group.dsl:2:19: {expected}")
    );
    assert_eq!(
        Tree::new(&[("u.dsl", "user 'project: x', { }")]).error(),
        format!("InvalidExport: u.dsl:1:6: {expected}")
    );
    let folder = Tree::with_acls(&["users/project%3A x"]).error();
    assert_eq!(folder, format!("InvalidExport: users/project%3A x:1:1: {expected}"));
}

#[test]
fn a_malformed_list_is_an_error_with_its_place() {
    assert_eq!(acl_error("acl {\n inheriting = 'x'\n}"), "2:15: expected `'1'` or `'0'` for `inheriting`, found `'x'`");
    assert_eq!(acl_error("acl {\n inheriting 2\n}"), "2:13: expected `'1'` or `'0'` for `inheriting`, found `2`");
    assert_eq!(
        acl_error("acl {\n aclEntry 'user', {\n }\n}"),
        "2:2: expected the principal's name as text, after `principalName:`, found an `aclEntry` without it"
    );
    assert_eq!(
        acl_error("acl {\n aclEntry principalName: 'x', {\n }\n}"),
        "2:2: expected the principal's type, `'user'`, `'group'` or `'serviceAccount'`, found an `aclEntry` without it"
    );
    assert_eq!(
        acl_error("acl {\n aclEntry 'role', principalName: 'x'\n}"),
        "2:11: expected the principal's type, `'user'`, `'group'` or `'serviceAccount'`, found `'role'`"
    );
    assert_eq!(
        acl_error("acl {\n aclEntry 'user', principalName: ''\n}"),
        "2:34: expected the principal's name as text, after `principalName:`, found `''`"
    );
    let privilege = |text: &str| acl_error(&format!("acl {{\n aclEntry 'user', principalName: 'é', {{ {text} }}\n}}"));
    assert_eq!(
        privilege("readPrivilege = 'maybe'"),
        "2:57: expected `'allow'`, `'deny'` or `'inherit'` for `readPrivilege`, found `'maybe'`"
    );
    assert_eq!(
        privilege("readPrivilege 'perhaps'"),
        "2:55: expected `'allow'`, `'deny'` or `'inherit'` for `readPrivilege`, found `'perhaps'`"
    );
    assert_eq!(
        privilege("flyPrivilege = 'allow'"),
        "2:56: expected one of `readPrivilege`, `modifyPrivilege`, `executePrivilege`, `changePermissionsPrivilege`, found `flyPrivilege`"
    );
    assert_eq!(privilege("if (x) { }"), "2:41: expected a privilege, found `if`");
    assert_eq!(acl_error("acl {\n def x = 1\n}"), "2:2: expected `inheriting` or `aclEntry`, found `def`");
    assert_eq!(
        acl_error("acl {\n owner = 'x'\n}"),
        "2:10: expected `inheriting` or `aclEntry`, found a value for `owner`"
    );
    assert_eq!(
        acl_error("acl {\n aclEntri 'user', principalName: 'x'\n}"),
        "2:2: expected `inheriting` or `aclEntry`, found `aclEntri`"
    );
    let twice = "acl {\n aclEntry 'user', principalName: 'x'\n aclEntry 'group', principalName: 'x'\n aclEntry 'user', principalName: 'x'\n}";
    assert_eq!(acl_error(twice), "4:2: expected one entry for each principal, found user `x` a second time");
    assert_eq!(
        acl_error("acl {\n inheriting = '1'\n"),
        "1:5: expected `}` to close the `{` opened here, found end of file"
    );
}
