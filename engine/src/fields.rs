//! The fields of an answer, in the order in which they are written.

use serde_json::{Map, Value};

/// A JSON object in the making.
#[derive(Default)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Adds a text.
    #[inline(never)]
    pub(crate) fn text(mut self, name: &str, text: &str) -> Self {
        self.0.insert(name.to_owned(), Value::String(text.to_owned()));
        self
    }

    /// Adds a text where there is one.
    pub(crate) fn maybe(self, name: &str, text: Option<String>) -> Self {
        match text {
            Some(text) => self.text(name, &text),
            None => self,
        }
    }

    /// Adds `1` where it is so, and nothing where it is not: how the vendor's answers have booleans.
    pub(crate) fn flag(self, name: &str, is_so: bool) -> Self {
        if is_so { self.text(name, "1") } else { self }
    }

    /// Adds a whole number.
    #[inline(never)]
    pub(crate) fn number(mut self, name: &str, number: usize) -> Self {
        self.0.insert(name.to_owned(), Value::from(number));
        self
    }

    /// Adds a list.
    #[inline(never)]
    pub(crate) fn list(mut self, name: &str, items: Vec<Value>) -> Self {
        self.0.insert(name.to_owned(), Value::Array(items));
        self
    }

    /// Adds a value.
    #[inline(never)]
    pub(crate) fn value(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// Adds another's fields after these.
    #[inline(never)]
    pub(crate) fn and(mut self, mut more: Self) -> Self {
        self.0.append(&mut more.0);
        self
    }

    /// The object.
    pub(crate) fn done(self) -> Value {
        Value::Object(self.0)
    }
}
