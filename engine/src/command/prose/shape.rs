//! What commands answer, as data: the help is written from it, and the schema of the answers.

/// A field of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field {
    /// Its name. [`Shape::Privileges`] stands for several fields, whose names it says.
    pub name: &'static str,
    /// What is in it.
    pub shape: Shape,
    /// Whether it is always there.
    pub always: bool,
    /// What it means; in one sentence, if it can be.
    pub about: &'static str,
}

/// What a field holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// A text.
    Text,
    /// One of these texts.
    Words(&'static [&'static str]),
    /// A whole number that is not negative.
    Count,
    /// An instant in ISO 8601 with its offset.
    Instant,
    /// `1`, or the field is not there.
    Flag,
    /// `1` or `0`.
    Switch,
    /// `true` or `false`.
    Boolean,
    /// Any JSON.
    Json,
    /// For every privilege of the policy's schema a field `<privilege>Privilege`, which holds one of these words.
    /// Where the field is not always there, only for some privileges.
    Privileges(&'static [&'static str]),
    /// These fields.
    Object(&'static [Field]),
    /// A list of objects with these fields.
    Objects(&'static [Field]),
    /// A list of texts.
    Texts,
}

impl Shape {
    /// The fields within it.
    #[must_use]
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Object(fields) | Self::Objects(fields) => fields,
            _ => &[],
        }
    }
}

/// A field that is always there.
#[must_use]
pub const fn always(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { name, shape, always: true, about }
}

/// A field that may not be there.
#[must_use]
pub const fn maybe(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { name, shape, always: false, about }
}
