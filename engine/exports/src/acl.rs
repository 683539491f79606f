//! An `acl` block as an access control list.
//!
//! Nothing in it is passed over in silence: an entry that is not understood might be the one that denies. Wrong text
//! is an error. What only running the code would tell is noted: an entry is left out with all that it says, and a list
//! whose `inheriting` is computed inherits nothing, so that nobody gets from above what the code may have kept away.

use crate::error::ImportError;
use crate::export::{Access, Acl, Entry};
use crate::principals;
use crate::source::{Source, shown};
use crate::statement::{Argument, Block, Setting, Statement, Value};
use crate::summary::SkipReason;
use std::collections::HashSet;
use std::sync::Arc;

const PRINCIPAL_TYPES: [&str; 3] = ["user", "group", "serviceAccount"];

/// What an `acl` block says.
pub(crate) struct AclBlock {
    pub(crate) acl: Acl,
    /// The system objects that entries name as theirs, with the byte offset of the name.
    pub(crate) system_objects: Vec<(String, usize)>,
    pub(crate) notes: Vec<Note>,
}

/// Something in an `acl` block that was left out, or not taken as it stands.
pub(crate) struct Note {
    pub(crate) reason: SkipReason,
    /// What it is, such as `aclEntry user j smith`.
    pub(crate) what: String,
    /// Its byte offset.
    pub(crate) at: usize,
}

/// Reads an `acl` block. Without `inheriting`, which may be an argument or stand in the braces, the list inherits.
///
/// # Errors
///
/// `InvalidExport` for anything but `inheriting` and `aclEntry`, a value that is not what it may be, an entry without
/// a principal, a principal's second entry, and an `inheriting` that says something else than another.
pub(crate) fn read(
    block: &Block<'_>,
    privileges: &Arc<[String]>,
    source: &Source<'_>,
) -> Result<AclBlock, ImportError> {
    let mut list = List::new(privileges, source);
    for argument in &block.arguments {
        list.argument(argument)?;
    }
    for statement in block.statements() {
        list.statement(statement)?;
    }
    Ok(list.into_block())
}

/// A list as far as it has been read.
struct List<'b, 's> {
    privileges: &'b Arc<[String]>,
    source: &'b Source<'s>,
    inheriting: Option<bool>,
    /// Whether code computes `inheriting`.
    is_computed: bool,
    entries: Vec<Entry>,
    principals: HashSet<(String, String)>,
    system_objects: Vec<(String, usize)>,
    notes: Vec<Note>,
}

const IN_A_LIST: &str = "`inheriting` or `aclEntry`";

