//! Names, literals and comments.

/// A name with a capital first.
pub(crate) fn pascal(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A text as a literal.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A union of literals.
pub(crate) fn union(words: &[&str]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" | ")
}

/// A comment of TSDoc with its tags, one a line.
pub(crate) fn comment(indent: &str, about: &str, tags: &[String]) -> String {
    let about = programmed(about.trim());
    if tags.is_empty() {
        return format!("{indent}/** {about} */\n");
    }
    let lines: String = tags.iter().map(|tag| format!("{indent} * {}\n", tag.trim_end())).collect();
    format!("{indent}/**\n{indent} * {about}\n{indent} *\n{lines}{indent} */\n")
}

/// The text with options as they stand in a program, without the dashes of a command line.
fn programmed(text: &str) -> String {
    let mut words = text.split("--");
    let mut out = words.next().unwrap_or_default().to_owned();
    for word in words {
        let end = word.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(word.len());
        let (name, rest) = word.split_at(end);
        // Within a quotation the name is marked already.
        let quote = if out.matches('`').count().is_multiple_of(2) { "`" } else { "" };
        out += &format!("{quote}{name}{quote}{rest}");
    }
    out
}
