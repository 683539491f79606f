//! What the commands take, as interfaces.

use crate::text::{comment, pascal, union};
use portcullis_engine::{Argument, ArgumentKind, Command, Issues, Schema, prose};

/// The interfaces that several commands' arguments extend.
pub(crate) fn shared() -> String {
    let schema = Schema::cdro();
    let mut out = comment(
        "",
        "Which object. Each field names one level of its address: `{ projectName: \"Shop\", pipelineName: \"Release\" }` is \
         a pipeline of a project. A schema of your own has names of its own, `<type>Name`.",
        &[],
    );
    out += "export interface Locators {\n";
    for (name, about) in prose::ADDRESSES {
        out += &comment("  ", about, &[]);
        out += &format!("  {name}?: string;\n");
    }
    for name in schema.locators() {
        let outer = schema.locator(name).is_some_and(|locator| locator.outer);
        let kind = schema.locator(name).map(|locator| schema.object_type(locator.kind).name.clone());
        let outer = if outer { "outer " } else { "" };
        out += &comment("  ", &format!("The name of the {outer}{}.", kind.unwrap_or_default()), &[]);
        out += &format!("  {name}?: string;\n");
    }
    out += "  [locator: `${string}Name`]: string | undefined;\n}\n\n";
    out += &comment("", prose::PRIVILEGES, &[]);
    out += "export interface PrivilegeWords {\n";
    for privilege in schema.privileges() {
        out += &format!("  {privilege}Privilege?: PrivilegeWord;\n");
    }
    out += "  [privilege: `${string}Privilege`]: PrivilegeWord | undefined;\n}\n\n";
    out += &comment("", "What an entry says about a privilege; the empty text is `inherit` too.", &[]);
    out + "export type PrivilegeWord = \"allow\" | \"deny\" | \"inherit\" | \"\";\n\n"
}

/// One command's arguments.
pub(crate) fn interface(command: &Command) -> String {
    let parents = [(command.locates, "Locators"), (command.privileges, "PrivilegeWords")];
    let parents: Vec<&str> = parents.iter().filter(|(extends, _)| *extends).map(|(_, name)| *name).collect();
    let extends = if parents.is_empty() { String::new() } else { format!(" extends {}", parents.join(", ")) };
    let mut out = comment("", &format!("What `{}` takes.", command.name), &[]);
    out += &format!("export interface {}Arguments{extends} {{\n", pascal(command.name));
    for argument in command.arguments {
        let about = prose::of(command.name).and_then(|prose| prose.argument(argument.name));
        out += &comment("  ", about.unwrap_or_default(), &[]);
        let optional = if argument.required { "" } else { "?" };
        out += &format!("  {}{optional}: {};\n", argument.name, kind(argument));
    }
    if command.issues != Issues::Nothing {
        let about =
            "The SHA-256 of the secret that is issued, 64 hexadecimal digits. Without it nobody has the secret.";
        out += &comment("  ", about, &[]);
        out += "  secretHash?: string;\n";
    }
    out + "}\n\n"
}

fn kind(argument: &Argument) -> String {
    match argument.kind {
        ArgumentKind::Text | ArgumentKind::Password => "string".into(),
        // Principals are texts, or objects where the request vouches for their groups.
        ArgumentKind::Texts if argument.name == "principal" => "Several<Identity>".into(),
        ArgumentKind::Texts => "Several<string>".into(),
        ArgumentKind::Word(words) => union(words),
        ArgumentKind::Boolean => "Switch".into(),
        ArgumentKind::Count => "number".into(),
        // An empty text clears the side of a window that it is about, and is an instant's type too.
        ArgumentKind::Instant | ArgumentKind::Date => "Instant".into(),
        ArgumentKind::Json => "Json".into(),
    }
}
