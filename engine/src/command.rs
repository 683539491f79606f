//! The commands: one table of their names, arguments and rules.
//!
//! The command line, its help and the request schema are derived from it; what is meant for people's eyes only lies
//! in [`prose`], which the WebAssembly modules leave out.

mod acls;
mod import;
mod members;
mod objects;
mod policy;
#[cfg(feature = "prose")]
pub mod prose;
mod questions;

use crate::arguments::Arguments;
use crate::fields::Fields;
use crate::refusal::Refusal;
use crate::transaction::Transaction;
use crate::view::View;

/// One command.
#[derive(Debug)]
pub struct Command {
    /// Its name, as the documents print it.
    pub name: &'static str,
    /// The arguments that may be given by place, in order.
    pub positionals: &'static [&'static str],
    /// Its own arguments.
    pub arguments: &'static [Argument],
    /// Whether it takes locator arguments, `path`, `objectId` and `objectType` as well.
    pub locates: bool,
    /// Whether it takes `<privilege>Privilege` arguments as well.
    pub privileges: bool,
    pub(crate) run: Run,
}

impl Command {
    /// Whether it only asks: then it is never in the log.
    #[must_use]
    pub fn asks(&self) -> bool {
        matches!(self.run, Run::Ask(_))
    }
}

/// One argument of a command.
#[derive(Debug)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: ArgumentKind,
    /// Whether the command needs it.
    pub required: bool,
}

/// What an argument takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArgumentKind {
    /// A text.
    Text,
    /// Several texts.
    Texts,
    /// `0`, `1`, `true` or `false`.
    Boolean,
    /// A whole number that is not negative.
    Count,
    /// An instant in ISO 8601 with its offset.
    Instant,
    /// A structure in JSON.
    Json,
}

type Reply = Result<Fields, Box<Refusal>>;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Run {
    Ask(fn(&View, &Arguments) -> Reply),
    Change(fn(&mut Transaction, &Arguments) -> Reply),
}

const fn required(name: &'static str) -> Argument {
    Argument { name, kind: ArgumentKind::Text, required: true }
}

const fn optional(name: &'static str, kind: ArgumentKind) -> Argument {
    Argument { name, kind, required: false }
}

const NAMED: [Argument; 2] = [required("principalType"), required("principalName")];
const DATED: [Argument; 4] = {
    let [principal_type, principal_name] = NAMED;
    let instant = ArgumentKind::Instant;
    [principal_type, principal_name, optional("notBefore", instant), optional("notAfter", instant)]
};
const MEMBER: [Argument; 3] = [required("groupName"), required("userName"), optional("memberType", ArgumentKind::Text)];
const PAGE: [Argument; 2] = [optional("after", ArgumentKind::Text), optional("limit", ArgumentKind::Count)];