impl<'b, 's> List<'b, 's> {
    fn new(privileges: &'b Arc<[String]>, source: &'b Source<'s>) -> Self {
        Self {
            privileges,
            source,
            inheriting: None,
            is_computed: false,
            entries: Vec::new(),
            principals: HashSet::new(),
            system_objects: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn into_block(self) -> AclBlock {
        let inheriting = !self.is_computed && self.inheriting.unwrap_or(true);
        let acl = Acl { inheriting, entries: self.entries };
        AclBlock { acl, system_objects: self.system_objects, notes: self.notes }
    }

    fn argument(&mut self, argument: &Argument<'_>) -> Result<(), ImportError> {
        match Setting::of_argument(argument) {
            Some(set) if set.name == "inheriting" => self.inheriting(set),
            Some(set) => Err(self.source.error(set.at, IN_A_LIST, given(set))),
            None => Err(self.source.error(argument.at, IN_A_LIST, argument.value.found(argument.at, self.source))),
        }
    }

    fn statement(&mut self, statement: &Statement<'_>) -> Result<(), ImportError> {
        match (statement, Setting::of_statement(statement)) {
            (Statement::Block(block), _) if block.keyword == "aclEntry" => self.entry(block),
            (_, Some(set)) if set.name == "inheriting" => self.inheriting(set),
            _ => Err(unexpected(statement, IN_A_LIST, self.source)),
        }
    }

    fn inheriting(&mut self, set: Setting<'_, '_>) -> Result<(), ImportError> {
        let Some(inheriting) = inheriting(set, self.source)? else {
            self.is_computed = true;
            self.note(SkipReason::ComputedInheriting, "inheriting".into(), set.at);
            return Ok(());
        };
        if self.inheriting.is_some_and(|known| known != inheriting) {
            let found = "a second one that says something else";
            return Err(self.source.error(set.at, "one value for `inheriting`", found));
        }
        self.inheriting = Some(inheriting);
        Ok(())
    }

    fn entry(&mut self, block: &Block<'_>) -> Result<(), ImportError> {
        let entry = EntryBlock::new(block, self.source)?;
        let Some(read) = entry.read(self.privileges)? else {
            self.note(SkipReason::ComputedEntry, entry.label(), block.at);
            return Ok(());
        };
        for set in entry.unknown() {
            self.note(SkipReason::UnknownSetting, format!("{} in the {}", set.name, entry.label()), set.at);
        }
        self.system_objects.extend(entry.system_object());
        if !self.principals.insert((read.principal_type.clone(), read.principal_name.clone())) {
            return Err(entry.second(&read));
        }
        self.entries.push(read);
        Ok(())
    }

    fn note(&mut self, reason: SkipReason, what: String, at: usize) {
        self.notes.push(Note { reason, what, at });
    }
}

/// None if code computes it.
fn inheriting(set: Setting<'_, '_>, source: &Source<'_>) -> Result<Option<bool>, ImportError> {
    let expected = || source.error(set.at, "`'1'` or `'0'` for `inheriting`", set.value.found(set.at, source));
    match set.value {
        Value::Computed => Ok(None),
        value => value.flag().map(Some).ok_or_else(expected),
    }
}

fn unexpected(statement: &Statement<'_>, expected: &str, source: &Source<'_>) -> ImportError {
    let (at, found) = match (statement, Setting::of_statement(statement)) {
        (_, Some(set)) => (set.at, given(set)),
        (Statement::Block(block), None) => (block.at, shown(block.keyword)),
        (Statement::Assignment(set), None) => (set.at, shown(set.name)),
        (Statement::Code(code), None) => (code.at, source.found(code.at)),
    };
    source.error(at, expected, found)
}

fn given(set: Setting<'_, '_>) -> String {
    match set.name {
        "" => "a value for a name that code computes".into(),
        name => format!("a value for {}", shown(name)),
    }
}

/// `aclEntry 'user', principalName: 'x', { readPrivilege = 'allow' }`, in any mixture of arguments and assignments.
struct EntryBlock<'b, 's> {
    block: &'b Block<'s>,
    /// Everything that is set by name: the arguments, then what stands in the braces.
    settings: Vec<Setting<'b, 's>>,
    /// Code computes which settings there are.
    is_open: bool,
    source: &'b Source<'s>,
}

impl<'b, 's> EntryBlock<'b, 's> {
    fn new(block: &'b Block<'s>, source: &'b Source<'s>) -> Result<Self, ImportError> {
        let mut entry = Self { block, settings: Vec::new(), is_open: false, source };
        for argument in &block.arguments {
            entry.argument(argument)?;
        }
        for statement in block.statements() {
            let set = Setting::of_statement(statement);
            entry.settings.push(set.ok_or_else(|| unexpected(statement, "a privilege", source))?);
        }
        Ok(entry)
    }

    /// The first argument without a name is the principal's type.
    fn argument(&mut self, argument: &'b Argument<'s>) -> Result<(), ImportError> {
        let is_first = self.block.positional().is_some_and(|first| std::ptr::eq(first, argument));
        match Setting::of_argument(argument) {
            Some(set) if set.name.is_empty() => self.is_open = true,
            Some(set) => self.settings.push(set),
            None if is_first => {
                self.settings.insert(0, Setting { name: "principalType", value: &argument.value, at: argument.at });
            }
            None if argument.value == Value::Computed => self.is_open = true,
            None => {
                let found = argument.value.found(argument.at, self.source);
                return Err(self.source.error(argument.at, "a setting with its name", found));
            }
        }
        Ok(())
    }

    /// The entry; None if code computes its principal or a privilege.
    fn read(&self, privileges: &Arc<[String]>) -> Result<Option<Entry>, ImportError> {
        let principal_type = self.principal_type()?;
        let principal_name = self.principal_name(principal_type)?;
        let access = self.accesses(privileges)?;
        let (Some(kind), Some(name), Some(access), false) = (principal_type, principal_name, access, self.is_open)
        else {
            return Ok(None);
        };
        let (principal_type, principal_name) = (kind.to_owned(), name.to_owned());
        Ok(Some(Entry { principal_type, principal_name, privileges: Arc::clone(privileges), access }))
    }

    fn setting(&self, name: &str) -> Option<Setting<'b, 's>> {
        self.settings.iter().find(|set| set.name == name).copied()
    }

    /// None if code computes it.
    fn principal_type(&self) -> Result<Option<&'b str>, ImportError> {
        let expected = "the principal's type, `'user'`, `'group'` or `'serviceAccount'`";
        let Some(set) = self.setting("principalType") else { return self.missing(expected) };
        match set.value {
            Value::Computed => Ok(None),
            Value::Text(text) if PRINCIPAL_TYPES.contains(&&**text) => Ok(Some(text)),
            other => Err(self.source.error(set.at, expected, other.found(set.at, self.source))),
        }
    }

    /// None if code computes it. A computed argument before it may be a map that holds it.
    fn principal_name(&self, kind: Option<&str>) -> Result<Option<&'b str>, ImportError> {
        let expected = "the principal's name as text, after `principalName:`";
        let Some(set) = self.setting("principalName") else {
            return if kind.is_none() { Ok(None) } else { self.missing(expected) };
        };
        match set.value {
            Value::Computed => Ok(None),
            Value::Text(text) if !text.is_empty() => {
                let named = principals::check_named(kind.unwrap_or_default(), text);
                named.map_err(|wrong| self.source.error(set.at, wrong.expected, wrong.found))?;
                Ok(Some(text))
            }
            other => Err(self.source.error(set.at, expected, other.found(set.at, self.source))),
        }
    }

