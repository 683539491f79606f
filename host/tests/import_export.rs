//! Reading export trees.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use portcullis_engine::{Request, Schema, State};
use portcullis_host::import::{Export, ImportError, Progress, SkipReason, read_export};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const EMPTY_ACL: &str = "\nacl {\n  inheriting = '1'\n}\n";

/// An export tree in a folder of its own.
struct Tree(TempDir);

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self(TempDir::new().unwrap());
        for (path, text) in files {
            tree.write(path, text.as_bytes());
        }
        tree
    }

    /// A tree in which each of these folders has an `acls/acl.dsl`.
    fn with_acls(folders: &[&str]) -> Self {
        let tree = Self::new(&[]);
        for folder in folders {
            tree.write(&format!("{folder}/acls/acl.dsl"), EMPTY_ACL.as_bytes());
        }
        tree
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn read(&self) -> Result<Export, ImportError> {
        read_export(self.0.path(), &Schema::cdro(), |_| {})
    }

    fn export(&self) -> Export {
        self.read().unwrap()
    }

    /// The code and the text, without the folder's own path.
    fn error(&self) -> String {
        let error = self.read().unwrap_err();
        format!("{}: {}", error.code(), error.to_string().replace(&format!("{}/", self.0.path().display()), ""))
    }
}

fn paths(export: &Export) -> Vec<&str> {
    export.objects.iter().map(|object| object.path.as_str()).collect()
}

fn paths_with_acl(export: &Export) -> Vec<&str> {
    export.objects.iter().filter(|object| object.acl.is_some()).map(|object| object.path.as_str()).collect()
}

fn skipped(export: &Export, reason: SkipReason) -> Vec<(&str, u64)> {
    let of_reason = export.summary.skipped.iter().filter(|skipped| skipped.reason == reason);
    of_reason.map(|skipped| (skipped.name.as_str(), skipped.count)).collect()
}

fn missed(export: &Export) -> Vec<String> {
    export.summary.missed_acls.iter().map(|missed| format!("{}: {}", missed.place, missed.why)).collect()
}

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

/// What the engine says to an import into a new policy.
fn engines_answer(export: &Export) -> Result<(), String> {
    let mut state = State::new().unwrap();
    for commands in [json!([{ "command": "createPolicy" }]), json!([{ "command": "import", "arguments": export }])] {
        let request = json!({
            "request": "propose", "caller": { "type": "user", "name": "admin" }, "now": 0,
            "seed": "00112233445566778899aabbccddeeff", "commands": commands,
        });
        let request = Request::parse(request.to_string().as_bytes()).unwrap();
        let proposal = state.propose(&request).map_err(|refused| refused.to_string())?;
        state.apply(&proposal.changes.unwrap()).unwrap();
    }
    Ok(())
}

/// The error of a project's list with this text.
fn acl_error(text: &str) -> String {
    Tree::new(&[("projects/p/acls/acl.dsl", text)]).error().replace("InvalidExport: projects/p/acls/acl.dsl:", "")
}

#[test]
fn an_export_serialises_to_the_arguments_of_the_import_command() {
    let tree = Tree::new(&[
        (
            "projects/Examples Library/pipelines/P/acls/acl.dsl",
            "acl {\n inheriting = '0'\n aclEntry 'user', principalName: 'developer', {\n  readPrivilege = 'allow'\n  modifyPrivilege = 'deny'\n  executePrivilege = ''\n }\n}",
        ),
        ("groups/Developers/group.dsl", "group 'Developers', {\n  userName = [\n    'developer',\n  ]\n}\n"),
    ]);
    let entry = json!({
        "principalType": "user", "principalName": "developer", "readPrivilege": "allow", "modifyPrivilege": "deny",
        "executePrivilege": "inherit", "changePermissionsPrivilege": "inherit",
    });
    let expected = json!({ "objects": [
        { "path": "/groups/Developers", "members": [{ "memberType": "user", "memberName": "developer" }] },
        { "path": "/projects/Examples Library" },
        { "path": "/projects/Examples Library/pipelines/P", "acl": { "inheriting": false, "entries": [entry] } },
    ]});
    assert_eq!(serde_json::to_value(tree.export()).unwrap(), expected);
}

