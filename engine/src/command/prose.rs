//! What the commands mean and answer: for people, help and documentation; for programs, the schema of the answers.
//! The WebAssembly modules leave it out.

mod accounts;
mod acls;
mod credentials;
mod members;
mod objects;
mod personas;
mod policy;
mod questions;
mod shape;
pub mod shared;

pub use shape::{Field, Shape, always, maybe};

/// The documentation of one command.
#[derive(Debug)]
pub struct Prose {
    /// The command's name.
    pub command: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// What there is to know beyond that; may be empty.
    pub details: &'static str,
    /// What its own arguments mean, where that is not what [`SHARED`] says.
    pub arguments: &'static [(&'static str, &'static str)],
    /// What it answers.
    pub result: Shape,
    /// A call, as it is typed behind the program's name.
    pub example: &'static str,
}

impl Prose {
    /// What an argument of this command means: its own, a shared one, or one that addresses an object.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&'static str> {
        let known = self.arguments.iter().chain(SHARED).chain(ADDRESSES);
        known.into_iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }
}

/// The command's documentation.
///
/// ```
/// use portcullis_engine::prose;
///
/// let check = prose::of("check").ok_or("no `check`")?;
/// assert!(check.argument("privilege").is_some());
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn of(command: &str) -> Option<&'static Prose> {
    all().find(|prose| prose.command == command)
}

/// Every command's documentation, by family.
pub fn all() -> impl Iterator<Item = &'static Prose> {
    FAMILIES.iter().copied().flatten()
}

const FAMILIES: &[&[Prose]] = &[
    accounts::ACCOUNTS,
    acls::ACLS,
    credentials::CREDENTIALS,
    members::MEMBERS,
    objects::OBJECTS,
    personas::PERSONAS,
    policy::POLICY,
    questions::QUESTIONS,
];

/// Arguments that mean the same wherever they stand.
pub const SHARED: &[(&str, &str)] = &[
    ("after", "Begin behind this row: the path or principal that the last part of the list ended with."),
    ("groupName", "The group."),
    ("limit", "At most so many rows."),
    ("memberType", "What the member is: `user` (unless said otherwise), `group` or `serviceAccount`."),
    ("notAfter", "The instant from which the entry no longer counts, in ISO 8601 with its offset; empty for never."),
    ("notBefore", "The instant from which the entry counts, in ISO 8601 with its offset; empty for always."),
    ("principalName", "The principal's name. It need not exist yet; a project's own is `project: NAME`."),
    ("principalType", "`user`, `group` or `serviceAccount`."),
    ("privilege", "The privilege that is asked about, such as `read`."),
    ("serviceAccountName", "The service account."),
    ("timeZone", "The zone of a date without an offset, such as `Europe/Berlin`; UTC unless it is said."),
    ("userAccessTokenName", "The token's name."),
    ("userName", "The user; the caller if it is left out."),
];

/// Arguments that address an object, besides the locators, one of which there is for each type of object.
pub const ADDRESSES: &[(&str, &str)] = &[
    ("path", "The object's path, such as `/projects/Shop/pipelines/Release`, in place of the locators."),
    ("objectId", "The object's id, as `getObjects` and `getAccess` give it."),
    ("objectType", "The type of the object; a check on an object given by its id, a filter for `getObjects`."),
];

/// What locators are.
pub const LOCATORS: &str = "Which object. Each option names one level of its address, in any order: \
    `--projectName Shop --pipelineName Release` is a pipeline of a project. `--x` is short for `--xName`, and any \
    beginning that fits only one option will do. A value that begins with `/` is a whole path.";

/// What privilege arguments are.
pub const PRIVILEGES: &str = "What the entry says about each privilege: `allow`, `deny` or `inherit`, which is as if it \
    said nothing.";

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use crate::COMMANDS;

    #[test]
    fn every_command_and_every_argument_is_explained() {
        for command in COMMANDS {
            let prose = of(command.name).expect(command.name);
            for argument in command.arguments {
                assert!(prose.argument(argument.name).is_some(), "{} {}", command.name, argument.name);
            }
        }
    }

    #[test]
    fn nothing_is_explained_that_does_not_exist() {
        assert_eq!(all().count(), COMMANDS.len());
        for prose in all() {
            let command = crate::command(prose.command).unwrap();
            for (name, _) in prose.arguments {
                assert!(command.arguments.iter().any(|argument| argument.name == *name), "{} {name}", prose.command);
            }
        }
    }

    #[test]
    fn texts_are_sentences_and_summaries_fit_a_line() {
        for prose in all() {
            assert!(prose.summary.len() <= 90 && prose.summary.ends_with('.'), "{}", prose.command);
            assert!(!prose.example.is_empty(), "{}", prose.command);
            assert!(prose.arguments.iter().all(|(_, text)| text.ends_with('.')), "{}", prose.command);
        }
    }

    #[test]
    fn every_answer_is_an_object_whose_fields_are_explained() {
        for prose in all() {
            assert!(matches!(prose.result, Shape::Object(_)), "{}", prose.command);
            check_fields(prose.command, prose.result.fields());
        }
    }

    fn check_fields(place: &str, fields: &[Field]) {
        for (index, field) in fields.iter().enumerate() {
            let place = format!("{place}.{}", field.name);
            assert!(field.about.ends_with('.'), "{place}");
            assert!(fields.iter().skip(index + 1).all(|other| other.name != field.name), "{place} stands there twice");
            let stands_for_several = matches!(field.shape, Shape::Privileges(_));
            assert_eq!(stands_for_several, field.name == shared::PRIVILEGE_FIELD, "{place}");
            assert!(!(field.shape == Shape::Flag && field.always), "{place}: a flag that is not set is not there");
            check_fields(&place, field.shape.fields());
        }
    }
}
