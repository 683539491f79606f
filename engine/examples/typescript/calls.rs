//! The commands as calls: in their signatures, and in examples.

use crate::replies::type_name;
use crate::text::{comment, pascal, quoted, union};
use portcullis_engine::{ArgumentKind, COMMANDS, Command, Issues, prose};

/// A command as a method with its documentation.
pub(crate) fn method(command: &Command) -> String {
    let Some(prose) = prose::of(command.name) else { return String::new() };
    let about = [prose.summary, prose.details].join(" ");
    let mut tags = Vec::new();
    if command.deprecated {
        tags.push("@deprecated The documents say so; it works nevertheless.".to_owned());
    }
    tags.push(format!("@example `{}`", call(command, prose.example)));
    let out = comment("  ", &about, &tags);
    out + &format!("  {}(...call: {}): {};\n", command.name, signature(command), type_name(command))
}

/// Every way to call a command, from that with all arguments by place to that with none.
fn signature(command: &Command) -> String {
    let ways = (0..=command.positionals.len()).rev();
    ways.map(|placed| format!("[{}]", tuple(command, command.positionals.get(..placed).unwrap_or_default())))
        .collect::<Vec<_>>()
        .join(" | ")
}

/// The call with these arguments by place and the others in an object.
fn tuple(command: &Command, placed: &[&str]) -> String {
    let arguments = format!("{}Arguments", pascal(command.name));
    let mut parts: Vec<String> =
        placed.iter().map(|name| format!("{name}: NonNullable<{arguments}[{}]>", quoted(name))).collect();
    let open = || command.arguments.iter().filter(|argument| !placed.contains(&argument.name));
    let is_empty = open().next().is_none() && !command.locates && command.issues == Issues::Nothing;
    // An object without any field would let everything through.
    if !is_empty {
        let optional = if open().any(|argument| argument.required) { "" } else { "?" };
        let rest = if placed.is_empty() { arguments } else { format!("Without<{arguments}, {}>", union(placed)) };
        parts.push(format!("options{optional}: {rest}"));
    }
    parts.join(", ")
}

/// Every command's example as a call.
pub(crate) fn examples() -> String {
    let about = "Every command's example, for the type checker alone.";
    let mut out = format!("\n{}", comment("", about, &["@internal".to_owned()]));
    out += "export function examples(engine: CommandMethods): void {\n";
    for command in COMMANDS {
        let example = prose::of(command.name).map_or("", |prose| prose.example);
        out += &format!("  {};\n", call(command, example));
    }
    out + "}\n"
}

/// A call as it is typed at a command line, as it stands in a program.
fn call(command: &Command, example: &str) -> String {
    let mut words = words(example).into_iter().skip(1).peekable();
    let (mut placed, mut options) = (Vec::new(), Vec::new());
    while let Some(word) = words.next_if(|word| !word.starts_with("--")) {
        match command.positionals.get(placed.len()) {
            Some(name) => placed.push(value(command, name, &[word])),
            // A file, which the command line reads.
            None => options.extend(command.arguments.iter().map(|argument| format!("{}: {{}}", argument.name))),
        }
    }
    while let Some(option) = words.next() {
        let name = option.trim_start_matches('-').to_owned();
        let mut given = Vec::new();
        while let Some(word) = words.next_if(|word| !word.starts_with("--")) {
            given.push(word);
        }
        if is_argument(command, &name) {
            options.push(format!("{name}: {}", value(command, &name, &given)));
        }
    }
    if !options.is_empty() {
        placed.push(format!("{{ {} }}", options.join(", ")));
    }
    format!("engine.{}({})", command.name, placed.join(", "))
}

/// Whether it is the command's, and not one of the command line's own.
fn is_argument(command: &Command, name: &str) -> bool {
    command.locates || command.arguments.iter().any(|argument| argument.name == name)
}

/// What an argument is given, as a literal of its kind.
fn value(command: &Command, name: &str, given: &[String]) -> String {
    let kind = command.arguments.iter().find(|argument| argument.name == name).map(|argument| argument.kind);
    match (kind, given) {
        (Some(ArgumentKind::Boolean), []) => "true".into(),
        (Some(ArgumentKind::Boolean), [word]) => matches!(word.as_str(), "1" | "true").to_string(),
        (Some(ArgumentKind::Count | ArgumentKind::Json), [word]) => word.clone(),
        (_, [word]) => quoted(word),
        (_, several) => format!("[{}]", several.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ")),
    }
}

/// The words of a command line: blanks part them, but not within quotation marks.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut begun) = (String::new(), None, false);
    for c in line.chars() {
        match quote {
            Some(mark) if c == mark => quote = None,
            None if c == '"' || c == '\'' => (quote, begun) = (Some(c), true),
            None if c.is_whitespace() => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            _ => {
                word.push(c);
                begun = true;
            }
        }
    }
    words.extend(begun.then_some(word));
    words
}
