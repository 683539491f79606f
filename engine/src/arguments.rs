//! A command's arguments, checked against the command table.

use crate::address::{self, Address};
use crate::change::{PrincipalType, Window};
use crate::command::Command;
use crate::decision::Identity;
use crate::instant::from_iso;
use crate::json::{Map, Value};
use crate::principals::PROJECT_PREFIX;
use crate::refusal::Refusal;
use crate::schema::Schema;

/// The most characters that a description, an e-mail address or the like may have.
pub(crate) const MAX_VALUE_CHARS: usize = 4_000;

/// What a privilege argument says, and which bit of an entry it is about.
pub(crate) struct PrivilegeWord {
    pub(crate) mask: u32,
    pub(crate) effect: Effect,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
    Inherit,
}

/// The arguments of one command.
pub(crate) struct Arguments<'a> {
    command: &'static Command,
    values: &'a Map,
}

impl<'a> Arguments<'a> {
    /// Refuses arguments that the command does not have, and the lack of one that it needs.
    pub(crate) fn new(command: &'static Command, schema: &Schema, values: &'a Map) -> Result<Self, Box<Refusal>> {
        let arguments = Self { command, values };
        for name in values.keys() {
            arguments.check_known(schema, name)?;
        }
        for argument in command.arguments.iter().filter(|argument| argument.required) {
            if values.get(argument.name).is_none() {
                let (command, name) = (command.name, argument.name);
                return Err(Refusal::told(Refusal::MissingArgument, format_args!("`{command}` needs `{name}`")));
            }
        }
        Ok(arguments)
    }

    fn check_known(&self, schema: &Schema, name: &str) -> Result<(), Box<Refusal>> {
        if self.command.arguments.iter().any(|argument| argument.name == name) {
            return Ok(());
        }
        if self.command.locates && address::is_object_argument(schema, name) {
            return Ok(());
        }
        if self.command.privileges && name.ends_with("Privilege") {
            return privilege_argument(schema, name).map(drop);
        }
        let (command, name) = (self.command.name, address::shorten(name));
        Err(Refusal::invalid(format_args!("`{command}` has no argument `{name}`")))
    }

