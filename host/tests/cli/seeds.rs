//! Every example of the reference documents, as it is printed, on one store: typed into a shell whose path leads to the
//! program under the names of the vendor's tools.
//!
//! Where the documents have an obvious misprint, a missing blank or a stray quote, the line is the corrected one. Examples
//! for the vendor's Perl and Groovy clients are the same calls as lines. What an example takes for granted, such as the
//! user that it reads, is prepared by lines that begin with `portcullis`.

use crate::program::{Desk, Run};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

/// A line, and a part of what it answers: nothing in particular, if that is empty.
type Example = (&'static str, &'static str);

const ACLS: &[Example] = &[
    ("portcullis createObject Default --pipelineName 'Q1 2-16 Trading System'", "! NoSuchProject"),
    ("portcullis createObject Default", "Default"),
    ("portcullis createObject Default --pipelineName 'Q1 2-16 Trading System'", "Trading"),
    ("portcullis createObject Production", ""),
    ("portcullis createObject 'Sample Project'", ""),
    ("portcullis createObject 'Quarterly Summary Results'", ""),
    (r#"ectool breakAclInheritance --projectName "Default" --pipeline "Q1 2-16 Trading System""#, "<response/>"),
    (r#"ectool checkAccess –-projectName "Production""#, "<readPrivilege>allow</readPrivilege>"),
    (
        r#"ectool createAclEntry user "j smith" --projectName "Sample Project" --readPrivilege allow --modifyPrivilege deny --executePrivilege deny --changePermissionsPrivilege deny"#,
        "<modifyPrivilege>deny</modifyPrivilege>",
    ),
    ("portcullis createAclEntry user 'j smith' --projectName Default", ""),
    (r#"ectool deleteAclEntry "user" "j smith" --projectName "Default""#, "<response/>"),
    (r#"ectool getAccess --projectName "Quarterly Summary Results""#, "project: Quarterly Summary Results"),
];

const USERS: &[Example] = &[
    ("cmtool createGroup DevGroupA", "<response/>"),
    (r#"cmtool createUser ec123 psword --fullUserName "Bob Smith" --email "ec123@ourhost.com""#, "<response/>"),
    ("cmtool getUser ec123", "<fullUserName>Bob Smith</fullUserName>"),
    ("cmtool addGroupMember DevGroupA ec123", "<response/>"),
    ("cmtool getGroupMembers", "<userName>ec123</userName>"),
    ("cmtool getGroups", "<groupName>DevGroupA</groupName>"),
    ("cmtool getPermissions group DevGroupA", ""),
    (r#"cmtool setPermissions user ec123 "BuildsRead AgentsRead""#, "<response/>"),
    ("cmtool getAccessEntries", "<entityName>ec123</entityName>"),
    ("cmtool getUser ec123", "<userName>ec123</userName>"),
    ("cmtool getUsers --pattern ec*", "<email>ec123@ourhost.com</email>"),
    ("cmtool removeGroupMember DevGroupA ec123", "<response/>"),
    ("cmtool deleteGroup DevGroupA", "<response/>"),
    ("portcullis createGroup DevGroupA", ""),
    ("cmtool modifyGroup DevGroupA --newName GroupDevA", "<response/>"),
    ("portcullis modifyUser ec123 --password bobs", ""),
    ("cmtool login ec123 psword", "! InvalidCredentials"),
    ("cmtool login ec123 bobs", "<sessionId>"),
    ("cmtool getEffectivePermissions", "<permissions>AgentsRead BuildsRead</permissions>"),
    (r#"cmtool changeOwnUser ec123 --fullUserName "Mary Smith""#, "<response/>"),
    ("cmtool setUserSettings yes --notificationLevel Info", "<response/>"),
    ("cmtool setBuildEndNotification 1 true", "<response/>"),
    ("cmtool getUserSettings", "<watchMessages>Y</watchMessages>"),
    ("cmtool deleteGroup GroupDevA", "! AccessDenied"),
    ("cmtool logout", "<response/>"),
    (r#"cmtool modifyUser ec123 --fullUserName "Mary Smith""#, "<response/>"),
];

const CREDENTIALS: &[Example] = &[
    ("portcullis createObject --serviceAccountName hook", ""),
    (
        "HOOK=$(ectool --format json createSession --serviceAccountName hook | sed -n 's/.*\"sessionId\": \"\\(.*\\)\".*/\\1/p')",
        "",
    ),
    ("ectool getSessions", "<serviceAccountName>hook</serviceAccountName>"),
    (
        "ectool modifySession --sessionId \"$HOOK\" --expirationDate 2099-06-01 --timeZone America/New_York",
        "<response/>",
    ),
    ("ectool getSessions --serviceAccountName hook", "<expirationDate>2099-06-01T04:00:00.000Z</expirationDate>"),
    ("PORTCULLIS_SESSION=$HOOK ectool checkAccess --projectName Default", "<access>"),
    ("ectool deleteSession --sessionId \"$HOOK\"", "<response/>"),
    ("PORTCULLIS_SESSION=$HOOK ectool checkAccess --projectName Default", "! InvalidSessionId"),
    ("ectool login ec123 bobs", "<sessionId>"),
    ("ectool createUserAccessToken", "<token>pct_"),
    (
        "TOKEN=$(ectool --format json createUserAccessToken --userAccessTokenName test-userAccessTokenName | sed -n 's/.*\"token\": \"\\(.*\\)\".*/\\1/p')",
        "",
    ),
    ("ectool getUserAccessToken test-userAccessTokenName", "<userName>ec123</userName>"),
    ("ectool getUserAccessTokens", "test-userAccessTokenName"),
    (
        "ectool modifyUserAccessToken --userAccessTokenName test-userAccessTokenName --description 'of the laptop'",
        "of the laptop",
    ),
    ("ectool logout", "<response/>"),
    ("ectool loginSso --token \"$TOKEN\"", "<sessionId>"),
    ("ectool getUserAccessTokenSessions test-userAccessTokenName", "<session>"),
    ("ectool createUserAccessToken", "! AccessDenied"),
    ("ectool login --token \"$TOKEN\"", "<sessionId>"),
    ("ectool revokeUserAccessToken test-userAccessTokenName", "<response/>"),
    ("ectool getUserAccessTokens", "! InvalidSessionId"),
    ("ectool logout", "! InvalidSessionId"),
    ("ectool revokeUserAccessTokens --userName ec123", "<response/>"),
    ("ectool getUserAccessTokens --userName ec123", "<response/>"),
];

const PERSONAS: &[Example] = &[
    (r#"ectool createPersonaCategory "Deploy East" --personaPages "application" "environment""#, "<personaCategory>"),
    (
        r#"ectool createPersona persona1 --personaDetails '[{"personaCategory":"releaseorchestration","personaPages":["pipeline","release"]},
  {"personaCategory":"deployment","personaPages":["application", "environment"]}]' --homePageName application"#,
        "<homePageName>application</homePageName>",
    ),
    ("portcullis createPersona Persona1", ""),
    ("portcullis modifyPersonaCategory 'Deploy East' --personaPages personaPage1 personaPage2", ""),
    (
        r#"ectool addPersonaDetail "Persona1" "Deploy East" --personaPages personaPage1 personaPage2"#,
        "<personaPageName>personaPage2</personaPageName>",
    ),
    (r#"ectool removePersonaDetail "Persona1" "Deploy East" --personaPages personaPage1"#, "<personaDetail>"),
    (r#"ectool addPersonaDetail 'Persona1' 'Deploy East' --personaPages "application" "environment""#, "application"),
    (r#"ectool removePersonaDetail 'persona1' 'Deploy East' --personaPages "application""#, "<response/>"),
    ("portcullis deletePersona persona1", ""),
    (
        r#"ectool createPersona 'persona1' --personaDetails '{"personaCategory":"releaseorchestration","personaPages":["pipeline","release"]},
                     {"personaCategory":"deployment","personaPages":["application", "environment"]}' --homePageName application"#,
        "<personaName>persona1</personaName>",
    ),
    ("portcullis createPersona 'Release Manager West'", ""),
    (r#"ectool deletePersona "Release Manager West""#, "<response/>"),
    ("portcullis createPersona Test", ""),
    (r#"ectool getPersona "Test""#, "<personaName>Test</personaName>"),
    ("ectool getPersonas", "<personaName>System Administrator</personaName>"),
    (r#"ectool modifyPersona "Test" --newName "NewTest""#, "<personaName>NewTest</personaName>"),
    ("portcullis createPersonaCategory 'Default Pipelines'", ""),
    (
        r#"ectool getPersonaCategory "Default Pipelines""#,
        "<personaCategoryName>Default Pipelines</personaCategoryName>",
    ),
    ("ectool getPersonaCategories", "<personaCategoryName>administration</personaCategoryName>"),
    ("portcullis createPersonaCategory 'Release Manager'", ""),
    (
        r#"ectool modifyPersonaCategory "Release Manager" --newName "Release Manager West" --personaPages "application" "environment""#,
        "<personaCategoryName>Release Manager West</personaCategoryName>",
    ),
    (
        r#"ectool createPersonaPage "Default Pipelines" --description "This is a description.""#,
        "This is a description.",
    ),
    (r#"ectool getPersonaPage "Default Pipelines""#, "<personaPageName>Default Pipelines</personaPageName>"),
    ("ectool getPersonaPages", "<personaPageName>pipeline</personaPageName>"),
    (r#"ectool deletePersonaPage "Default Pipelines""#, "<response/>"),
    ("portcullis createPersonaPage Applications", ""),
    (r#"ectool modifyPersonaPage "Applications" --newName "v9.2 Applications""#, "v9.2 Applications"),
    ("portcullis createObject --userName Joe && portcullis createObject --userName Sue", ""),
    (r#"ectool assignPersonaToUser "Release Manager" --userNames "Joe" "Sue""#, "<userName>Sue</userName>"),
    ("portcullis --output xml getPersonas --userName Joe", "<personaName>Release Manager</personaName>"),
    (r#"ectool unassignPersonaFromUser "Release Manager" --userNames "Joe" "Sue""#, "<user>"),
    ("portcullis createGroup Dev && portcullis createGroup QA", ""),
    (r#"ectool assignPersonaToGroup "Release Manager" --groupNames "Dev" "QA""#, "<groupName>QA</groupName>"),
    (r#"ectool unassignPersonaFromGroup "Release Manager" --groupNames "Dev""#, "<groupName>Dev</groupName>"),
    (r#"ectool deletePersonaCategory "Deploy East""#, "<response/>"),
    ("cmtool deleteUser ec123", "<response/>"),
    ("portcullis verify", ""),
];

#[test]
fn every_example_of_the_documents_works_as_printed() {
    let desk = Desk::new();
    fs::create_dir(desk.path("bin")).unwrap();
    for name in ["portcullis", "ectool", "cmtool"] {
        symlink(env!("CARGO_BIN_EXE_portcullis"), desk.path("bin").join(name)).unwrap();
    }
    let mut kept = String::new();
    for (line, wanted) in [ACLS, USERS, CREDENTIALS, PERSONAS].concat() {
        if line.contains("=$(") {
            // The line is run once, and what it keeps is given to the lines that follow.
            let name = line.split('=').next().unwrap();
            let run = shell(&desk, &format!("{line} && echo \"${name}\""));
            assert!(run.code == 0 && run.stdout.len() > 60, "{line}: {run:?}");
            kept = format!("{name}='{}'\n", run.stdout.trim());
            continue;
        }
        let run = shell(&desk, &format!("{kept}{line}"));
        match wanted.strip_prefix("! ") {
            Some(code) => assert!(run.code == 1 && run.stderr.contains(code), "{line}: {run:?}"),
            None => assert!(run.code == 0 && run.stdout.contains(wanted), "{line}: {run:?}"),
        }
    }
}

fn shell(desk: &Desk, script: &str) -> Run {
    let mut shell = Command::new("/bin/sh");
    let path = format!("{}:/usr/bin:/bin", desk.path("bin").display());
    shell.current_dir(desk.path(".")).env_clear().env("HOME", desk.path(".")).env("PATH", path);
    Run::of(&shell.args(["-c", script]).output().unwrap())
}
