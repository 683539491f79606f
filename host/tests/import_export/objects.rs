//! Objects, in folders and in blocks, and what is left out.

use crate::tree::{EMPTY_ACL, Tree, engines_answer, in_memory, missed, paths, paths_with_acl, skipped};
use portcullis_engine::Schema;
use portcullis_host::import::{Progress, SkipReason, read_export};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

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
fn the_sample_export_is_read_without_losing_a_list_from_the_disk_and_from_memory() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/cd-project-export");
    if !sample.is_dir() {
        println!(
            "skipped the_sample_export_is_read_without_losing_a_list_from_the_disk_and_from_memory: {} is absent",
            sample.display()
        );
        return;
    }
    let export = read_export(&sample, &Schema::cdro(), |_| {}).unwrap();
    assert_eq!(engines_answer(&export), Ok(()));
    // As it is dropped, with a folder around it, and beside that folder a file which is no part of it.
    let dropped = in_memory(sample.parent().unwrap()).unwrap();
    assert_eq!(dropped.export(&Schema::cdro()).unwrap(), export);
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
