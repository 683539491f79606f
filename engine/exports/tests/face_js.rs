//! The face for JavaScript, in Node.

#![cfg(all(target_arch = "wasm32", feature = "face-js"))]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use js_sys::{Error, Reflect};
use portcullis_exports::face_js::{ExportReader, is_dsl_file};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

const LIST: &str =
    "acl {\n inheriting = '0'\n aclEntry 'group', principalName: 'dev', { readPrivilege = 'allow' }\n}\n";

fn read(files: &[(&str, &str)]) -> Result<Value, Error> {
    let mut reader = ExportReader::new(None)?;
    for (path, text) in files {
        reader.add(path, text.as_bytes().to_vec())?;
    }
    reader.read().map(|json| serde_json::from_str(&json).unwrap())
}

/// The code and the message of what is thrown.
fn thrown<T>(result: Result<T, Error>) -> String {
    let error = result.err().unwrap();
    let code = Reflect::get(&error, &"code".into()).unwrap().as_string().unwrap();
    format!("{code}: {}", String::from(error.message()))
}

#[wasm_bindgen_test]
fn a_dropped_folder_is_read_to_the_arguments_of_the_import_command_with_a_summary() {
    let told = read(&[
        ("/my-export/projects/Shop%2E1/acls/acl.dsl", LIST),
        ("/my-export/groups/dev/group.dsl", "group 'dev', {\n userName = ['dora']\n password = x\n}"),
    ]);
    let told = told.unwrap();
    let entry = json!({
        "principalType": "group", "principalName": "dev", "readPrivilege": "allow", "modifyPrivilege": "inherit",
        "executePrivilege": "inherit", "changePermissionsPrivilege": "inherit",
    });
    let expected = json!([
        { "path": "/groups/dev", "members": [{ "memberType": "user", "memberName": "dora" }] },
        { "path": "/projects/Shop.1", "acl": { "inheriting": false, "entries": [entry] } },
    ]);
    assert_eq!(told["objects"], expected);
    assert_eq!((told["summary"]["aclsFound"].as_u64(), told["summary"]["members"].as_u64()), (Some(1), Some(1)));
    let skipped = json!([{
        "reason": "computedValue", "name": "password", "count": 1, "why": "value computed by code",
        "first": { "file": "groups/dev/group.dsl", "line": 3, "column": 13 },
    }]);
    assert_eq!(told["summary"]["skipped"], skipped);
}

#[wasm_bindgen_test]
fn what_is_wrong_is_thrown_with_its_code_and_its_place() {
    let message = "my-export/users/u/acls/acl.dsl:2:2: expected `inheriting` or `aclEntry`, found `rights`";
    let files = [("my-export/users/u/acls/acl.dsl", "acl {\n rights { }\n}")];
    assert_eq!(thrown(read(&files)), format!("InvalidExport: {message}"));
    let message = "expected a collection of an export, such as `projects`, or a `.dsl` file, found none in `photos`";
    assert_eq!(thrown(read(&[("photos/a.jpg", "")])), format!("InvalidExport: {message}"));
    assert!(thrown(read(&[("../users/u/user.dsl", "")])).starts_with("InvalidExport: expected a file's path"));
}

#[wasm_bindgen_test]
fn a_schema_of_the_users_own_counts_and_a_wrong_one_is_thrown() {
    let schema = r#"{ "name": "hospital", "privileges": ["view"], "types": [{ "name": "department" }],
        "roles": { "read": "view", "modify": "view", "changePermissions": "view" } }"#;
    let mut reader = ExportReader::new(Some(schema.into())).unwrap();
    reader.add("departments/d/department.dsl", b"department 'd'".to_vec()).unwrap();
    let told: Value = serde_json::from_str(&reader.read().unwrap()).unwrap();
    assert_eq!(told["objects"], json!([{ "path": "/departments/d" }]));
    assert!(thrown(ExportReader::new(Some("{".into()))).starts_with("InvalidArgument: "));
}

#[wasm_bindgen_test]
fn the_deepest_nesting_that_parses_does_not_exhaust_the_stack_and_a_deeper_one_is_thrown() {
    for (opener, closer) in [("a {", "}"), ("x = [", "]"), ("f(", ")"), ("\"${", "}\""), ("x = /${", "}/"), ("{", "}")]
    {
        let nested = |depth: usize| format!("{}{}", opener.repeat(depth), closer.repeat(depth));
        assert!(read(&[("a.dsl", &nested(100))]).is_ok(), "{opener}");
        assert!(thrown(read(&[("a.dsl", &nested(100_000))])).contains("at most 128 levels of nesting"), "{opener}");
    }
}

#[wasm_bindgen_test]
fn hundreds_of_folders_may_lie_in_each_other() {
    let path = format!("projects/p/pipelines/P/stages/S{}/task.dsl", "/tasks/t".repeat(500));
    let told = read(&[(&path, "task 't', { acl { } }")]).unwrap();
    assert_eq!(told["summary"]["objects"]["task"], 500);
}

#[wasm_bindgen_test]
fn dsl_files_are_known_by_their_names() {
    assert!(is_dsl_file("a/b.dsl") && is_dsl_file("B.GROOVY"));
    assert!(!is_dsl_file("a.dsl/b") && !is_dsl_file("dsl") && !is_dsl_file(""));
}
