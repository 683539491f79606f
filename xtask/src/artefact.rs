//! What the build makes: files and folders that are made again only from something else.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::cache;

/// Makes a file, unless it is there and was made from the same: the key beside it says what from, and is there only if
/// the file is whole. A file that would not change is left alone, so that what is built from it stays up to date.
/// Another run at the same time waits.
///
/// # Errors
///
/// Those of `make`, and of the disk.
pub(crate) fn make_once(path: &Path, key: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    guard(path, key, |unfinished| {
        make(unfinished)?;
        replace_if_changed(path, unfinished)
    })
}

/// Makes a folder, unless it is there and was made from the same: `make` is given an empty one. See [`make_once`].
///
/// # Errors
///
/// Those of `make`, and of the disk.
pub(crate) fn make_folder_once(path: &Path, key: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    guard(path, key, |unfinished| {
        cache::remove(unfinished)?;
        fs::create_dir(unfinished)?;
        make(unfinished)?;
        cache::remove(path)?;
        Ok(fs::rename(unfinished, path)?)
    })
}

/// Has `make` put something at the path, by way of a place beside it, unless that was done with the same key.
fn guard(path: &Path, key: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let folder = path.parent().context("what is to be made has no folder around it")?;
    fs::create_dir_all(folder)?;
    let lock = File::create(folder.join("lock"))?;
    lock.lock()?;
    let key_path = path.with_added_extension("key");
    if path.exists() && fs::read_to_string(&key_path).is_ok_and(|found| found == key) {
        return Ok(());
    }
    if key_path.exists() {
        fs::remove_file(&key_path)?;
    }
    make(&path.with_added_extension("unfinished"))?;
    Ok(fs::write(key_path, key)?)
}

fn replace_if_changed(path: &Path, made: &Path) -> Result<()> {
    if path.exists() && read(path)? == read(made)? {
        return Ok(fs::remove_file(made)?);
    }
    Ok(fs::rename(made, path)?)
}

/// A file's bytes.
///
/// # Errors
///
/// It cannot be read; the text names it.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// What tells one making from another.
pub(crate) fn digest(parts: &[Vec<u8>]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(Sha256::digest(part));
    }
    hex(&digest.finalize())
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::cell::Cell;

    use anyhow::bail;

    use super::*;

    /// Makes `path` with that key and content, and tells whether it had to.
    fn is_made(path: &Path, key: &str, content: &str) -> bool {
        let made = Cell::new(false);
        make_once(path, key, |output| {
            made.set(true);
            Ok(fs::write(output, content)?)
        })
        .unwrap();
        made.get()
    }

    fn in_folder(name: &str, test: impl FnOnce(&Path)) {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        test(&folder.join("file.wasm"));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_file_is_made_again_only_from_something_else() {
        in_folder("again", |path| {
            assert!(is_made(path, "a", "one"));
            assert!(!is_made(path, "a", "two"));
            assert!(is_made(path, "b", "two"));
            assert_eq!(fs::read_to_string(path).unwrap(), "two");
        });
    }

    #[test]
    fn a_making_that_fails_leaves_no_key() {
        in_folder("fails", |path| {
            assert!(is_made(path, "a", "one"));
            make_once(path, "b", |_| bail!("no")).unwrap_err();
            assert!(is_made(path, "a", "one"));
        });
    }

    #[test]
    fn a_file_that_would_not_change_is_left_alone() {
        in_folder("alone", |path| {
            assert!(is_made(path, "a", "one"));
            let before = fs::metadata(path).unwrap().modified().unwrap();
            assert!(is_made(path, "b", "one"));
            assert_eq!(fs::metadata(path).unwrap().modified().unwrap(), before);
        });
    }

    #[test]
    fn a_folder_made_again_holds_nothing_of_the_one_before() {
        in_folder("folder", |path| {
            make_folder_once(path, "a", |folder| Ok(fs::write(folder.join("one"), "")?)).unwrap();
            make_folder_once(path, "b", |folder| Ok(fs::write(folder.join("two"), "")?)).unwrap();
            make_folder_once(path, "b", |_| bail!("it is there")).unwrap();
            assert!(!path.join("one").exists() && path.join("two").exists());
        });
    }

    #[test]
    fn parts_that_join_to_the_same_have_different_digests() {
        let digest = |parts: [&str; 2]| digest(&parts.map(|part| part.as_bytes().to_vec()));
        assert_ne!(digest(["ab", "c"]), digest(["a", "bc"]));
    }
}
