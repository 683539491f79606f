//! Reads a CD/RO DSL export from the file system. What it means is the affair of `portcullis-exports`.

pub use portcullis_exports::{
    Access, Acl, Attributes, Entry, Export, ImportError, ImportedObject, Member, MissedAcl, PersonaDetail, Place,
    Progress, SkipReason, Skipped, Summary,
};

use portcullis_engine::Schema;
use portcullis_exports::{Item, ItemKind, Tree};
use std::borrow::Cow;
use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;

/// Reads the export in `dir`, which is the folder that holds `projects`, `users` and so on, or single DSL files.
///
/// `progress` is called once before the first file and after every file. Nothing is written and nothing is stored.
/// Folders are read in the order of their names' bytes, so the same tree gives the same export everywhere.
/// Symbolic links below `dir` are not followed.
///
/// # Errors
///
/// `ExportUnreadable` where the file system refuses, `InvalidExport` where a file does not parse, where an access
/// control list is not what one may be, or where `dir` holds nothing of an export.
///
/// ```no_run
/// use portcullis_engine::Schema;
/// use portcullis_host::import::read_export;
///
/// let export = read_export("export".as_ref(), &Schema::cdro(), |_| {})?;
/// println!("{} objects, {} lists", export.objects.len(), export.summary.acls);
/// # Ok::<(), portcullis_host::import::ImportError>(())
/// ```
pub fn read_export(dir: &Path, schema: &Schema, progress: impl FnMut(Progress)) -> Result<Export, ImportError> {
    portcullis_exports::read(&Disk, dir, schema, progress)
}

/// The files of the file system.
struct Disk;

impl Tree for Disk {
    fn list(&self, folder: &Path) -> Result<Vec<Item>, ImportError> {
        let items = || fs::read_dir(folder)?.map(|entry| item(&entry?)).collect();
        let items: io::Result<Vec<Item>> = items();
        items.map_err(|error| unreadable(folder, &error))
    }

    fn read(&self, file: &Path) -> Result<Cow<'_, [u8]>, ImportError> {
        fs::read(file).map(Cow::Owned).map_err(|error| unreadable(file, &error))
    }
}

fn item(entry: &DirEntry) -> io::Result<Item> {
    let kind = match entry.file_type()? {
        kind if kind.is_symlink() => ItemKind::Link,
        kind if kind.is_dir() => ItemKind::Folder,
        _ => ItemKind::File,
    };
    Ok(Item::new(entry.path(), kind))
}

fn unreadable(path: &Path, error: &io::Error) -> ImportError {
    ImportError::Unreadable { path: path.display().to_string(), reason: error.to_string() }
}
