//! Locator arguments: each names one level of an object's address, and together they form one chain.

use super::{Address, check_length, check_name_rules, shorten, unqualified};
use crate::order;
use crate::refusal::Refusal;
use crate::schema::{Locator, SERVER, SYSTEM_OBJECT, Schema};
use std::borrow::Cow;

/// Arguments that address an object without naming a level.
const WHOLE: [&str; 3] = ["path", "objectId", "objectType"];

/// Whether the argument helps to address the object of a command.
pub(crate) fn is_object_argument(schema: &Schema, argument: &str) -> bool {
    WHOLE.contains(&argument) || schema.locator(argument).is_some()
}

/// One argument.
#[derive(Clone, Copy)]
struct Level<'a> {
    argument: &'a str,
    locator: Locator,
    value: &'a str,
}

/// The address that the locator arguments give together; `None` where there are none.
pub(crate) fn from_locators(schema: &Schema, given: &[(&str, &str)]) -> Result<Option<Address>, Box<Refusal>> {
    let mut levels = Vec::new();
    for &(argument, value) in given {
        let Some(locator) = schema.locator(argument) else { continue };
        if value.is_empty() {
            return Err(Refusal::invalid(format_args!("`{argument}` is empty")));
        }
        levels.push(Level { argument, locator, value });
    }
    if levels.is_empty() {
        return Ok(None);
    }
    let system = take_system_object(&mut levels);
    let levels = in_order(schema, levels)?;
    let mut address = begin(schema, system, &levels)?;
    for level in after_last_path(&levels) {
        push(schema, &mut address, level)?;
    }
    Ok(Some(address))
}

fn take_system_object<'a>(levels: &mut Vec<Level<'a>>) -> Option<Level<'a>> {
    let place = levels.iter().position(|level| level.locator.kind == SYSTEM_OBJECT)?;
    Some(levels.remove(place))
}

/// The outermost first; refuses two that cannot be in one chain.
fn in_order<'a>(schema: &Schema, levels: Vec<Level<'a>>) -> Result<Vec<Level<'a>>, Box<Refusal>> {
    for (index, first) in levels.iter().enumerate() {
        for second in levels.iter().skip(index + 1) {
            if !is_above(schema, first, second) && !is_above(schema, second, first) {
                return Err(misfit(first, second));
            }
        }
    }
    let rank = |level: &Level| levels.iter().filter(|other| is_above(schema, other, level)).count() as u32;
    Ok(order::by_number(levels.clone(), rank))
}

fn is_above(schema: &Schema, upper: &Level, lower: &Level) -> bool {
    if upper.locator.kind == lower.locator.kind {
        return upper.locator.outer && !lower.locator.outer;
    }
    schema.may_be_above(upper.locator.kind, lower.locator.kind)
}

fn misfit(first: &Level, second: &Level) -> Box<Refusal> {
    let (first, second) = (first.argument, second.argument);
    Refusal::invalid(format_args!("`{first}` and `{second}` do not fit: no object's address has both"))
}

/// The levels that count: a value that is a path makes the less specific ones superfluous.
fn after_last_path<'a, 'b>(levels: &'b [Level<'a>]) -> &'b [Level<'a>] {
    let start = levels.iter().rposition(|level| level.value.starts_with('/')).map_or(0, |place| place + 1);
    levels.get(start..).unwrap_or_default()
}

/// What the levels are added to: the last path among the values, or the root.
fn begin(schema: &Schema, system: Option<Level>, levels: &[Level]) -> Result<Address, Box<Refusal>> {
    if let Some(level) = levels.iter().rev().find(|level| level.value.starts_with('/')) {
        return typed_path(schema, level);
    }
    let Some(system) = system else { return Ok(Address::default()) };
    if system.value.starts_with('/') {
        return typed_path(schema, &system);
    }
    check_name_rules(schema.grammar(), SYSTEM_OBJECT, system.value)?;
    match levels.first() {
        // `--systemObjectName directory --userName u` says twice where users are.
        Some(first) if !schema.is_child(SYSTEM_OBJECT, first.locator.kind) => {
            let parent = schema.object_type(first.locator.kind).system_object.map(usize::from);
            let parent = parent.and_then(|index| schema.system_objects().get(index));
            if parent.is_some_and(|name| name == system.value) {
                return Ok(Address::default());
            }
            Err(misfit(&system, first))
        }
        None if system.value == SERVER => Ok(Address::default()),
        _ => Ok(Address { steps: vec![(SYSTEM_OBJECT, system.value.into())], sheet: false }),
    }
}

