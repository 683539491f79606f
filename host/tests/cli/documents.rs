//! The examples of the ACL management documents, as they are printed, program name aside.

use crate::program::Desk;
use serde_json::json;

fn desk_with(projects: &[&str]) -> Desk {
    let desk = Desk::new();
    for project in projects {
        desk.ok_words(&["createObject", "--projectName", project]);
    }
    desk
}

#[test]
fn breaking_inheritance_with_a_shortened_locator() {
    let desk = desk_with(&["Default"]);
    let pipeline = "Q1 2-16 Trading System";
    desk.ok_words(&["createObject", "--projectName", "Default", "--pipelineName", pipeline]);
    let reply = desk.ok_words(&["breakAclInheritance", "--projectName", "Default", "--pipeline", pipeline]);
    assert_eq!(reply, json!({}));
    let access = desk.ok_words(&["getAccess", "--projectName", "Default", "--pipelineName", pipeline]);
    assert_eq!(access["object"].as_array().unwrap().len(), 1);
    assert_eq!(access["object"][0]["breakInheritance"], "1");
    desk.ok_words(&["restoreAclInheritance", "--projectName", "Default", "--pipeline", pipeline]);
    let access = desk.ok_words(&["getAccess", "--projectName", "Default", "--pipelineName", pipeline]);
    assert_eq!(access["object"].as_array().unwrap().len(), 4);
}

#[test]
fn checking_access_with_the_printed_en_dash() {
    let desk = desk_with(&["Production"]);
    let reply = desk.ok_words(&["ectool", "--format", "json", "checkAccess", "–-projectName", "Production"]);
    let allow = "allow";
    let wanted = json!({ "access": { "readPrivilege": allow, "modifyPrivilege": allow,
        "executePrivilege": allow, "changePermissionsPrivilege": allow } });
    assert_eq!(reply, wanted);
}

#[test]
fn an_entry_is_created_changed_read_and_deleted() {
    let desk = desk_with(&["Sample Project", "Default"]);
    let privileges = ["--readPrivilege", "allow", "--modifyPrivilege", "deny", "--executePrivilege", "deny"];
    let create = ["createAclEntry", "user", "j smith", "--projectName", "Sample Project"];
    let last = ["--changePermissionsPrivilege", "deny"];
    let reply = desk.ok_words(&[&create[..], &privileges, &last].concat());
    let entry = &reply["aclEntry"];
    assert_eq!((&entry["principalName"], &entry["readPrivilege"]), (&json!("j smith"), &json!("allow")));
    assert_eq!(entry["changePermissionsPrivilege"], "deny");

    let at = ["user", "j smith", "--projectName", "Sample Project"];
    desk.ok_words(&[&["modifyAclEntry"], &at[..], &["--executePrivilege", "inherit"]].concat());
    let reply = desk.ok_words(&[&["getAclEntry"], &at[..]].concat());
    assert_eq!(
        (&reply["aclEntry"]["executePrivilege"], &reply["aclEntry"]["modifyPrivilege"]),
        (&json!("inherit"), &json!("deny"))
    );

    desk.ok_words(&["createAclEntry", "user", "j smith", "--projectName", "Default"]);
    assert_eq!(desk.ok_words(&["deleteAclEntry", "user", "j smith", "--projectName", "Default"]), json!({}));
    desk.fails(1, "NoSuchAclEntry", &["deleteAclEntry", "user", "j smith", "--projectName", "Default"]);
}

#[test]
fn the_lists_on_the_way_up_begin_with_the_nearest() {
    let desk = desk_with(&["Quarterly Summary Results"]);
    let reply = desk.ok_words(&["getAccess", "--projectName", "Quarterly Summary Results"]);
    let names: Vec<&str> =
        reply["object"].as_array().unwrap().iter().map(|at| at["objectName"].as_str().unwrap()).collect();
    assert_eq!(names, ["Quarterly Summary Results", "projects", "server"]);
    assert_eq!(reply["object"][0]["aclEntry"][0]["principalName"], "project: Quarterly Summary Results");
}