    /// What the entry says about each privilege; None if code computes any of it.
    fn accesses(&self, privileges: &[String]) -> Result<Option<Vec<Access>>, ImportError> {
        let mut accesses = vec![Access::Inherit; privileges.len()];
        let mut is_computed = false;
        for set in &self.settings {
            let known = privileges.iter().position(|known| set.name.strip_suffix("Privilege") == Some(known));
            match known.and_then(|index| accesses.get_mut(index)) {
                Some(slot) => match self.access(*set)? {
                    Some(access) => *slot = access,
                    None => is_computed = true,
                },
                None if is_privilege(*set) => {
                    return Err(self.source.error(set.at, expected_privileges(privileges), shown(set.name)));
                }
                None => {}
            }
        }
        Ok((!is_computed).then_some(accesses))
    }

    fn access(&self, set: Setting<'_, '_>) -> Result<Option<Access>, ImportError> {
        match set.value {
            Value::Computed => Ok(None),
            Value::Text(text) if text == "allow" => Ok(Some(Access::Allow)),
            Value::Text(text) if text == "deny" => Ok(Some(Access::Deny)),
            Value::Text(text) if text == "inherit" || text.is_empty() => Ok(Some(Access::Inherit)),
            Value::Null => Ok(Some(Access::Inherit)),
            other => {
                let expected = format!("`'allow'`, `'deny'` or `'inherit'` for {}", shown(set.name));
                Err(self.source.error(set.at, expected, other.found(set.at, self.source)))
            }
        }
    }

    /// The settings that are neither the principal, a privilege nor the object in whose list the entry stands.
    fn unknown(&self) -> impl Iterator<Item = Setting<'b, 's>> {
        let is_known = |name: &str| {
            matches!(name, "principalType" | "principalName" | "systemObjectName" | "objectType")
                || name.ends_with("Privilege")
        };
        self.settings.iter().filter(move |set| !is_known(set.name)).copied()
    }

    fn system_object(&self) -> Option<(String, usize)> {
        let set = self.setting("systemObjectName")?;
        match set.value {
            Value::Text(text) => Some((text.clone().into_owned(), set.at)),
            _ => None,
        }
    }

    /// The entry by its principal, as far as it is known.
    fn label(&self) -> String {
        let known = ["principalType", "principalName"].map(|name| match self.setting(name)?.value {
            Value::Text(text) => Some(&**text),
            _ => None,
        });
        ["aclEntry"].into_iter().chain(known.into_iter().flatten()).collect::<Vec<_>>().join(" ")
    }

    /// What is missing may be among what code computes.
    fn missing<T>(&self, expected: &str) -> Result<Option<T>, ImportError> {
        if self.is_open {
            return Ok(None);
        }
        Err(self.source.error(self.block.at, expected, "an `aclEntry` without it"))
    }

    fn second(&self, entry: &Entry) -> ImportError {
        let found = format!("{} {} a second time", entry.principal_type, shown(&entry.principal_name));
        self.source.error(self.block.at, "one entry for each principal", found)
    }
}

/// Whether this is meant as a privilege, by its name or, misspelt, by its value.
fn is_privilege(set: Setting<'_, '_>) -> bool {
    let by_value = matches!(set.value, Value::Text(text) if text == "allow" || text == "deny");
    set.name.ends_with("Privilege") || by_value && !matches!(set.name, "principalType" | "principalName")
}

fn expected_privileges(privileges: &[String]) -> String {
    let names: Vec<String> = privileges.iter().map(|name| format!("`{name}Privilege`")).collect();
    format!("one of {}", names.join(", "))
}
