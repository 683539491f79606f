//! The fields of an answer, written one after the other.

use crate::json::write_text;
use std::fmt::Write;

/// A JSON value, written.
#[derive(Clone, Debug)]
pub(crate) struct Json(String);

impl Json {
    /// A text.
    pub(crate) fn text(text: &str) -> Self {
        let mut written = Self(String::new());
        written.push_text(text);
        written
    }

    /// What is JSON already.
    pub(crate) fn written(json: String) -> Self {
        Self(json)
    }

    /// The text that it is.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    fn push_text(&mut self, text: &str) {
        // Writing to a `String` cannot fail.
        let _ = write_text(&mut self.0, text);
    }
}

/// A JSON object in the making. No name may be given twice.
pub(crate) struct Fields(Json);

impl Default for Fields {
    fn default() -> Self {
        Self(Json(String::new()))
    }
}

impl Fields {
    /// Adds a text.
    #[inline(never)]
    pub(crate) fn text(mut self, name: &str, text: &str) -> Self {
        self.push_name(name);
        self.0.push_text(text);
        self
    }

    /// Adds a text where there is one.
    #[inline(never)]
    pub(crate) fn maybe(self, name: &str, text: Option<String>) -> Self {
        match text {
            Some(text) => self.text(name, &text),
            None => self,
        }
    }

    /// Adds `1` where it is so, and nothing where it is not: how the vendor's answers have booleans.
    #[inline(never)]
    pub(crate) fn flag(self, name: &str, is_so: bool) -> Self {
        if is_so { self.text(name, "1") } else { self }
    }

    /// Adds a whole number.
    #[inline(never)]
    pub(crate) fn number(mut self, name: &str, number: usize) -> Self {
        self.push_name(name);
        // Writing to a `String` cannot fail.
        let _ = write!(self.0.0, "{number}");
        self
    }

    /// Adds a list.
    #[inline(never)]
    pub(crate) fn list(mut self, name: &str, items: Vec<Json>) -> Self {
        self.push_name(name);
        let mut before = '[';
        for item in &items {
            self.0.0.push(before);
            self.0.0.push_str(&item.0);
            before = ',';
        }
        self.0.0.push_str(if items.is_empty() { "[]" } else { "]" });
        self
    }

    /// Adds a value.
    #[inline(never)]
    pub(crate) fn value(mut self, name: &str, value: Json) -> Self {
        self.push_name(name);
        self.0.0.push_str(&value.0);
        self
    }

    /// Adds another's fields after these.
    #[inline(never)]
    pub(crate) fn and(mut self, more: Self) -> Self {
        if let Some(fields) = more.0.0.get(1..) {
            self.push_separator();
            self.0.0.push_str(fields);
        }
        self
    }

    /// The object.
    #[inline(never)]
    pub(crate) fn done(mut self) -> Json {
        self.0.0.push_str(if self.0.0.is_empty() { "{}" } else { "}" });
        self.0
    }

    fn push_name(&mut self, name: &str) {
        self.push_separator();
        self.0.push_text(name);
        self.0.0.push(':');
    }

    fn push_separator(&mut self) {
        self.0.0.push(if self.0.0.is_empty() { '{' } else { ',' });
    }
}
