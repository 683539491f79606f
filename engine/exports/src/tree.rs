//! The folders of an export: which objects there are, and which files say more about them.

use crate::error::ImportError;
use crate::files::{Item, ItemKind, Tree};
use crate::names;
use crate::objects::{Object, Objects};
use crate::principals::Unfit;
use crate::reading::Role;
use crate::source::Place;
use crate::summary::SkipReason;
use portcullis_engine::TypeId;
use std::path::{Path, PathBuf};

/// A file to read.
pub(crate) struct PlannedFile {
    pub(crate) path: PathBuf,
    pub(crate) role: Role,
}

/// Registers the objects that have folders, parents before children, and lists the files to read, in the same order.
///
/// # Errors
///
/// `ExportUnreadable`; `InvalidExport` if `dir` holds nothing of an export, or a folder's name is not text or one that
/// the engine refuses.
pub(crate) fn walk(tree: &dyn Tree, dir: &Path, objects: &mut Objects<'_>) -> Result<Vec<PlannedFile>, ImportError> {
    let mut walk = Walk { tree, dir, objects, files: Vec::new(), pending: Vec::new() };
    if !walk.top()? {
        return Err(ImportError::NotAnExport { path: dir.display().to_string() });
    }
    while let Some(folder) = walk.pending.pop() {
        match folder.holds {
            Holds::Collection(parent, kind) => walk.collection(&folder.path, parent, kind)?,
            Holds::Object(parent, kind, name) => match walk.objects.register(parent, kind, &name) {
                Ok(object) => walk.object(&folder.path, object)?,
                Err(Unfit::LeftOut(reason)) => walk.leave_out(&folder.path, reason)?,
                Err(Unfit::Refused(wrong)) => {
                    let place = Place { file: folder.path.display().to_string(), line: 1, column: 1 };
                    return Err(ImportError::Invalid { place, expected: wrong.expected, found: wrong.found });
                }
            },
        }
    }
    Ok(walk.files)
}

/// The folder of the export in a tree: its top or, where nothing of an export is, the only folder there, and so on down.
///
/// # Errors
///
/// `ExportUnreadable`; `InvalidExport` where no folder leads to an export, or more than one might.
pub(crate) fn find_root(tree: &dyn Tree, objects: &Objects<'_>) -> Result<PathBuf, ImportError> {
    let mut root = PathBuf::new();
    loop {
        let items = tree.list(&root)?;
        if items.iter().any(|item| is_of_export(item, objects)) {
            return Ok(root);
        }
        let mut folders = items.into_iter().filter(|item| item.is_folder() && !item.is_hidden());
        match (folders.next(), folders.next()) {
            (Some(only), None) => root = only.path,
            _ => return Err(ImportError::NotAnExport { path: root.display().to_string() }),
        }
    }
}

/// Whether this makes the folder in which it lies one of an export.
fn is_of_export(item: &Item, objects: &Objects<'_>) -> bool {
    let is_collection = || item.is_folder() && objects.child_kind(None, &item.name).is_some();
    !item.is_hidden() && (item.is_dsl() || is_collection())
}

struct Walk<'w, 'a> {
    tree: &'w dyn Tree,
    dir: &'w Path,
    objects: &'w mut Objects<'a>,
    files: Vec<PlannedFile>,
    /// Folders still to look into, the next one last. A stack, because tasks may lie in tasks as deep as they like.
    pending: Vec<Folder>,
}

struct Folder {
    path: PathBuf,
    holds: Holds,
}

enum Holds {
    /// Folders of objects of this type, under this object.
    Collection(Option<Object>, TypeId),
    /// The files and collections of the object of this type and name, under this object.
    Object(Option<Object>, TypeId, String),
}

impl Walk<'_, '_> {
    /// Whether there is anything of an export.
    fn top(&mut self) -> Result<bool, ImportError> {
        let mut folders = Vec::new();
        for item in self.list(self.dir)? {
            if item.is_hidden() {
                self.skip(SkipReason::Hidden, &item.name, 1, &item.path);
            } else if item.is_dsl() {
                self.files.push(PlannedFile { path: item.path, role: Role::Single });
            } else {
                folders.extend(self.child(None, item)?);
            }
        }
        let any = !folders.is_empty() || !self.files.is_empty();
        self.pending.extend(folders.into_iter().rev());
        Ok(any)
    }

    fn collection(&mut self, path: &Path, parent: Option<Object>, kind: TypeId) -> Result<(), ImportError> {
        let mut folders = Vec::new();
        for item in self.list(path)? {
            let name = names::from_folder(&item.name);
            if !item.is_folder() {
                self.other_file(&item);
            } else if !item.is_text {
                return Err(ImportError::InvalidName { path: item.path.display().to_string() });
            } else {
                let holds = Holds::Object(parent, kind, name.into_owned());
                folders.push(Folder { path: item.path, holds });
            }
        }
        self.pending.extend(folders.into_iter().rev());
        Ok(())
    }

