//! `portcullis completions`, as the shells use it.

use crate::program::{Desk, Run};
use std::process::Command;

fn script(desk: &Desk, shell: &str, name: &str) -> String {
    let run = desk.run(&["completions", shell, "--name", name]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    run.stdout
}

/// What bash offers for the last of the words.
fn offered(desk: &Desk, words: &[&str]) -> Vec<String> {
    let name = words[0];
    let last = words.len() - 1;
    desk.write("completions.bash", &script(desk, "bash", name));
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let line = format!(
        "set -eu; compopt() {{ :; }}; source completions.bash; \
        complete -p {name} | grep -q -- '-F _{name} '; \
        COMP_WORDS=({}); COMP_CWORD={last}; _{name} {name} '{}' '{}' || true; printf '%s\\n' \"${{COMPREPLY[@]-}}\"",
        quoted.join(" "),
        words[last],
        words[last - 1],
    );
    let output = Command::new("bash").args(["--norc", "-c", &line]).current_dir(desk.path("")).output().unwrap();
    let run = Run::of(&output);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words:?}");
    run.stdout.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_words() {
    let desk = Desk::new();
    assert_eq!(offered(&desk, &["portcullis", "checkA"]), ["checkAccess"]);
    assert_eq!(offered(&desk, &["portcullis", "compl"]), ["completions"]);
    assert_eq!(
        offered(&desk, &["portcullis", "checkAccess", "--environmentTemplateT"]),
        ["--environmentTemplateTierName"]
    );
    assert_eq!(
        offered(&desk, &["portcullis", "createAclEntry", "--modifyPrivilege", ""]),
        ["allow", "deny", "inherit"]
    );
    assert_eq!(offered(&desk, &["portcullis", "createAclEntry", "--principalType", "s"]), ["serviceAccount"]);
    assert_eq!(offered(&desk, &["portcullis", "--output", "s"]), ["simple", "silent"]);
    assert_eq!(offered(&desk, &["portcullis", "tree", "--output", "c"]), ["csv"]);
    assert_eq!(offered(&desk, &["portcullis", "help", "locat"]), ["locators"]);
    assert_eq!(offered(&desk, &["portcullis", "completions", "z"]), ["zsh"]);
}

#[test]
fn bash_completes_under_the_tools_names_too() {
    let desk = Desk::new();
    assert_eq!(offered(&desk, &["ectool", "--sil"]), ["--silent"]);
    assert_eq!(offered(&desk, &["ectool", "--silent", "getAcl"]), ["getAclEntry"]);
    assert_eq!(offered(&desk, &["cmtool", "addGroupMember", "--memberType", "g"]), ["group"]);
    assert_eq!(offered(&desk, &["portcullis", "ectool", "createAcl"]), ["createAclEntry"]);
    assert_eq!(desk.run(&["ectool", "completions", "bash"]).stdout, script(&desk, "bash", "ectool"));
    assert_eq!(desk.run(&["completions", "bash"]).stdout, script(&desk, "bash", "portcullis"));
}

/// The other shells at least read their scripts, where they are.
#[test]
fn other_shells_read_their_scripts() {
    let desk = Desk::new();
    for (shell, check) in [("zsh", &["-n"][..]), ("fish", &["--no-execute"]), ("elvish", &["-compileonly"])] {
        for name in ["portcullis", "ectool", "cmtool"] {
            let text = script(&desk, shell, name);
            assert!(text.contains("createAclEntry") && text.contains("readPrivilege"), "{shell}");
            desk.write("script", &text);
            match Command::new(shell).args(check).arg(desk.path("script")).output() {
                Ok(output) => assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr)),
                Err(_) => eprintln!("skipped: other_shells_read_their_scripts: there is no `{shell}`"),
            }
        }
    }
    assert!(script(&desk, "powershell", "cmtool").contains("Register-ArgumentCompleter"));
}

#[test]
fn an_unknown_shell_or_name_is_refused() {
    let desk = Desk::new();
    assert!(desk.fails(2, "InvalidArgument", &["completions", "csh"]).contains("`fish`"));
    assert!(desk.fails(2, "InvalidArgument", &["completions", "bash", "--name", "x"]).contains("`cmtool`"));
    desk.fails(2, "MissingArgument", &["completions"]);
}
