//! Writes the commands as TypeScript, for the npm package: their arguments, calls and answers as types with their
//! documentation, and the table by which the package knows them.
//!
//! `cargo run -p portcullis-engine --features prose --example typescript` writes that to standard output, and with it every
//! command's example as a call, for the type checker to look at.

mod arguments;
mod calls;
mod replies;
mod text;

use portcullis_engine::{ArgumentKind, COMMANDS, Command, Issues};
use replies::Names;
use text::{comment, pascal, quoted};

fn main() {
    print!("{}", module());
}

/// The whole module.
fn module() -> String {
    let names = Names::collect();
    let mut out = String::from(
        "// Written by `cargo run -p portcullis-engine --features prose --example typescript`, from the engine's table.\n\n\
         import type { CommandShape, Identity, Instant, Json, Nothing, Several, Switch, Without } from \"../values.js\";\n\n",
    );
    out += &arguments::shared();
    out += &names.interfaces();
    for command in COMMANDS {
        out += &arguments::interface(command);
        out += &names.reply(command);
    }
    out += &methods();
    out += &types();
    out += &table();
    out + &calls::examples()
}

/// The commands as methods.
fn methods() -> String {
    let mut out = comment(
        "",
        "Every command as a method: the arguments that the documents give by place, in their order, as many as there \
         are, and then an object with the others.",
        &[],
    );
    out += "export interface CommandMethods {\n";
    for command in COMMANDS {
        out += &calls::method(command);
    }
    out + "}\n\n"
}

/// What each command takes and answers.
fn types() -> String {
    let mut out = comment("", "What each command takes and answers, by its name.", &[]);
    out += "export interface CommandTypes {\n";
    for command in COMMANDS {
        let (name, pascal) = (command.name, pascal(command.name));
        let (asks, reply) = (command.asks(), replies::type_name(command));
        out += &format!("  {name}: {{ arguments: {pascal}Arguments; reply: {reply}; asks: {asks} }};\n");
    }
    out + "}\n\n"
}

/// What the package has to know of each command while it runs.
fn table() -> String {
    let mut out = comment("", "The commands, in the order of the alphabet.", &[]);
    out += "export const COMMANDS: Readonly<Record<keyof CommandTypes, CommandShape>> = {\n";
    for command in COMMANDS {
        out += &format!("  {}: {{ {} }},\n", command.name, shape(command).join(", "));
    }
    out + "};\n"
}

fn shape(command: &Command) -> Vec<String> {
    let list = |names: Vec<&str>| names.into_iter().map(quoted).collect::<Vec<_>>().join(", ");
    let mut fields = vec![format!("positionals: [{}]", list(command.positionals.to_vec()))];
    if command.asks() {
        fields.push("asks: true".into());
    }
    if command.issues != Issues::Nothing {
        fields.push("issues: true".into());
    }
    let is_instant = |kind| matches!(kind, ArgumentKind::Instant | ArgumentKind::Date);
    let instants = command.arguments.iter().filter(|argument| is_instant(argument.kind));
    let instants: Vec<&str> = instants.map(|argument| argument.name).collect();
    if !instants.is_empty() {
        fields.push(format!("instants: [{}]", list(instants)));
    }
    fields
}
