//! An `acl` block as an access control list.
//!
//! Nothing in it is passed over: an entry that is not understood might be the one that denies.

use super::error::ImportError;
use super::export::{Access, Acl, Entry};
use super::source::{Source, shown};
use super::statement::{Argument, Assignment, Block, Statement, Value};
use std::collections::HashSet;
use std::sync::Arc;

const PRINCIPAL_TYPES: [&str; 3] = ["user", "group", "serviceAccount"];

/// What an `acl` block says.
pub(super) struct AclBlock {
    pub(super) acl: Acl,
    /// The system objects that entries name as theirs, with the byte offset of the name.
    pub(super) system_objects: Vec<(String, usize)>,
}

/// Reads an `acl` block. Without `inheriting` the list inherits.
///
/// # Errors
///
/// `InvalidExport` for anything but `inheriting` and `aclEntry`, a value that is not what it may be or that code
/// computes, an entry without a principal, and a principal's second entry.
pub(super) fn read(
    block: &Block<'_>,
    privileges: &Arc<[String]>,
    source: &Source<'_>,
) -> Result<AclBlock, ImportError> {
    let mut acl = Acl { inheriting: true, entries: Vec::new() };
    let mut system_objects = Vec::new();
    let mut principals = HashSet::new();
    for statement in block.statements() {
        match statement {
            Statement::Assignment(set) if set.name == "inheriting" => acl.inheriting = inheriting(set, source)?,
            Statement::Block(entry) if entry.keyword == "aclEntry" => {
                let entry = EntryBlock::new(entry, source)?;
                system_objects.extend(entry.system_object());
                let read = entry.read(privileges)?;
                if !principals.insert((read.principal_type.clone(), read.principal_name.clone())) {
                    return Err(entry.second(&read));
                }
                acl.entries.push(read);
            }
            other => return Err(unexpected(other, "`inheriting` or `aclEntry`", source)),
        }
    }
    Ok(AclBlock { acl, system_objects })
}

fn inheriting(set: &Assignment<'_>, source: &Source<'_>) -> Result<bool, ImportError> {
    match &set.value {
        Value::Text(text) if matches!(&**text, "1" | "true") => Ok(true),
        Value::Text(text) if matches!(&**text, "0" | "false") => Ok(false),
        Value::Number("1") | Value::Boolean(true) => Ok(true),
        Value::Number("0") | Value::Boolean(false) => Ok(false),
        other => Err(source.error(set.at, "`'1'` or `'0'` for `inheriting`", found(other, set.at, source))),
    }
}

fn unexpected(statement: &Statement<'_>, expected: &str, source: &Source<'_>) -> ImportError {
    let (at, found) = match statement {
        Statement::Block(block) => (block.at, shown(block.keyword)),
        Statement::Assignment(set) => (set.at, format!("a value for {}", shown(set.name))),
        Statement::Code(code) => (code.at, source.found(code.at)),
    };
    source.error(at, expected, found)
}

fn found(value: &Value<'_>, at: usize, source: &Source<'_>) -> String {
    match value {
        Value::Text(text) => shown(&format!("'{text}'")),
        Value::Number(_) | Value::Boolean(_) | Value::Null => source.found(at),
        Value::List(_) => "a list".into(),
        Value::Map => "a map".into(),
        Value::Computed => "a value computed by code".into(),
    }
}

/// A value and its byte offset.
type Given<'b, 's> = (&'b Value<'s>, usize);

/// `aclEntry 'user', principalName: 'x', { readPrivilege = 'allow' }`, in any mixture of arguments and assignments.
struct EntryBlock<'b, 's> {
    block: &'b Block<'s>,
    /// Everything that is set by name: the arguments, then the assignments.
    settings: Vec<(&'b str, Given<'b, 's>)>,
    source: &'b Source<'s>,
}

impl<'b, 's> EntryBlock<'b, 's> {
    fn new(block: &'b Block<'s>, source: &'b Source<'s>) -> Result<Self, ImportError> {
        let arguments = block.arguments.iter();
        let mut settings: Vec<_> = arguments.filter_map(|a| Some((a.name.as_deref()?, (&a.value, a.at)))).collect();
        for statement in block.statements() {
            match statement {
                Statement::Assignment(set) => settings.push((set.name, (&set.value, set.at))),
                other => return Err(unexpected(other, "a privilege", source)),
            }
        }
        Ok(Self { block, settings, source })
    }

    fn read(&self, privileges: &Arc<[String]>) -> Result<Entry, ImportError> {
        let principal_type = self.principal_type()?;
        let principal_name = self.principal_name()?;
        let mut access = vec![Access::Inherit; privileges.len()];
        for (name, given) in &self.settings {
            let Some(privilege) = name.strip_suffix("Privilege") else { continue };
            let known = privileges.iter().position(|known| known == privilege);
            match known.and_then(|index| access.get_mut(index)) {
                Some(slot) => *slot = self.access(name, *given)?,
                None => return Err(self.source.error(given.1, expected_privileges(privileges), shown(name))),
            }
        }
        Ok(Entry { principal_type, principal_name, privileges: Arc::clone(privileges), access })
    }

    fn setting(&self, name: &str) -> Option<Given<'b, 's>> {
        self.settings.iter().find(|(known, _)| *known == name).map(|(_, given)| *given)
    }

    fn principal_type(&self) -> Result<String, ImportError> {
        let positional = self.block.positional().map(|argument: &Argument<'_>| (&argument.value, argument.at));
        let expected = "the principal's type, `'user'`, `'group'` or `'serviceAccount'`";
        let Some((value, at)) = positional.or(self.setting("principalType")) else {
            return Err(self.missing(expected));
        };
        match value {
            Value::Text(text) if PRINCIPAL_TYPES.contains(&&**text) => Ok(text.clone().into_owned()),
            other => Err(self.source.error(at, expected, found(other, at, self.source))),
        }
    }

    fn principal_name(&self) -> Result<String, ImportError> {
        let expected = "the principal's name as text, after `principalName:`";
        let Some((value, at)) = self.setting("principalName") else { return Err(self.missing(expected)) };
        match value {
            Value::Text(text) if !text.is_empty() => Ok(text.clone().into_owned()),
            other => Err(self.source.error(at, expected, found(other, at, self.source))),
        }
    }

    fn access(&self, name: &str, (value, at): Given<'b, 's>) -> Result<Access, ImportError> {
        match value {
            Value::Text(text) if text == "allow" => Ok(Access::Allow),
            Value::Text(text) if text == "deny" => Ok(Access::Deny),
            Value::Text(text) if text == "inherit" || text.is_empty() => Ok(Access::Inherit),
            Value::Null => Ok(Access::Inherit),
            other => {
                let expected = format!("`'allow'`, `'deny'` or `'inherit'` for {}", shown(name));
                Err(self.source.error(at, expected, found(other, at, self.source)))
            }
        }
    }

    fn system_object(&self) -> Option<(String, usize)> {
        match self.setting("systemObjectName")? {
            (Value::Text(text), at) => Some((text.clone().into_owned(), at)),
            _ => None,
        }
    }

    fn missing(&self, expected: &str) -> ImportError {
        self.source.error(self.block.at, expected, "an `aclEntry` without it")
    }

    fn second(&self, entry: &Entry) -> ImportError {
        let found = format!("{} {} a second time", entry.principal_type, shown(&entry.principal_name));
        self.source.error(self.block.at, "one entry for each principal", found)
    }
}

fn expected_privileges(privileges: &[String]) -> String {
    let names: Vec<String> = privileges.iter().map(|name| format!("`{name}Privilege`")).collect();
    format!("one of {}", names.join(", "))
}
