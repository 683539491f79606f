//! `cargo xtask demo`: a sample policy in a new store, and a few decisions with their reasons. Every line is a call of
//! the program as one would type it; every decision is made by the engine in WebAssembly.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Something to show: what it is about, and the commands that show it.
struct Scene {
    caption: &'static str,
    commands: &'static [&'static [&'static str]],
}

/// The demonstration, in order. Each command is what follows `portcullis --store demo.db`.
const SCENES: [Scene; 7] = [
    Scene {
        caption: "A project with a pipeline and its stages",
        commands: &[
            &["createObject", "--projectName", "Shop"],
            &["createObject", "--projectName", "Shop", "--pipelineName", "Release"],
            &["createObject", "--projectName", "Shop", "--pipelineName", "Release", "--stageName", "Test"],
            &["createObject", "--projectName", "Shop", "--pipelineName", "Release", "--stageName", "Production"],
        ],
    },
    Scene {
        caption: "Three people, two groups",
        commands: &[
            &["createUser", "dora"],
            &["createUser", "oscar"],
            &["createUser", "una"],
            &["createGroup", "developers"],
            &["createGroup", "operators"],
            &["addGroupMember", "developers", "dora"],
            &["addGroupMember", "operators", "oscar"],
        ],
    },
    Scene {
        caption: "Developers may change the pipeline; only operators may touch production",
        commands: &[
            &[
                "createAclEntry",
                "group",
                "developers",
                "--projectName",
                "Shop",
                "--pipelineName",
                "Release",
                "--modifyPrivilege",
                "allow",
                "--executePrivilege",
                "allow",
            ],
            &[
                "createAclEntry",
                "group",
                "operators",
                "--projectName",
                "Shop",
                "--pipelineName",
                "Release",
                "--stageName",
                "Production",
                "--modifyPrivilege",
                "allow",
                "--executePrivilege",
                "allow",
            ],
            &["breakAclInheritance", "--projectName", "Shop", "--pipelineName", "Release", "--stageName", "Production"],
        ],
    },
    Scene { caption: "The objects, as they lie in one another", commands: &[&["tree"]] },
    Scene {
        caption: "Dora may change a test stage. Why?",
        commands: &[&[
            "explain",
            "--projectName",
            "Shop",
            "--pipelineName",
            "Release",
            "--stageName",
            "Test",
            "--principal",
            "user:dora",
            "--privilege",
            "modify",
        ]],
    },
    Scene {
        caption: "She may not change production. Why not, and what would let her?",
        commands: &[&[
            "explain",
            "--projectName",
            "Shop",
            "--pipelineName",
            "Release",
            "--stageName",
            "Production",
            "--principal",
            "user:dora",
            "--privilege",
            "modify",
        ]],
    },
    Scene {
        caption: "Who has what on production",
        commands: &[&["access", "--projectName", "Shop", "--pipelineName", "Release", "--stageName", "Production"]],
    },
];

/// Plays the demonstration on a new store.
///
/// # Errors
///
/// The program refuses one of the commands.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target("demo");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for scene in &SCENES {
        println!("\n── {}", scene.caption);
        for arguments in scene.commands {
            println!("\n$ portcullis --store demo.db {}", typed(arguments));
            process::run(&mut program(workspace, &folder, arguments))?;
        }
    }
    println!("\nThe store is {}", folder.join("demo.db").display());
    Ok(())
}

fn program(workspace: &Workspace, folder: &Path, arguments: &[&str]) -> Command {
    let mut program = Command::new(workspace.program());
    program.args(["--store", "demo.db", "--as", "admin", "--output", "table"]).args(arguments).current_dir(folder);
    program
}

/// Arguments as a shell wants them.
fn typed(arguments: &[&str]) -> String {
    let quoted = arguments.iter().map(|word| if word.contains(' ') { format!("'{word}'") } else { (*word).to_owned() });
    quoted.collect::<Vec<_>>().join(" ")
}