    fn object(&mut self, path: &Path, object: Object) -> Result<(), ImportError> {
        let mut folders = Vec::new();
        for item in self.list(path)? {
            if item.is_folder() && item.name == "acls" {
                self.acls(&item.path, object)?;
            } else if self.is_own_file(&item, object) {
                self.files.push(PlannedFile { path: item.path, role: Role::Own(object) });
            } else {
                folders.extend(self.child(Some(object), item)?);
            }
        }
        self.pending.extend(folders.into_iter().rev());
        Ok(())
    }

    /// Something else in an object's folder, or at the top: a collection, or nothing of use.
    fn child(&mut self, parent: Option<Object>, item: Item) -> Result<Option<Folder>, ImportError> {
        if !item.is_folder() {
            self.other_file(&item);
            return Ok(None);
        }
        match self.objects.child_kind(parent, &item.name) {
            Some(kind) => Ok(Some(Folder { path: item.path, holds: Holds::Collection(parent, kind) })),
            None => {
                self.leave_out(&item.path, SkipReason::UnknownCollection)?;
                Ok(None)
            }
        }
    }

    /// `pipeline.dsl` in a pipeline's folder, in any case of letters.
    fn is_own_file(&self, item: &Item, object: Object) -> bool {
        let collection = &self.objects.schema.object_type(object.kind).collection;
        let is_own = |stem: &str| names::collection(stem).eq_ignore_ascii_case(collection);
        item.is_dsl() && item.stem().is_some_and(is_own)
    }

    fn acls(&mut self, path: &Path, object: Object) -> Result<(), ImportError> {
        for item in self.list(path)? {
            if item.is_dsl() {
                self.files.push(PlannedFile { path: item.path, role: Role::Acl(object) });
            } else if item.is_folder() {
                self.leave_out(&item.path, SkipReason::UnknownCollection)?;
            } else {
                self.other_file(&item);
            }
        }
        Ok(())
    }

    fn other_file(&mut self, item: &Item) {
        if item.name.eq_ignore_ascii_case("acl.dsl") {
            let place = self.place(&item.path);
            return self.objects.miss_acl(place, "it lies in no object's `acls` folder".into());
        }
        let name = match item.name.rsplit_once('.') {
            Some((_, extension)) if !item.is_dsl() => format!("*.{extension}"),
            _ => item.name.clone(),
        };
        self.skip(SkipReason::OtherFile, &name, 1, &item.path);
    }

    /// Leaves out a folder, but not in silence the access control lists in it.
    fn leave_out(&mut self, folder: &Path, reason: SkipReason) -> Result<(), ImportError> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let mut count = 0;
        let mut pending = vec![folder.to_owned()];
        while let Some(path) = pending.pop() {
            let in_acls = path.file_name().is_some_and(|name| name == "acls");
            for item in self.list(&path)? {
                count += u64::from(path == folder);
                if item.is_dsl() && (in_acls || item.name.eq_ignore_ascii_case("acl.dsl")) {
                    let place = self.place(&item.path);
                    let why = format!("the folder `{name}` around it: {}", reason.clause());
                    self.objects.miss_acl(place, why);
                }
                if item.is_folder() {
                    pending.push(item.path);
                }
            }
        }
        let count = if reason == SkipReason::UnknownCollection { count } else { 1 };
        self.skip(reason, &name, count, folder);
        Ok(())
    }

    /// What lies in a folder, in the order of the names' bytes. Links are counted and left out.
    fn list(&mut self, path: &Path) -> Result<Vec<Item>, ImportError> {
        let mut items = self.tree.list(path)?;
        items.sort_by(|one, other| one.path.file_name().cmp(&other.path.file_name()));
        let (links, items): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| item.kind == ItemKind::Link);
        links.iter().for_each(|link| self.link(link));
        Ok(items)
    }

    fn link(&mut self, item: &Item) {
        if item.name == "acls" || item.name.eq_ignore_ascii_case("acl.dsl") {
            let place = self.place(&item.path);
            self.objects.miss_acl(place, SkipReason::SymbolicLink.clause().into());
        }
        self.skip(SkipReason::SymbolicLink, &item.name, 1, &item.path);
    }

    fn skip(&mut self, reason: SkipReason, name: &str, count: u64, path: &Path) {
        let place = || place_in(self.dir, path);
        self.objects.skips.add(reason, name, count, place);
    }

    fn place(&self, path: &Path) -> Place {
        place_in(self.dir, path)
    }
}

fn place_in(dir: &Path, path: &Path) -> Place {
    Place { file: path.strip_prefix(dir).unwrap_or(path).display().to_string(), line: 1, column: 1 }
}
