//! What the commands answer, as interfaces.

use crate::text::{comment, pascal, union};
use portcullis_engine::prose::{self, Field, Shape};
use portcullis_engine::{COMMANDS, Command};

/// The names of the shapes within answers: one that several commands answer with has one name.
pub(crate) struct Names(Vec<(String, &'static [Field])>);

impl Names {
    /// Names every shape within an answer. Of several behind fields of one name the most frequent has the plain name.
    pub(crate) fn collect() -> Self {
        let mut found: Vec<Found> = Vec::new();
        for command in COMMANDS {
            let fields = prose::of(command.name).map_or(&[][..], |prose| prose.result.fields());
            gather(&mut found, command.name, fields);
        }
        found.sort_by_key(|found| std::cmp::Reverse(found.count));
        let mut names = Self(Vec::new());
        for Found { field, command, fields, .. } in found {
            let plain = plain_name(field);
            let long = format!("{}{plain}", pascal(command));
            // One command may have two such shapes, one within the other.
            let candidates = [plain, long.clone(), format!("{long}Part")];
            let free = candidates.into_iter().find(|name| names.0.iter().all(|(known, _)| known != name));
            names.0.extend(free.map(|name| (name, fields)));
        }
        names
    }

    fn find(&self, fields: &[Field]) -> Option<&str> {
        self.0.iter().find(|(_, known)| *known == fields).map(|(name, _)| name.as_str())
    }

    /// The interfaces of all named shapes.
    pub(crate) fn interfaces(&self) -> String {
        self.0
            .iter()
            .map(|(name, fields)| self.interface(name, &format!("Part of answers: `{name}`."), fields))
            .collect()
    }

    /// The interface of a command's answer; none where there is nothing in it.
    pub(crate) fn reply(&self, command: &Command) -> String {
        let fields = prose::of(command.name).map_or(&[][..], |prose| prose.result.fields());
        if fields.is_empty() {
            return String::new();
        }
        self.interface(&type_name(command), &format!("What `{}` answers.", command.name), fields)
    }

    fn interface(&self, name: &str, about: &str, fields: &[Field]) -> String {
        let fields: String = fields.iter().map(|field| self.field(field)).collect();
        format!("{}export interface {name} {{\n{fields}}}\n\n", comment("", about, &[]))
    }

    fn field(&self, field: &Field) -> String {
        let optional = if field.always { "" } else { "?" };
        let declared = match field.shape {
            Shape::Privileges(words) => format!("[privilege: `${{string}}Privilege`]: {}", union(words)),
            shape => format!("{}{optional}: {}", field.name, self.shape(shape)),
        };
        format!("{}  readonly {declared};\n", comment("  ", field.about, &[]))
    }

    fn shape(&self, shape: Shape) -> String {
        let name = |fields: &[Field]| self.find(fields).unwrap_or("Nothing").to_owned();
        match shape {
            Shape::Text | Shape::Instant => "string".into(),
            Shape::Words(words) | Shape::Privileges(words) => union(words),
            Shape::Count => "number".into(),
            Shape::Flag => union(&["1"]),
            Shape::Switch => union(&["1", "0"]),
            Shape::Boolean => "boolean".into(),
            Shape::Json => "Json".into(),
            Shape::Object(fields) => name(fields),
            Shape::Objects(fields) => format!("readonly {}[]", name(fields)),
            Shape::Texts => "readonly string[]".into(),
        }
    }
}

/// A shape within an answer: behind which field, of which command first, and how often.
struct Found {
    field: &'static str,
    command: &'static str,
    fields: &'static [Field],
    count: usize,
}

fn gather(found: &mut Vec<Found>, command: &'static str, fields: &'static [Field]) {
    for field in fields.iter().filter(|field| !field.shape.fields().is_empty()) {
        let inner = field.shape.fields();
        match found.iter_mut().find(|found| found.fields == inner) {
            Some(known) => known.count += 1,
            None => found.push(Found { field: field.name, command, fields: inner, count: 1 }),
        }
        gather(found, command, inner);
    }
}

/// The name of the type of a command's answer.
pub(crate) fn type_name(command: &Command) -> String {
    let is_empty = prose::of(command.name).is_none_or(|prose| prose.result.fields().is_empty());
    if is_empty { "Nothing".into() } else { format!("{}Reply", pascal(command.name)) }
}

/// A shape's name from that of its field; `Object` is JavaScript's own, `Principal` the package's.
fn plain_name(field: &str) -> String {
    match field {
        "object" => "ObjectInfo".into(),
        "principal" => "PrincipalInfo".into(),
        other => pascal(other),
    }
}