#[test]
fn folders_of_every_kind_become_objects_with_their_lists() {
    let folders = [
        "applications/A/acls",
        "applications/A/applicationTiers/T/acls",
        "applications/A/applicationTiers/T/components/C/processes/Deploy/processSteps/S/acls",
        "applications/A/microservices/M/processes/Deploy/acls",
        "applications/A/snapshots/1.0/acls",
        "catalogs/C/catalogItems/I/acls",
        "credentials/c/acls",
        "environments/E/clusters/K/acls",
        "environments/E/environmentTiers/T/acls",
        "pipelines/P/stages/S/gates/POST/tasks/T/acls",
        "pipelines/P/stages/S/gates/PRE/acls",
        "pipelines/P/stages/S/tasks/G/tasks/Inner/tasks/Innermost/acls",
        "pluginConfigurations/git.example/acls",
        "procedures/X/emailNotifiers/N/acls",
        "procedures/X/steps/s/acls",
        "releases/R/pipelines/pipeline_R/stages/S/gates/PRE/tasks/T/acls",
    ];
    let folders = folders.map(|folder| format!("projects/p/{}", folder.strip_suffix("/acls").unwrap()));
    let export = Tree::with_acls(&folders.each_ref().map(String::as_str)).export();
    assert_eq!(paths_with_acl(&export), folders.each_ref().map(|folder| format!("/{folder}")));
    assert_eq!((export.summary.acls_found, export.summary.acls_taken), (16, 16));
    assert_eq!(export.summary.objects["task"], 5);
    assert!(export.summary.skipped.is_empty());
}

#[test]
fn collections_beside_the_projects_become_objects_too() {
    let folders = [
        "artifacts/a/artifactVersions/1",
        "groups/g",
        "personaCategories/c",
        "personaPages/p",
        "personas/p",
        "repositories/r",
        "resourcePools/p",
        "resources/r",
        "serviceAccounts/bot",
        "tags/t",
        "users/u",
        "workspaces/w",
        "zones/z",
    ];
    let export = Tree::with_acls(&folders).export();
    assert_eq!(paths_with_acl(&export), folders.map(|folder| format!("/{folder}")));
}

#[test]
fn system_objects_lie_in_a_folder_in_the_singular_or_in_the_plural() {
    let entry = "acl {\n  inheriting = '1'\n  aclEntry 'user', principalName: 'project: EC', systemObjectName: 'admin', objectType: 'systemObject', {\n    readPrivilege = 'allow'\n  }\n\n}\n";
    let tree =
        Tree::new(&[("systemObject/admin/acls/acl.dsl", entry), ("systemObjects/server/acls/acl.dsl", EMPTY_ACL)]);
    tree.write("systemObject/unheardOf/acls/acl.dsl", EMPTY_ACL.as_bytes());
    let export = tree.export();
    assert_eq!(paths(&export), ["/systemObjects/admin", "/systemObjects/server"]);
    assert_eq!(export.summary.entries, 1);
    assert_eq!(skipped(&export, SkipReason::EntryNamesOther), []);
    assert_eq!(skipped(&export, SkipReason::UnknownName), [("unheardOf", 1)]);
    assert_eq!(
        missed(&export),
        ["systemObject/unheardOf/acls/acl.dsl:1:1: the folder `unheardOf` around it: name not known to the schema"]
    );
}

#[test]
fn an_entry_that_names_another_object_counts_where_it_stands_and_is_noted() {
    let acl = "acl { aclEntry 'group', principalName: 'g', systemObjectName: 'server', { readPrivilege = 'deny' } }";
    let export = Tree::new(&[("projects/p/acls/acl.dsl", acl)]).export();
    assert_eq!(export.objects[0].acl.as_ref().unwrap().entries.len(), 1);
    assert_eq!(skipped(&export, SkipReason::EntryNamesOther), [("aclEntry with systemObjectName server", 1)]);
}

