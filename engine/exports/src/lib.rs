//! Reads a CD/RO DSL export: a tree of folders and DSL files, as the product's own "generate DSL" feature writes it.
//!
//! ```text
//! projects/Examples Library/pipelines/P/acls/acl.dsl     the access control list of pipeline P
//! groups/Developers/group.dsl                            a group and its members
//! ```
//!
//! Folders alternate between a collection and an object's name. What an object is follows from the schema and the
//! folders above it. The same objects may also stand in one file, as blocks within blocks. Nothing is executed:
//! code and computed values are passed over and counted, and whatever is left out stands in the [`Summary`]. The files
//! are those of any [`Tree`]: the host's are on a disk, a browser's in memory, as [`Files`].
//!
//! Three steps: `tree` finds the objects and the files, `dsl` parses a file into statements, and `reading` takes from
//! the statements what access depends on, and users' names, addresses and personas. These forms are taken, each as
//! `name = value`, as an argument `name: value` or as a call `name value`, and a list also as the one text in it:
//!
//! ```text
//! user 'j smith', { fullUserName = ''; email = ''; persona = ['QA']; groupName = ['Developers'] }
//! group 'Developers', { userName = ['j smith']; persona = ['QA'] }
//! serviceAccount 'ci', { }
//! resource 'a', { }      resourcePool 'b', { }
//! personaPage 'runs', { description = ''; url = '' }
//! personaCategory 'testing', { description = ''; personaPage = ['runs', 'plans'] }
//! persona 'QA', {
//!   description = ''; homePageName = 'runs'; isDefault = '1'
//!   personaDetail { personaCategoryName = 'testing'; personaPage = ['runs'] }
//! }
//! ```
//!
//! The exporter writes lists under a singular; the plurals that commands have for them (`personas`, `groupNames`,
//! `userNames`, `personaPages`) are taken too. A detail may have its category as its name, `personaDetail 'testing',
//! { … }`, and `personaDetails` may give them all as the JSON text that `createPersona` takes. A detail without pages
//! shows all of its category. Members that are groups or service accounts are not in the vendor's language. Passwords
//! are never taken, and neither is what else accounts and personas have there, nor descriptions of resources, pools
//! and service accounts: all of these are counted and named.

mod acl;
mod attributes;
mod dsl;
mod error;
mod export;
#[cfg(all(feature = "face-js", target_arch = "wasm32"))]
pub mod face_js;
mod files;
mod lexis;
mod names;
mod objects;
mod principals;
mod reading;
mod source;
mod statement;
mod summary;
mod tree;

pub use error::ImportError;
pub use export::{Access, Acl, Attributes, Entry, Export, ImportedObject, Member, PersonaDetail};
pub use files::{Files, Item, ItemKind, Tree, is_dsl_file};
pub use source::Place;
pub use summary::{MissedAcl, SkipReason, Skipped, Summary};

use objects::Objects;
use portcullis_engine::Schema;
use source::Source;
use std::path::Path;

/// How far the reading of an export has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// DSL files read so far.
    pub files_read: u64,
    /// DSL files found in the tree.
    pub files_total: u64,
}

/// Reads the export in a tree's folder `root`, which is the one that holds `projects`, `users` and so on, or single DSL
/// files. [`Files::export`] finds that folder by itself.
///
/// `progress` is called once before the first file and after every file. Nothing is written and nothing is stored.
/// Folders are read in the order of their names' bytes, so the same tree gives the same export everywhere, and of the
/// files one at a time is held. Links are not followed.
///
/// # Errors
///
/// `ExportUnreadable` where the tree refuses, `InvalidExport` where a file does not parse, where an access control list
/// is not what one may be, or where `root` holds nothing of an export.
///
/// ```
/// use portcullis_engine::Schema;
/// use portcullis_exports::{Files, read};
///
/// let mut files = Files::default();
/// files.add("export/users/dora/acls/acl.dsl", b"acl { }".to_vec())?;
/// let export = read(&files, "export".as_ref(), &Schema::cdro(), |_| {})?;
/// assert_eq!((export.objects.len(), export.summary.acls), (1, 1));
/// # Ok::<(), portcullis_exports::ImportError>(())
/// ```
pub fn read(
    tree: &dyn Tree,
    root: &Path,
    schema: &Schema,
    mut progress: impl FnMut(Progress),
) -> Result<Export, ImportError> {
    let mut objects = Objects::new(schema);
    let files = tree::walk(tree, root, &mut objects)?;
    let files_total = files.len() as u64;
    progress(Progress { files_read: 0, files_total });
    for (file, files_read) in files.iter().zip(1..) {
        let bytes = tree.read(&file.path)?;
        let source = Source::new(root, &file.path, &bytes)?;
        reading::read(file.role, &source, &mut objects)?;
        progress(Progress { files_read, files_total });
    }
    Ok(objects.into_export(files_total))
}