/// Every command, in the order of the alphabet.
pub const COMMANDS: &[Command] = &[
    Command {
        name: "access",
        positionals: &["projectName"],
        arguments: &{
            let [after, limit] = PAGE;
            [optional("principal", ArgumentKind::Texts), after, limit]
        },
        locates: true,
        privileges: false,
        run: Run::Ask(questions::access),
    },
    Command {
        name: "addGroupMember",
        positionals: &["groupName", "userName"],
        arguments: &MEMBER,
        locates: false,
        privileges: false,
        run: Run::Change(members::add),
    },
    Command {
        name: "breakAclInheritance",
        positionals: &["projectName"],
        arguments: &[],
        locates: true,
        privileges: false,
        run: Run::Change(acls::break_inheritance),
    },
    Command {
        name: "check",
        positionals: &["projectName"],
        arguments: &[required("privilege"), optional("principal", ArgumentKind::Texts)],
        locates: true,
        privileges: false,
        run: Run::Ask(questions::check),
    },
    Command {
        name: "checkAccess",
        positionals: &["projectName"],
        arguments: &[],
        locates: true,
        privileges: false,
        run: Run::Ask(questions::check_access),
    },
    Command {
        name: "createAclEntry",
        positionals: &["principalType", "principalName", "projectName"],
        arguments: &DATED,
        locates: true,
        privileges: true,
        run: Run::Change(acls::create_entry),
    },
    Command {
        name: "createObject",
        positionals: &["projectName"],
        arguments: &[],
        locates: true,
        privileges: false,
        run: Run::Change(objects::create),
    },
    Command {
        name: "createPolicy",
        positionals: &[],
        arguments: &[optional("schema", ArgumentKind::Json)],
        locates: false,
        privileges: false,
        run: Run::Change(policy::create),
    },
    Command {
        name: "deleteAclEntry",
        positionals: &["principalType", "principalName", "projectName"],
        arguments: &NAMED,
        locates: true,
        privileges: false,
        run: Run::Change(acls::delete_entry),
    },
    Command {
        name: "deleteObject",
        positionals: &["projectName"],
        arguments: &[],
        locates: true,
        privileges: false,
        run: Run::Change(objects::delete),
    },
    Command {
        name: "explain",
        positionals: &["projectName"],
        arguments: &[required("privilege"), optional("principal", ArgumentKind::Texts)],
        locates: true,
        privileges: false,
        run: Run::Ask(questions::explain),
    },
    Command {
        name: "getAccess",
        positionals: &["projectName"],
        arguments: &[optional("emulateRestoreInheritance", ArgumentKind::Boolean)],
        locates: true,
        privileges: false,
        run: Run::Ask(questions::get_access),
    },
    Command {
        name: "getAclEntry",
        positionals: &["principalType", "principalName", "projectName"],
        arguments: &NAMED,
        locates: true,
        privileges: false,
        run: Run::Ask(questions::get_entry),
    },
    Command {
        name: "getObjects",
        positionals: &["projectName"],
        arguments: &{
            let [after, limit] = PAGE;
            [optional("recursive", ArgumentKind::Boolean), after, limit]
        },
        locates: true,
        privileges: false,
        run: Run::Ask(questions::get_objects),
    },
    Command {
        name: "getSchema",
        positionals: &[],
        arguments: &[],
        locates: false,
        privileges: false,
        run: Run::Ask(policy::get_schema),
    },
    Command {
        name: "import",
        positionals: &[],
        arguments: &[Argument { name: "objects", kind: ArgumentKind::Json, required: true }],
        locates: false,
        privileges: false,
        run: Run::Change(import::import),
    },
    Command {
        name: "modifyAclEntry",
        positionals: &["principalType", "principalName", "projectName"],
        arguments: &DATED,
        locates: true,
        privileges: true,
        run: Run::Change(acls::modify_entry),
    },
    Command {
        name: "moveObject",
        positionals: &["projectName"],
        arguments: &[optional("newParent", ArgumentKind::Text), optional("newName", ArgumentKind::Text)],
        locates: true,
        privileges: false,
        run: Run::Change(objects::relocate),
    },
    Command {
        name: "removeGroupMember",
        positionals: &["groupName", "userName"],
        arguments: &MEMBER,
        locates: false,
        privileges: false,
        run: Run::Change(members::remove),
    },
    Command {
        name: "restoreAclInheritance",
        positionals: &["projectName"],
        arguments: &[],
        locates: true,
        privileges: false,
        run: Run::Change(acls::restore_inheritance),
    },
    Command {
        name: "setSchema",
        positionals: &[],
        arguments: &[Argument { name: "schema", kind: ArgumentKind::Json, required: true }],
        locates: false,
        privileges: false,
        run: Run::Change(policy::set_schema),
    },
    Command {
        name: "tree",
        positionals: &["projectName"],
        arguments: &{
            let [after, limit] = PAGE;
            [after, limit]
        },
        locates: true,
        privileges: false,
        run: Run::Ask(questions::tree),
    },
];

/// The command of that name.
///
/// # Errors
///
/// `InvalidRequestName` where there is none.
///
/// ```
/// assert!(portcullis_engine::command("checkAccess")?.asks());
/// # Ok::<(), Box<portcullis_engine::Refusal>>(())
/// ```
pub fn find(name: &str) -> Result<&'static Command, Box<Refusal>> {
    let place = COMMANDS.binary_search_by(|command| command.name.cmp(name));
    let found = place.ok().and_then(|place| COMMANDS.get(place));
    found.ok_or_else(|| Box::new(Refusal::InvalidRequestName(crate::address::shorten(name).into_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_so_that_every_command_is_found() {
        for command in COMMANDS {
            assert_eq!(find(command.name).map(|found| found.name), Ok(command.name));
        }
    }
}