#[test]
fn folder_names_are_unescaped_and_paths_are_escaped() {
    let tree = Tree::with_acls(&[
        "projects/a%2Fb%3F",
        "projects/100%",
        "projects/%41%2f",
        "projects/ both ends ",
        "projects/1.2",
        "projects/.dot",
    ]);
    let expected = [
        "/projects/ both ends ",
        "/projects/%2541%252f",
        "/projects/.dot",
        "/projects/1.2",
        "/projects/100%25",
        "/projects/a%2Fb?",
    ];
    assert_eq!(paths_with_acl(&tree.export()), expected);
}

#[test]
fn objects_come_in_the_order_of_bytes_and_parents_before_children() {
    let export = Tree::with_acls(&[
        "projects/b/procedures/x",
        "projects/B/procedures/x",
        "projects/ä",
        "projects/b/pipelines/y",
    ])
    .export();
    let expected = [
        "/projects/B",
        "/projects/B/procedures/x",
        "/projects/b",
        "/projects/b/pipelines/y",
        "/projects/b/procedures/x",
        "/projects/ä",
    ];
    assert_eq!(paths(&export), expected);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_no_obstacle() {
    let tree = Tree::new(&[]);
    tree.write("projects/p/acls/acl.dsl", "\u{feff}acl{\r\n  inheriting = '0'\r\n\r\n  aclEntry 'serviceAccount', principalName: 'bot', {\r\n    readPrivilege = 'allow'\r\n  }\r\n}\r\n".as_bytes());
    let acl = tree.export().objects[0].acl.clone().unwrap();
    assert!(!acl.inheriting);
    assert_eq!(acl.entries[0].principal_type, "serviceAccount");
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
fn an_entry_may_give_everything_by_name() {
    let acl = "acl { aclEntry principalType: 'group', principalName: \"Everyone\",\n objectType: 'project', readPrivilege: 'deny', executePrivilege: null }";
    let export = Tree::new(&[("projects/p/acls/acl.dsl", acl)]).export();
    let entry = serde_json::to_value(&export.objects[0].acl.as_ref().unwrap().entries[0]).unwrap();
    assert_eq!(entry["principalType"], "group");
    assert_eq!((entry["readPrivilege"].as_str(), entry["executePrivilege"].as_str()), (Some("deny"), Some("inherit")));
}

#[test]
fn what_looks_like_a_list_in_text_is_text() {
    let step = "step 's', {\n  command = '''\nacl {\n  aclEntry 'user', principalName: 'x'\n'''\n  shell = 'acl { inheriting = '\n}\n";
    let export = Tree::new(&[("projects/p/procedures/x/steps/s/step.dsl", step)]).export();
    assert_eq!((export.summary.acls_found, export.summary.acls), (0, 0));
    assert!(export.summary.skipped.is_empty());
}

#[test]
fn code_and_computed_values_are_left_out_counted_and_named() {
    let resource = "def Host = getResource(resourceName: \"local\").hostName\nresource 'r', {\n  hostName = Host\n  port = '7800'\n  if (x) { acl { } }\n}\n";
    let export =
        Tree::new(&[("resources/r/resource.dsl", resource), ("resources/q/resource.groovy", resource)]).export();
    assert_eq!(paths(&export), ["/resources/q", "/resources/r"]);
    assert_eq!(skipped(&export, SkipReason::Code), [("def", 2), ("if", 2)]);
    assert_eq!(skipped(&export, SkipReason::ComputedValue), [("hostName", 2)]);
}

#[test]
fn unknown_collections_are_counted_and_named_and_their_lists_reported() {
    let tree = Tree::with_acls(&["projects/p/dashboards/d", "projects/p/dashboards/e/widgets/w"]);
    tree.write("projects/p/properties/a.txt", b"x");
    tree.write("projects/p/properties/sheet/b.txt", b"x");
    tree.write("projects/p/procedures/x/steps/metadata.json", b"{}");
    tree.write("projects/p/procedures/x/steps/a.cmd", b"echo");
    tree.write("projects/p/other.dsl", b"}");
    tree.write("projects/p/acl.dsl", b"acl { }");
    tree.write(".git/HEAD", b"x");
    let export = tree.export();
    assert_eq!(skipped(&export, SkipReason::UnknownCollection), [("dashboards", 2), ("properties", 2)]);
    assert_eq!(skipped(&export, SkipReason::OtherFile), [("*.cmd", 1), ("*.json", 1), ("other.dsl", 1)]);
    assert_eq!(skipped(&export, SkipReason::Hidden), [(".git", 1)]);
    let around = "the folder `dashboards` around it: collection not known to the schema";
    let mut all = missed(&export);
    all.sort();
    assert_eq!(
        all,
        [
            "projects/p/acl.dsl:1:1: it lies in no object's `acls` folder".to_owned(),
            format!("projects/p/dashboards/d/acls/acl.dsl:1:1: {around}"),
            format!("projects/p/dashboards/e/widgets/w/acls/acl.dsl:1:1: {around}"),
        ]
    );
    assert_eq!((export.summary.acls_found, export.summary.acls_taken), (3, 0));
}

#[test]
fn a_list_file_without_a_list_is_reported() {
    let export = Tree::new(&[("projects/p/acls/acl.dsl", "aclEntry 'user', principalName: 'x'\n")]).export();
    assert_eq!(missed(&export), ["projects/p/acls/acl.dsl:1:1: there is no `acl` block in it"]);
    assert_eq!(skipped(&export, SkipReason::EntryOutsideAcl), [("aclEntry", 1)]);
}

#[test]
fn a_gate_has_one_of_two_names() {
    let export = Tree::with_acls(&["projects/p/pipelines/P/stages/S/gates/DURING"]).export();
    assert_eq!(skipped(&export, SkipReason::UnknownName), [("DURING", 1)]);
    assert_eq!(export.summary.missed_acls.len(), 1);
}

#[test]
fn blocks_within_a_file_become_objects_like_folders() {
    let project = "project 'p', {\n  tracked = '1'\n  acl {\n    inheriting = '0'\n  }\n\n  pipeline 'P', {\n    formalParameter 'x', { type = 'entry' }\n    \
                   stage 'S', {\n      gate 'PRE', {\n        task 'T', { acl { inheriting = '0' } }\n      }\n\n      gate 'POST', {\n        }\n      \
                   task 'G', {\n        task 'In/ner', { }\n      }\n    }\n  }\n  application('A') {\n    process 'Deploy', { processStep 's' }\n  }\n}\n";
    let expected = [
        "/projects/p",
        "/projects/p/pipelines/P",
        "/projects/p/pipelines/P/stages/S",
        "/projects/p/pipelines/P/stages/S/gates/PRE",
        "/projects/p/pipelines/P/stages/S/gates/PRE/tasks/T",
        "/projects/p/pipelines/P/stages/S/gates/POST",
        "/projects/p/pipelines/P/stages/S/tasks/G",
        "/projects/p/pipelines/P/stages/S/tasks/G/tasks/In%2Fner",
        "/projects/p/applications/A",
        "/projects/p/applications/A/processes/Deploy",
        "/projects/p/applications/A/processes/Deploy/processSteps/s",
    ];
    for file in ["projects/p/project.dsl", "p.dsl"] {
        let export = Tree::new(&[(file, project)]).export();
        assert_eq!(paths(&export), expected, "{file}");
        assert_eq!(paths_with_acl(&export), [expected[0], expected[4]]);
        assert_eq!((export.summary.acls_found, export.summary.acls_taken), (2, 2));
        assert_eq!(skipped(&export, SkipReason::UnknownBlock), [("formalParameter", 1)]);
    }
}

#[test]
fn folders_and_blocks_of_one_object_come_together() {
    let pipeline = "pipeline 'P', {\n stage 'S', { acl { inheriting = '0' } }\n}\n";
    let tree = Tree::new(&[("projects/p/pipelines/P/pipeline.dsl", pipeline)]);
    tree.write("projects/p/pipelines/P/stages/S/acls/acl.dsl", b"acl { inheriting = '0' }");
    let export = tree.export();
    assert_eq!(paths(&export), ["/projects/p", "/projects/p/pipelines/P", "/projects/p/pipelines/P/stages/S"]);
    assert_eq!((export.summary.acls_found, export.summary.acls_taken, export.summary.acls), (2, 2, 1));
    tree.write("projects/p/pipelines/P/stages/S/acls/acl.dsl", b"\n acl { inheriting = '1' }");
    let expected = "expected one access control list for `/projects/p/pipelines/P/stages/S`, found a second one that says something else";
    assert_eq!(tree.error(), format!("InvalidExport: projects/p/pipelines/P/stages/S/acls/acl.dsl:2:2: {expected}"));
}

#[test]
fn a_file_with_a_computed_name_is_its_folders_own() {
    let export = Tree::new(&[(
        "projects/p/project.groovy",
        "def n = 'x'\nproject n, {\n acl { }\n procedure n + 'y', { acl { } }\n}",
    )])
    .export();
    assert_eq!(paths_with_acl(&export), ["/projects/p"]);
    assert_eq!(skipped(&export, SkipReason::ComputedValue), [("name", 1), ("procedure name", 1)]);
    assert_eq!(missed(&export), ["projects/p/project.groovy:4:23: the block `procedure name` around it was left out"]);
}

#[test]
fn a_single_file_may_name_its_project_in_the_block() {
    let files = [
        ("a.dsl", "pipeline 'P', {\n  projectName = 'p'\n  acl { }\n}"),
        ("b.DSL", "procedure 'x', projectName: 'q', { step 's' }\nstray 'x'"),
    ];
    let export = Tree::new(&files).export();
    assert_eq!(
        paths(&export),
        [
            "/projects/p",
            "/projects/p/pipelines/P",
            "/projects/q",
            "/projects/q/procedures/x",
            "/projects/q/procedures/x/steps/s"
        ]
    );
    assert_eq!(skipped(&export, SkipReason::UnknownBlock), [("stray", 1)]);
}

#[test]
fn a_list_in_a_block_that_is_no_object_is_reported() {
    let configuration = "pluginConfiguration 'rest', {\n  addCredential 'credential', {\n    userName = 'admin'\n\n    acl {\n      inheriting = '0'\n    }\n  }\n\n  acl {\n    inheriting = '1'\n  }\n}\n";
    let export = Tree::new(&[("projects/p/pluginConfigurations/rest/pluginConfiguration.dsl", configuration)]).export();
    assert_eq!(paths_with_acl(&export), ["/projects/p/pluginConfigurations/rest"]);
    assert_eq!(
        missed(&export),
        [
            "projects/p/pluginConfigurations/rest/pluginConfiguration.dsl:5:5: the block `addCredential` around it was left out"
        ]
    );
}

#[test]
fn a_groups_members_are_added_once() {
    let group = "group 'g', {\n  userName = ['a', 'b', 'a', c]\n}\ngroup 'h', {\n  userName = 'x'\n}";
    let export =
        Tree::new(&[("groups/g/group.dsl", group), ("users/u/user.dsl", "user 'u', { userName = ['no member'] }")])
            .export();
    let members: Vec<Value> =
        export.objects.iter().map(|object| serde_json::to_value(&object.members).unwrap()).collect();
    assert_eq!(
        members[0],
        json!([{ "memberType": "user", "memberName": "a" }, { "memberType": "user", "memberName": "b" }])
    );
    assert_eq!(members[1], json!([]));
    assert_eq!(members[2], json!([{ "memberType": "user", "memberName": "x" }]));
    assert_eq!(export.summary.members, 3);
    assert_eq!(skipped(&export, SkipReason::ComputedValue), [("userName", 1)]);
    let error = Tree::new(&[("groups/g/group.dsl", "group 'g', {\n  userName = ['']\n}")]).error();
    assert_eq!(
        error,
        "InvalidExport: groups/g/group.dsl:2:15: expected names of users as text, found something else among them"
    );
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
fn the_built_in_principals_are_objects_like_others() {
    let group = "group 'g', {\n userName = ['admin', 'default']\n}";
    let tree = Tree::with_acls(&["groups/Everyone", "users/admin", "users/default"]);
    tree.write("groups/g/group.dsl", group.as_bytes());
    let export = tree.export();
    assert_eq!(paths(&export), ["/groups/Everyone", "/groups/g", "/users/admin", "/users/default"]);
    assert_eq!(export.summary.members, 2);
    assert!(export.summary.skipped.is_empty());
    assert_eq!(engines_answer(&export), Ok(()));
}

#[test]
fn a_built_in_name_of_another_type_is_left_out_counted_and_named() {
    let tree =
        Tree::with_acls(&["groups/admin", "groups/default", "users/Everyone", "serviceAccounts/admin", "groups/g"]);
    tree.write("a.dsl", b"group 'admin', {\n acl { }\n}\ngroup 'g', {\n userName = ['Everyone', 'a']\n}");
    let export = tree.export();
    assert_eq!(paths(&export), ["/groups/g"]);
    assert_eq!(
        skipped(&export, SkipReason::BuiltInName),
        [("Everyone", 1), ("admin", 2), ("default", 1), ("group admin", 1), ("member Everyone", 1)]
    );
    assert_eq!(SkipReason::BuiltInName.clause(), "a built-in name");
    assert_eq!((export.summary.members, export.summary.missed_acls.len()), (1, 5));
    let why = "the folder `default` around it: a built-in name";
    assert!(missed(&export).contains(&format!("groups/default/acls/acl.dsl:1:1: {why}")));
    assert_eq!(engines_answer(&export), Ok(()));
}

#[test]
fn members_of_everyone_are_registered_and_counted_instead_of_added() {
    let group = "group 'Everyone', {\n userName = ['a', 'admin',\n  'b']\n}";
    let export = Tree::new(&[("groups/Everyone/group.dsl", group)]).export();
    assert_eq!(paths(&export), ["/groups/Everyone", "/users/a", "/users/admin", "/users/b"]);
    assert_eq!(export.summary.members, 0);
    assert!(export.objects.iter().all(|object| object.members.is_empty()));
    assert_eq!(skipped(&export, SkipReason::MemberOfEveryone), [("userName of group Everyone", 3)]);
    assert_eq!(engines_answer(&export), Ok(()));
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

#[test]
fn a_file_that_is_not_utf_8_is_an_error_with_its_place() {
    let tree = Tree::new(&[]);
    tree.write("projects/p/acls/acl.dsl", b"acl {\r\n  // \xe9\r\n}");
    assert_eq!(tree.error(), "InvalidExport: projects/p/acls/acl.dsl:2:6: expected UTF-8 text, found the byte 0xE9");
}

#[test]
fn a_folder_without_anything_of_an_export_is_refused() {
    let tree = Tree::new(&[("notes/a.txt", "x")]);
    let error = tree.read().unwrap_err();
    assert_eq!(error.code(), "InvalidExport");
    assert!(error.to_string().ends_with(&format!("found none in `{}`", tree.0.path().display())), "{error}");
    let error = read_export(&tree.0.path().join("none"), &Schema::cdro(), |_| {}).unwrap_err();
    assert_eq!(error.code(), "ExportUnreadable");
    assert!(error.to_string().starts_with("cannot read `"), "{error}");
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_not_followed_and_reported() {
    let tree = Tree::with_acls(&["projects/p"]);
    let at = |path: &str| tree.0.path().join(path);
    std::os::unix::fs::symlink(at("projects"), at("projects/p/procedures")).unwrap();
    fs::create_dir_all(at("projects/q/acls")).unwrap();
    std::os::unix::fs::symlink(at("projects/p/acls/acl.dsl"), at("projects/q/acls/acl.dsl")).unwrap();
    let export = tree.export();
    assert_eq!(paths(&export), ["/projects/p", "/projects/q"]);
    assert_eq!(skipped(&export, SkipReason::SymbolicLink), [("acl.dsl", 1), ("procedures", 1)]);
    assert_eq!(missed(&export), ["projects/q/acls/acl.dsl:1:1: symbolic link, not followed"]);
}

#[test]
fn a_schema_of_the_users_own_has_its_own_collections_and_privileges() {
    let schema = r#"{ "name": "hospital", "privileges": ["view", "edit"], "roles": { "read": "view", "modify": "edit", "changePermissions": "edit" },
        "types": [{ "name": "department" }, { "name": "record", "parents": ["department"] }] }"#;
    let tree = Tree::new(&[(
        "departments/d/records/r/acls/acl.dsl",
        "acl { aclEntry 'user', principalName: 'u', { viewPrivilege = 'allow' } }",
    )]);
    let export = read_export(tree.0.path(), &Schema::parse(schema).unwrap(), |_| {}).unwrap();
    assert_eq!(paths(&export), ["/departments/d", "/departments/d/records/r"]);
    let entry = serde_json::to_value(&export.objects[1].acl.as_ref().unwrap().entries[0]).unwrap();
    assert_eq!(
        entry,
        json!({ "principalType": "user", "principalName": "u", "viewPrivilege": "allow", "editPrivilege": "inherit" })
    );
}

#[test]
fn progress_begins_at_nothing_and_ends_at_all_files() {
    let tree = Tree::with_acls(&["projects/p", "projects/q"]);
    let mut seen = Vec::new();
    read_export(tree.0.path(), &Schema::cdro(), |progress| seen.push(progress)).unwrap();
    assert_eq!(seen, [0, 1, 2].map(|files_read| Progress { files_read, files_total: 2 }));
}

#[test]
fn tasks_may_lie_in_tasks_as_deep_as_a_path_is_long() {
    let tree = Tree(TempDir::new().unwrap());
    let depth = 400;
    let folder = format!("projects/p/pipelines/P/stages/S{}", "/tasks/t".repeat(depth));
    tree.write(&format!("{folder}/acls/acl.dsl"), EMPTY_ACL.as_bytes());
    let export = tree.export();
    assert_eq!(export.summary.objects["task"], depth as u64);
    assert_eq!(paths_with_acl(&export), [format!("/{folder}")]);
}

#[test]
fn the_sample_export_is_read_without_losing_a_list() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/cd-project-export");
    if !sample.is_dir() {
        println!("skipped the_sample_export_is_read_without_losing_a_list: {} is absent", sample.display());
        return;
    }
    let export = read_export(&sample, &Schema::cdro(), |_| {}).unwrap();
    assert_eq!(engines_answer(&export), Ok(()));
    let summary = &export.summary;
    assert_eq!((summary.acls_found, summary.acls_taken, summary.acls), (306, 306, 306));
    assert!(summary.missed_acls.is_empty());
    assert_eq!((summary.files, summary.entries, summary.members), (313, 9, 2));
    let expected = [
        ("application", 3),
        ("applicationTier", 2),
        ("catalog", 1),
        ("catalogItem", 1),
        ("cluster", 4),
        ("component", 2),
        ("credential", 1),
        ("environment", 7),
        ("gate", 72),
        ("group", 2),
        ("microservice", 1),
        ("pipeline", 17),
        ("pluginConfiguration", 4),
        ("procedure", 8),
        ("process", 8),
        ("project", 1),
        ("release", 2),
        ("resource", 3),
        ("resourcePool", 1),
        ("snapshot", 3),
        ("stage", 36),
        ("step", 12),
        ("task", 121),
        ("user", 1),
    ];
    let counts: Vec<(&str, u64)> = summary.objects.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    assert_eq!(counts, expected);
    assert_eq!(skipped(&export, SkipReason::Code), [("def", 3)]);
    assert_eq!(skipped(&export, SkipReason::ComputedValue), [("hostName", 3)]);
    assert!(
        paths(&export)
            .contains(&"/projects/Examples Library/pipelines/SmokeTest/stages/Components/tasks/Is Repo available?")
    );
}
