//! An export as a tree of files, wherever that is: on a disk, or in memory as a browser is given it.

use crate::error::ImportError;
use crate::export::Export;
use crate::objects::Objects;
use crate::tree;
use portcullis_engine::Schema;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::path::{Path, PathBuf};

/// How long a path in [`Files`] may be, in bytes. No file system has longer ones.
const MAX_PATH_BYTES: usize = 32_767;

/// A tree of files that an export is read from.
pub trait Tree {
    /// What lies in a folder, in any order.
    ///
    /// # Errors
    ///
    /// `ExportUnreadable`.
    fn list(&self, folder: &Path) -> Result<Vec<Item>, ImportError>;

    /// The bytes of a file. It is asked for DSL files only, and for each once.
    ///
    /// # Errors
    ///
    /// `ExportUnreadable`.
    fn read(&self, file: &Path) -> Result<Cow<'_, [u8]>, ImportError>;
}

/// Something in a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// What is not text in it is replaced.
    pub(crate) name: String,
    pub(crate) is_text: bool,
    pub(crate) path: PathBuf,
    pub(crate) kind: ItemKind,
}

/// What lies in a folder may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ItemKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, to whatever. It is counted and not followed.
    Link,
}

impl Item {
    /// What lies at a path, whose last name is the item's.
    #[must_use]
    pub fn new(path: PathBuf, kind: ItemKind) -> Self {
        let name = path.file_name().unwrap_or_default();
        Self { name: name.to_string_lossy().into_owned(), is_text: name.to_str().is_some(), path, kind }
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.kind == ItemKind::Folder
    }

    pub(crate) fn is_hidden(&self) -> bool {
        self.name.starts_with('.')
    }

    pub(crate) fn is_dsl(&self) -> bool {
        self.kind == ItemKind::File && self.stem().is_some()
    }

    /// The name without `.dsl` or `.groovy`; None if it has neither.
    pub(crate) fn stem(&self) -> Option<&str> {
        stem(&self.name)
    }
}

fn stem(name: &str) -> Option<&str> {
    let (stem, extension) = name.rsplit_once('.')?;
    ["dsl", "groovy"].iter().any(|known| extension.eq_ignore_ascii_case(known)).then_some(stem)
}

/// Whether a file of this path, or of this name, is one that is read: `.dsl` or `.groovy`, in any case of letters.
///
/// ```
/// use portcullis_exports::is_dsl_file;
///
/// assert!(is_dsl_file("projects/Default/project.dsl"));
/// assert!(!is_dsl_file("projects/Default/procedures/Build/steps/compile.cmd"));
/// ```
#[must_use]
pub fn is_dsl_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    stem(name).is_some()
}

/// Files in memory, by path.
///
/// ```
/// use portcullis_engine::Schema;
/// use portcullis_exports::Files;
///
/// let mut files = Files::default();
/// files.add("my-export/projects/Default/acls/acl.dsl", b"acl { inheriting = '0' }".to_vec())?;
/// let export = files.export(&Schema::cdro())?;
/// assert_eq!(export.objects[0].path, "/projects/Default");
/// # Ok::<(), portcullis_exports::ImportError>(())
/// ```
#[derive(Clone, Default)]
pub struct Files {
    /// By path without empty names; that of a folder ends in a slash. What is no DSL file is never read, and has no
    /// bytes here.
    bytes: BTreeMap<String, Vec<u8>>,
}

impl Files {
    /// Adds a file, or replaces the one of that path.
    ///
    /// Names in a path have a `/` between them, whatever the system; one at the beginning counts nothing. A path that
    /// ends in one is a folder's, in which nothing need lie.
    ///
    /// # Errors
    ///
    /// `InvalidExport` for a path without a name, with the name `..`, or of more than 32,767 bytes.
    pub fn add(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), ImportError> {
        let names: Vec<&str> = path.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
        if names.is_empty() || names.contains(&"..") || path.len() > MAX_PATH_BYTES {
            return Err(ImportError::InvalidPath { path: path.to_owned() });
        }
        let mark = if path.ends_with('/') { "/" } else { "" };
        let kept = if is_dsl_file(path) { bytes } else { Vec::new() };
        self.bytes.insert(names.join("/") + mark, kept);
        Ok(())
    }

    /// Reads the export among the files: what lies at their top or, where that is nothing of an export, in the only
    /// folder there, and so on down. So the export's own folder may be part of the paths, and those above it.
    ///
    /// Files and hidden folders beside a folder that leads to the export are no part of it, and not counted. Places in
    /// errors are the files' paths.
    ///
    /// # Errors
    ///
    /// As [`read`](crate::read); `InvalidExport` also where no folder leads to an export, or more than one might.
    pub fn export(&self, schema: &Schema) -> Result<Export, ImportError> {
        let root = tree::find_root(self, &Objects::new(schema))?;
        crate::read(self, &root, schema, |_| {})
    }
}

impl Tree for Files {
    fn list(&self, folder: &Path) -> Result<Vec<Item>, ImportError> {
        let mut prefix = text(folder).to_owned();
        if !prefix.is_empty() {
            prefix.push('/');
        }
        let below = self.bytes.range::<str, _>((Excluded(prefix.as_str()), Unbounded));
        let mut items: Vec<Item> = Vec::new();
        for rest in below.map_while(|(path, _)| path.strip_prefix(&prefix)) {
            let (name, kind) = match rest.split_once('/') {
                Some((name, _)) => (name, ItemKind::Folder),
                None => (rest, ItemKind::File),
            };
            if items.last().is_none_or(|last| last.kind != kind || last.name != name) {
                items.push(Item::new(format!("{prefix}{name}").into(), kind));
            }
        }
        Ok(items)
    }

    fn read(&self, file: &Path) -> Result<Cow<'_, [u8]>, ImportError> {
        match self.bytes.get(text(file)) {
            Some(bytes) => Ok(Cow::Borrowed(bytes)),
            None => Err(ImportError::Unreadable { path: text(file).into(), reason: "there is no such file".into() }),
        }
    }
}

/// A path that this tree has given, or the empty one of its top.
fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
