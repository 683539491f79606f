//! Who may know whom: borders inside the crates, that the compiler does not guard.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// Words that only some sources may use.
struct Border {
    /// The folder that it divides.
    folder: &'static str,
    words: &'static [&'static str],
    /// The modules of that folder which may use the words.
    insiders: &'static [&'static str],
}

const BORDERS: &[Border] = &[
    // The engine is pure: no input or output, no clock, no global.
    Border {
        folder: "engine/src",
        words: &["std::env", "std::fs", "std::io", "std::net", "std::process", "std::thread", "std::time"],
        insiders: &[],
    },
    Border { folder: "engine/src", words: &["static", "thread_local"], insiders: &[] },
    // The same bytes on every target: no order of a hash map, no float (JavaScript has no other number).
    Border { folder: "engine/src", words: &["HashMap", "HashSet", "f32", "f64"], insiders: &["face_check", "face_js"] },
    // The reader of exports is as pure: it reads from whatever tree of files it is given.
    Border {
        folder: "engine/exports/src",
        words: &["std::env", "std::fs", "std::io", "std::net", "std::process", "std::thread", "std::time"],
        insiders: &[],
    },
    // Only the service sees both an engine and a store.
    Border { folder: "host/src", words: &["Instance", "State"], insiders: &["runtime", "service"] },
    Border { folder: "host/src", words: &["crate::store"], insiders: &["cli", "service", "store"] },
    Border {
        folder: "host/src/store",
        words: &["portcullis_engine", "crate::runtime", "crate::service"],
        insiders: &[],
    },
    // Only the runtime knows wasmtime.
    Border { folder: "host/src", words: &["wasmtime"], insiders: &["runtime"] },
];

/// Reads the sources and checks that no border is crossed.
///
/// # Errors
///
/// One is; the text names each line.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut crossings = Vec::new();
    for border in BORDERS {
        let folder = workspace.source(border.folder);
        for file in sources(&folder)? {
            let path = file.strip_prefix(&folder)?;
            if !border.is_inside(path) {
                let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
                let found = border.crossings(&text);
                crossings.extend(found.iter().map(|line| format!("{}/{}:{line}", border.folder, path.display())));
            }
        }
    }
    if crossings.is_empty() {
        return Ok(());
    }
    bail!("what these lines use is not theirs to know:\n{}", crossings.join("\n"))
}

impl Border {
    /// Whether a file, `module.rs` or below `module/`, belongs to one of the insiders.
    fn is_inside(&self, path: &Path) -> bool {
        let module = path.iter().next().map(|first| Path::new(first).with_extension(""));
        module.is_some_and(|module| self.insiders.iter().any(|insider| module == Path::new(insider)))
    }

    /// The lines, as `number: text`, that use one of the words. Comments may.
    fn crossings(&self, text: &str) -> Vec<String> {
        let code = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        let crossing = code.filter(|(_, line)| self.words.iter().any(|word| has_word(line, word)));
        crossing.map(|(index, line)| format!("{}: {}", index + 1, line.trim())).collect()
    }
}

/// Whether the word stands in the line by itself; `'static` is another word than `static`.
fn has_word(line: &str, word: &str) -> bool {
    let continues = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(start, _)| {
        let (before, rest) = line.split_at(start);
        let after = rest.strip_prefix(word).unwrap_or(rest);
        !before.ends_with(|last| continues(last) || last == '\'') && !after.starts_with(continues)
    })
}

/// Every source file in the folder and below.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BORDER: Border = Border { folder: "src", words: &["static", "std::fs"], insiders: &["inner"] };

    #[test]
    fn a_word_counts_by_itself_only() {
        assert!(has_word("pub static X: u8 = 0;", "static"));
        assert!(!has_word("const X: &'static str = \"\";", "static"));
        assert!(!has_word("let statics = ecstatic;", "static"));
        assert!(has_word("statics(); static X", "static"));
    }

    #[test]
    fn lines_that_use_a_word_are_named_and_comments_are_not() {
        let text = "//! Not std::fs.\nuse std::fs;\n    /// Nor static.\n    let a = 1;\n";
        assert_eq!(BORDER.crossings(text), ["2: use std::fs;"]);
    }

    #[test]
    fn a_module_is_its_file_and_its_folder() {
        assert!(BORDER.is_inside(Path::new("inner.rs")));
        assert!(BORDER.is_inside(Path::new("inner/deep/file.rs")));
        assert!(!BORDER.is_inside(Path::new("inner_too.rs")));
        assert!(!BORDER.is_inside(Path::new("outer/inner.rs")));
    }
}
