//! What a DSL file is made of. Places are byte offsets; only an error or a summary turns them into lines.

use crate::source::{Source, shown};
use std::borrow::Cow;

/// A statement.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Statement<'s> {
    /// `keyword 'name', argument: value, { … }`
    Block(Block<'s>),
    /// `name = value`
    Assignment(Assignment<'s>),
    /// Anything else.
    Code(Code<'s>),
}

/// `keyword 'name', argument: value, { … }`, with or without parentheses, arguments and body.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Block<'s> {
    pub(crate) keyword: &'s str,
    pub(crate) arguments: Vec<Argument<'s>>,
    /// None if there are no braces.
    pub(crate) body: Option<Vec<Statement<'s>>>,
    /// The keyword's byte offset.
    pub(crate) at: usize,
}

/// One argument of a block.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Argument<'s> {
    /// None if it is known by its position, empty if code computes it.
    pub(crate) name: Option<Cow<'s, str>>,
    pub(crate) value: Value<'s>,
    /// The value's byte offset.
    pub(crate) at: usize,
}

/// `name = value`
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Assignment<'s> {
    pub(crate) name: &'s str,
    pub(crate) value: Value<'s>,
    /// The value's byte offset.
    pub(crate) at: usize,
}

/// Code that is not looked into.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Code<'s> {
    /// Its first word, or its first character.
    pub(crate) begins: &'s str,
    /// Its byte offset.
    pub(crate) at: usize,
}

/// A value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Value<'s> {
    /// Quoted text.
    Text(Cow<'s, str>),
    /// A number, as written.
    Number(&'s str),
    /// `true` or `false`.
    Boolean(bool),
    /// `null`.
    Null,
    /// `['a', 'b']`: the elements with their byte offsets.
    List(Vec<(Value<'s>, usize)>),
    /// `['a': 1]`. No map says anything about access.
    Map,
    /// Only running the code would tell.
    Computed,
}

impl Value<'_> {
    /// As a boolean: `'1'`, `1`, `'true'` and `true`, and the like for false; None for anything else.
    pub(crate) fn flag(&self) -> Option<bool> {
        match self {
            Self::Boolean(flag) => Some(*flag),
            Self::Text(text) if matches!(&**text, "1" | "true") => Some(true),
            Self::Text(text) if matches!(&**text, "0" | "false") => Some(false),
            Self::Number("1") => Some(true),
            Self::Number("0") => Some(false),
            _ => None,
        }
    }

    /// The value, which stands at a byte offset, in an error's text.
    pub(crate) fn found(&self, at: usize, source: &Source<'_>) -> String {
        match self {
            Self::Text(text) => shown(&format!("'{text}'")),
            Self::Number(_) | Self::Boolean(_) | Self::Null => source.found(at),
            Self::List(_) => "a list".into(),
            Self::Map => "a map".into(),
            Self::Computed => "a value computed by code".into(),
        }
    }
}

impl<'s> Block<'s> {
    /// The first argument without a name.
    pub(crate) fn positional(&self) -> Option<&Argument<'s>> {
        self.arguments.iter().find(|argument| argument.name.is_none())
    }

    /// The statements between its braces.
    pub(crate) fn statements(&self) -> &[Statement<'s>] {
        self.body.as_deref().unwrap_or_default()
    }
}

/// Something that is set by name: `name = value`, `name: value` or the call `name value`.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'b, 's> {
    pub(crate) name: &'b str,
    pub(crate) value: &'b Value<'s>,
    /// The value's byte offset.
    pub(crate) at: usize,
}

impl<'b, 's> Setting<'b, 's> {
    /// What an argument sets; None if it has no name.
    pub(crate) fn of_argument(argument: &'b Argument<'s>) -> Option<Self> {
        Some(Self { name: argument.name.as_deref()?, value: &argument.value, at: argument.at })
    }

    /// What a statement sets; None if it is code, or a block with anything but one value.
    pub(crate) fn of_statement(statement: &'b Statement<'s>) -> Option<Self> {
        match statement {
            Statement::Assignment(set) => Some(Self { name: set.name, value: &set.value, at: set.at }),
            Statement::Block(Block { keyword, arguments, body: None, .. }) => match arguments.as_slice() {
                [Argument { name: None, value, at }] => Some(Self { name: keyword, value, at: *at }),
                _ => None,
            },
            _ => None,
        }
    }
}