    /// The argument's text; numbers and booleans as they are written.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&'a str>, Box<Refusal>> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(Value::Bool(flag)) => Ok(Some(if *flag { "true" } else { "false" })),
            Some(_) => Err(Refusal::invalid(format_args!("`{name}` is not a single value"))),
        }
    }

    pub(crate) fn required(&self, name: &str) -> Result<&'a str, Box<Refusal>> {
        let missing =
            || Refusal::told(Refusal::MissingArgument, format_args!("`{}` needs `{name}`", self.command.name));
        self.text(name)?.ok_or_else(missing)
    }

    /// A structured argument.
    pub(crate) fn value(&self, name: &str) -> Option<&'a Value> {
        self.values.get(name)
    }

    /// A boolean: `0`, `1`, `true` or `false`; false where it is not given.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Box<Refusal>> {
        self.switch(name).map(|given| given == Some(true))
    }

    /// A boolean that may be left out.
    pub(crate) fn switch(&self, name: &str) -> Result<Option<bool>, Box<Refusal>> {
        match self.text(name)? {
            None => Ok(None),
            Some("0" | "false") => Ok(Some(false)),
            Some("1" | "true") => Ok(Some(true)),
            Some(other) => Err(Refusal::InvalidBoolean(address::shorten(other).to_string()).into()),
        }
    }

    /// A text that is kept: at most [`MAX_VALUE_CHARS`] characters.
    pub(crate) fn value_text(&self, name: &str) -> Result<Option<&'a str>, Box<Refusal>> {
        let text = self.text(name)?;
        let chars = text.as_ref().map_or(0, |text| text.chars().count());
        if chars <= MAX_VALUE_CHARS {
            return Ok(text);
        }
        Err(Refusal::ValueTooLong { name: name.to_owned(), chars, limit: MAX_VALUE_CHARS }.into())
    }

    /// Several texts; none where the argument is not given.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&'a str>, Box<Refusal>> {
        let Some(Value::Array(several)) = self.values.get(name) else {
            return Ok(self.text(name)?.into_iter().collect());
        };
        let misfit = || Refusal::invalid(format_args!("`{name}` is not a list of texts"));
        several.iter().map(|text| text.as_str().ok_or_else(misfit)).collect()
    }

    /// A whole number that is not negative; one that no list is long enough for counts as the longest.
    pub(crate) fn count(&self, name: &str) -> Result<Option<usize>, Box<Refusal>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits {
            let given = address::shorten(text);
            return Err(Refusal::told(
                Refusal::InvalidInteger,
                format_args!("`{name}` is `{given}`, which is not a whole number from 0 on"),
            ));
        }
        // Thirty-two bits on every target, so that each gives the same.
        Ok(Some(text.parse::<u32>().unwrap_or(u32::MAX) as usize))
    }

    /// An instant with its offset.
    pub(crate) fn instant(&self, name: &str) -> Result<Option<i64>, Box<Refusal>> {
        self.text(name)?.filter(|text| !text.is_empty()).map(|text| from_iso(name, text)).transpose()
    }

    /// The principal that `principalType` and `principalName` name, as an entry may name it.
    pub(crate) fn principal(&self) -> Result<(PrincipalType, &'a str), Box<Refusal>> {
        let kind = PrincipalType::parse(self.required("principalType")?)?;
        let name = self.required("principalName")?;
        check_principal_name(kind, name)?;
        Ok((kind, name))
    }

    /// The principals that `argument` names, one or more, as `user:NAME` or as objects.
    pub(crate) fn identities(&self, argument: &str) -> Result<Vec<Identity>, Box<Refusal>> {
        match self.values.get(argument) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(value) => identities(value),
        }
    }

    /// The privileges that the command sets, in the order of the schema.
    pub(crate) fn privileges(&self, schema: &Schema) -> Result<Vec<PrivilegeWord>, Box<Refusal>> {
        let mut words = Vec::new();
        for name in self.values.keys().filter(|name| name.ends_with("Privilege")) {
            let mask = privilege_argument(schema, name)?;
            let word = self.text(name)?.unwrap_or_default();
            let effect = parse_effect(name, word)?;
            words.push(PrivilegeWord { mask, effect });
        }
        Ok(words)
    }

    /// The window that the arguments give an entry that has `old` now; an empty text clears a side.
    pub(crate) fn window(&self, old: Window) -> Result<Window, Box<Refusal>> {
        let side = |name: &str, old: Option<i64>| match self.text(name)? {
            None => Ok(old),
            Some("") => Ok(None),
            Some(text) => from_iso(name, text).map(Some),
        };
        let window =
            Window { not_before: side("notBefore", old.not_before)?, not_after: side("notAfter", old.not_after)? };
        match (window.not_before, window.not_after) {
            (Some(first), Some(end)) if first >= end => {
                Err(Refusal::invalid(format_args!("`notBefore` is not before `notAfter`: the entry would never hold")))
            }
            _ => Ok(window),
        }
    }

    /// The address that the locator arguments or `path` give; `None` where none of them is there.
    pub(crate) fn address(&self, schema: &Schema) -> Result<Option<Address>, Box<Refusal>> {
        let mut locators = Vec::new();
        for name in self.values.keys().filter(|name| schema.locator(name).is_some() && !self.is_own(name)) {
            if let Some(text) = self.text(name)? {
                locators.push((name.as_str(), text));
            }
        }
        match (self.text("path")?, locators.first()) {
            (Some(_), Some((other, _))) => {
                Err(Refusal::invalid(format_args!("`path` and `{other}` both say which object: give one of them")))
            }
            (Some(path), None) => Address::parse(schema, path).map(Some),
            (None, _) => address::from_locators(schema, &locators),
        }
    }

    /// Whether a locator's word is an argument of the command itself, as `groupName` is `addGroupMember`'s.
    fn is_own(&self, name: &str) -> bool {
        self.command.arguments.iter().any(|argument| argument.name == name)
    }

    pub(crate) fn command(&self) -> &'static Command {
        self.command
    }
}