fn typed_path(schema: &Schema, level: &Level) -> Result<Address, Box<Refusal>> {
    let address = Address::parse(schema, level.value)?;
    if address.kind() == level.locator.kind && !address.sheet {
        return Ok(address);
    }
    let found = &schema.object_type(address.kind()).name;
    let wanted = &schema.object_type(level.locator.kind).name;
    let (argument, value) = (level.argument, shorten(level.value));
    Err(Refusal::invalid(format_args!("`{argument}` names a {wanted}, and `{value}` is the path of a {found}")))
}

fn push(schema: &Schema, address: &mut Address, level: &Level) -> Result<(), Box<Refusal>> {
    let kind = level.locator.kind;
    let mut name = level.value;
    if address.steps.is_empty() && schema.object_type(kind).system_object.is_none() {
        name = push_parent_in_name(schema, address, level)?.unwrap_or(name);
    }
    let known = schema.object_type(kind);
    let fits = match address.steps.last() {
        None => known.system_object.is_some(),
        Some((parent, _)) => schema.is_child(*parent, kind),
    };
    if !fits {
        return Err(missing_parent(schema, level));
    }
    let parent = address.name().unwrap_or_default();
    name = unqualified(schema, kind, parent, name);
    check_name_rules(schema.grammar(), kind, name)?;
    check_length(name)?;
    address.steps.push((kind, name.to_owned()));
    Ok(())
}

/// `--artifactVersionName group:key:1.0` alone carries its artifact's name.
fn push_parent_in_name<'a>(
    schema: &Schema,
    address: &mut Address,
    level: &Level<'a>,
) -> Result<Option<&'a str>, Box<Refusal>> {
    let known = schema.object_type(level.locator.kind);
    let (Some(separator), Some(&parent)) = (known.qualified, known.parents.first()) else { return Ok(None) };
    let Some((parent_name, name)) = level.value.rsplit_once(separator) else { return Ok(None) };
    if parent_name.is_empty() || name.is_empty() || schema.object_type(parent).system_object.is_none() {
        return Ok(None);
    }
    check_length(parent_name)?;
    address.steps.push((parent, parent_name.to_owned()));
    Ok(Some(name))
}

fn missing_parent(schema: &Schema, level: &Level) -> Box<Refusal> {
    let known = schema.object_type(level.locator.kind);
    if known.anywhere {
        let text = format!("`{}` needs the locators of the object that it belongs to beside it", level.argument);
        return Box::new(Refusal::MissingArgument(text));
    }
    let parents = known.parents.iter().filter(|&&parent| parent != level.locator.kind);
    let parents: Vec<_> = parents.map(|&parent| format!("`{}`", schema.object_type(parent).locator)).collect();
    let parents = parents.join(" or ");
    Refusal::told(Refusal::MissingArgument, format_args!("`{}` needs {parents} beside it", level.argument))
}

/// See [`Address::locators`].
pub(super) fn of<'a>(schema: &'a Schema, address: &'a Address) -> Result<Vec<(&'a str, Cow<'a, str>)>, Box<Refusal>> {
    let only_path = || {
        let path = address.path(schema);
        Refusal::invalid(format_args!("only `--path` addresses `{}`", shorten(&path)))
    };
    if address.steps.is_empty() {
        return Ok(vec![("systemObjectName", SERVER.into())]);
    }
    let mut found: Vec<(&str, Cow<str>)> = Vec::new();
    for (index, (kind, name)) in address.steps.iter().enumerate() {
        let known = schema.object_type(*kind);
        let nested = address.steps.get(index + 1).is_some_and(|(below, _)| below == kind);
        let argument = if nested { known.outer_locator.as_deref().ok_or_else(only_path)? } else { &known.locator };
        if name.starts_with('/') || found.iter().any(|(used, _)| *used == argument) {
            return Err(only_path());
        }
        // With the parent's name in front there is but one way to read it.
        let above = index.checked_sub(1).and_then(|above| address.steps.get(above));
        let name = match known.qualified.zip(above) {
            Some((separator, (_, parent))) => Cow::Owned(format!("{parent}{separator}{name}")),
            None => Cow::Borrowed(name.as_str()),
        };
        found.push((argument, name));
    }
    Ok(found)
}
