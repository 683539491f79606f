//! `cargo xtask demo`: a sample policy in a new store, and a few decisions with their reasons. Every line is a call of
//! the program as one would type it; every decision is made by the engine in WebAssembly.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::process;

/// Something to show: what it is about, and the commands that show it.
struct Scene {
    caption: &'static str,
    /// Each is what follows `portcullis`, its words parted by one blank.
    commands: &'static [&'static str],
    /// How each of the commands ends.
    exit_code: i32,
}

/// A scene whose commands are carried out.
const fn scene(caption: &'static str, commands: &'static [&'static str]) -> Scene {
    Scene { caption, commands, exit_code: 0 }
}

/// A scene whose commands are refused.
const fn refusal(caption: &'static str, commands: &'static [&'static str]) -> Scene {
    Scene { caption, commands, exit_code: 1 }
}

/// The demonstration, in order.
const SCENES: &[Scene] = &[
    scene(
        "A project with a pipeline, and its two stages",
        &[
            "createObject --projectName Shop",
            "createObject --projectName Shop --pipelineName Release",
            "createObject --projectName Shop --pipelineName Release --stageName Test",
            "createObject --projectName Shop --pipelineName Release --stageName Production",
        ],
    ),
    scene(
        "Dora is a developer, Oscar an operator",
        &[
            "createObject --userName dora",
            "createObject --userName oscar",
            "createObject --groupName developers",
            "createObject --groupName operators",
            "addGroupMember developers dora",
            "addGroupMember operators oscar",
        ],
    ),
    scene(
        "Developers may change the pipeline and run it",
        &[
            "createAclEntry group developers Shop --pipelineName Release --modifyPrivilege allow --executePrivilege allow",
        ],
    ),
    scene(
        "So Dora may change its stages: where a list is silent, the next one up decides",
        &["explain Shop --pipelineName Release --stageName Test --principal user:dora --privilege modify"],
    ),
    scene(
        "Production is for operators alone: its own list, and none above it",
        &[
            "breakAclInheritance Shop --pipelineName Release --stageName Production",
            "createAclEntry group operators Shop --pipelineName Release --stageName Production --readPrivilege allow --executePrivilege allow",
        ],
    ),
    scene("Objects, entries and the broken inheritance at a glance", &["tree Shop"]),
    scene(
        "Now Dora may not change production. Why not, and what would allow it?",
        &["explain Shop --pipelineName Release --stageName Production --principal user:dora --privilege modify"],
    ),
    refusal(
        "She cannot help herself to it",
        &[
            "--as dora createAclEntry user dora Shop --pipelineName Release --stageName Production --modifyPrivilege allow",
        ],
    ),
    scene(
        "Vera, whom nobody has registered, may look at production until a date",
        &[
            "createAclEntry user vera Shop --pipelineName Release --stageName Production --readPrivilege allow --notAfter 2099-12-31T00:00:00Z",
            "explain Shop --pipelineName Release --stageName Production --principal user:vera --privilege read",
        ],
    ),
    scene(
        "Dora may no longer run it: on one level, a deny beats her group's allow",
        &[
            "createAclEntry user dora Shop --pipelineName Release --executePrivilege deny",
            "explain Shop --pipelineName Release --stageName Test --principal user:dora --privilege execute",
        ],
    ),
    scene(
        "The question the other way round: who may do what in production?",
        &["access Shop --pipelineName Release --stageName Production"],
    ),
    scene(
        "The log of all changes, its hashes checked, and the module that has decided",
        &["log --limit 5", "verify", "engine"],
    ),
];

/// Plays the demonstration in a new folder, with a new store.
///
/// # Errors
///
/// One of the commands ends otherwise than it should.
pub(crate) fn run(program: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    println!("\n$ export PORTCULLIS_STORE=demo.db");
    for scene in SCENES {
        println!("\n── {}", scene.caption);
        scene.commands.iter().try_for_each(|command| play(program, folder, command, scene.exit_code))?;
    }
    println!("\nTo go on with this store: export PORTCULLIS_STORE='{}'", folder.join("demo.db").display());
    println!("The program is {}; its `help` tells the rest.", program.display());
    Ok(())
}

fn play(program: &Path, folder: &Path, command: &str, exit_code: i32) -> Result<()> {
    println!("\n{}", typed(command));
    let mut portcullis = process::command(program);
    portcullis.args(["--output", "table"]).args(command.split(' ')).current_dir(folder);
    // Whoever plays this may be logged in or have a user set.
    let status = portcullis.env("PORTCULLIS_STORE", "demo.db").env("PORTCULLIS_AS", "admin").status()?;
    if status.code() != Some(exit_code) {
        bail!("`portcullis {command}` should have ended with {exit_code} ({status})");
    }
    Ok(())
}

/// A command as one would type it, in lines of a readable length; an option and its value stay together.
fn typed(command: &str) -> String {
    let mut lines = vec!["$ portcullis".to_owned()];
    for part in command.replace(" --", "\n--").lines() {
        match lines.last_mut() {
            Some(line) if line.len() + part.len() < WIDTH => *line += &format!(" {part}"),
            _ => lines.push(format!("    {part}")),
        }
    }
    lines.join(" \\\n")
}

/// How many columns a typed line may have, with the ` \` at its end.
const WIDTH: usize = 77;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_command_is_typed_on_one_line() {
        assert_eq!(typed("tree Shop --limit 3"), "$ portcullis tree Shop --limit 3");
    }

    #[test]
    fn a_long_command_is_typed_on_several_lines_between_its_options() {
        let text = typed(&format!("explain --projectName {} --pipelineName {}", "a".repeat(40), "b".repeat(40)));
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        assert_eq!(text, format!("$ portcullis explain --projectName {a} \\\n    --pipelineName {b}"));
    }

    #[test]
    fn no_line_of_the_demonstration_is_longer_than_eighty_columns() {
        for command in SCENES.iter().flat_map(|scene| scene.commands) {
            assert!(typed(command).lines().all(|line| line.len() <= 80), "{command}");
        }
    }
}