/// The mask of the privilege that an argument sets.
pub(crate) fn privilege_argument(schema: &Schema, argument: &str) -> Result<u32, Box<Refusal>> {
    let name = argument.strip_suffix("Privilege").unwrap_or(argument);
    schema.privilege(name).ok_or_else(|| {
        let known: Vec<_> = schema.privileges().iter().map(|name| format!("`{name}Privilege`")).collect();
        let (given, known) = (address::shorten(argument), known.join(", "));
        Refusal::told(
            Refusal::InvalidPrivilege,
            format_args!("`{given}` is not a privilege argument: there are {known}"),
        )
    })
}

/// What a privilege argument's word means.
pub(crate) fn parse_effect(argument: &str, word: &str) -> Result<Effect, Box<Refusal>> {
    match word {
        "allow" => Ok(Effect::Allow),
        "deny" => Ok(Effect::Deny),
        "inherit" | "" => Ok(Effect::Inherit),
        other => {
            let given = address::shorten(other);
            Err(Refusal::told(
                Refusal::InvalidPrivilege,
                format_args!("`{argument}` is `{given}`, and must be `allow`, `deny` or `inherit`"),
            ))
        }
    }
}

/// Refuses a name that no principal can have: empty, too long, or almost a project's.
pub(crate) fn check_principal_name(kind: PrincipalType, name: &str) -> Result<(), Box<Refusal>> {
    // What follows `project: ` is a project's name, which may be as long as any.
    let own = name.strip_prefix(PROJECT_PREFIX).filter(|_| kind == PrincipalType::User).unwrap_or(name);
    address::check_length(own)?;
    if name.is_empty() {
        return Err(Refusal::told(
            Refusal::InvalidPrincipalName,
            format_args!("the {}'s name is empty", kind.as_str()),
        ));
    }
    let almost = kind == PrincipalType::User && name.starts_with(PROJECT_PREFIX.trim_end());
    if almost && name.strip_prefix(PROJECT_PREFIX).is_none_or(str::is_empty) {
        let given = address::shorten(name);
        return Err(Refusal::told(
            Refusal::InvalidPrincipalName,
            format_args!(
                "`{given}` is not a principal: a project's is `project: NAME`, with one space after the colon"
            ),
        ));
    }
    Ok(())
}

/// One identity or several, in a request.
pub(crate) fn identities(value: &Value) -> Result<Vec<Identity>, Box<Refusal>> {
    match value {
        Value::Array(several) if !several.is_empty() => several.iter().map(identity).collect(),
        one => identity(one).map(|identity| vec![identity]),
    }
}

fn identity(value: &Value) -> Result<Identity, Box<Refusal>> {
    let fields = match value {
        Value::String(text) => return Identity::parse(text),
        Value::Object(fields) => fields,
        _ => {
            return Err(Refusal::invalid(format_args!(
                "a principal is `TYPE:NAME`, or an object with `type` and `name`"
            )));
        }
    };
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let missing = |name: &str| Refusal::told(Refusal::MissingArgument, format_args!("the principal lacks `{name}`"));
    let kind = PrincipalType::parse(text("type").ok_or_else(|| missing("type"))?)?;
    let name = text("name").ok_or_else(|| missing("name"))?.to_owned();
    check_principal_name(kind, &name)?;
    let groups = match fields.get("groups") {
        None | Some(Value::Null) => None,
        Some(groups) => Some(group_names(groups)?),
    };
    Ok(Identity { kind, name, groups })
}

/// The groups that a request vouches for.
fn group_names(value: &Value) -> Result<Vec<String>, Box<Refusal>> {
    let misfit = || Refusal::invalid(format_args!("a principal's `groups` is not a list of names"));
    let names = value.as_array().ok_or_else(misfit)?.iter();
    names.map(|name| name.as_str().map(str::to_owned).ok_or_else(misfit)).collect()
}
