//! Export trees in folders of their own, and what the engine says to them.

use portcullis_engine::{ChangeSet, PrivatePart, Request, Schema, State};
use portcullis_exports::Files;
use portcullis_host::import::{Export, ImportError, SkipReason, read_export};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

pub(crate) const EMPTY_ACL: &str = "\nacl {\n  inheriting = '1'\n}\n";

/// An export tree in a folder of its own.
pub(crate) struct Tree(pub(crate) TempDir);

impl Tree {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self(TempDir::new().unwrap());
        for (path, text) in files {
            tree.write(path, text.as_bytes());
        }
        tree
    }

    /// A tree in which each of these folders has an `acls/acl.dsl`.
    pub(crate) fn with_acls(folders: &[&str]) -> Self {
        let tree = Self::new(&[]);
        for folder in folders {
            tree.write(&format!("{folder}/acls/acl.dsl"), EMPTY_ACL.as_bytes());
        }
        tree
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// What the host reads. Of files in memory the same must be read, or refused.
    pub(crate) fn read(&self) -> Result<Export, ImportError> {
        let read = read_export(self.0.path(), &Schema::cdro(), |_| {});
        if let Some(files) = in_memory(self.0.path()) {
            let of_memory = portcullis_exports::read(&files, "".as_ref(), &Schema::cdro(), |_| {});
            assert_eq!(of_memory, read.clone().map_err(|error| below(self.0.path(), error)));
        }
        read
    }

    pub(crate) fn export(&self) -> Export {
        self.read().unwrap()
    }

    /// The code and the text, without the folder's own path.
    pub(crate) fn error(&self) -> String {
        let error = self.read().unwrap_err();
        format!("{}: {}", error.code(), error.to_string().replace(&format!("{}/", self.0.path().display()), ""))
    }
}

/// The files and folders in a folder and below, in memory under their paths in it; None where links are among them,
/// which memory does not have.
pub(crate) fn in_memory(dir: &Path) -> Option<Files> {
    let (mut files, mut pending) = (Files::default(), vec![dir.to_owned()]);
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            let name = path.strip_prefix(dir).unwrap().to_str().unwrap();
            if kind.is_symlink() {
                return None;
            } else if kind.is_dir() {
                files.add(&format!("{name}/"), Vec::new()).unwrap();
                pending.push(path);
            } else {
                files.add(name, fs::read(&path).unwrap()).unwrap();
            }
        }
    }
    Some(files)
}

/// An error with paths as they are from a folder on.
fn below(dir: &Path, error: ImportError) -> ImportError {
    let below = |path: String| {
        let below = Path::new(&path).strip_prefix(dir).unwrap();
        below.to_str().unwrap().to_owned()
    };
    match error {
        ImportError::Invalid { mut place, expected, found } => {
            place.file = below(place.file);
            ImportError::Invalid { place, expected, found }
        }
        ImportError::NotAnExport { path } => ImportError::NotAnExport { path: below(path) },
        other => other,
    }
}

pub(crate) fn paths(export: &Export) -> Vec<&str> {
    export.objects.iter().map(|object| object.path.as_str()).collect()
}

pub(crate) fn paths_with_acl(export: &Export) -> Vec<&str> {
    export.objects.iter().filter(|object| object.acl.is_some()).map(|object| object.path.as_str()).collect()
}

pub(crate) fn skipped(export: &Export, reason: SkipReason) -> Vec<(&str, u64)> {
    let of_reason = export.summary.skipped.iter().filter(|skipped| skipped.reason == reason);
    of_reason.map(|skipped| (skipped.name.as_str(), skipped.count)).collect()
}

pub(crate) fn missed(export: &Export) -> Vec<String> {
    export.summary.missed_acls.iter().map(|missed| format!("{}: {}", missed.place, missed.why)).collect()
}

/// What the engine says to an import into a new policy.
pub(crate) fn engines_answer(export: &Export) -> Result<(), String> {
    imports(&[export]).map(drop)
}

/// The engine's reply to each of several imports, one after the other into a new policy, with the change set if there
/// was any.
pub(crate) fn imports(exports: &[&Export]) -> Result<Vec<(Value, Option<Proposed>)>, String> {
    let mut state = State::new().unwrap();
    let mut told = Vec::new();
    let imports = exports.iter().map(|export| json!({ "command": "import", "arguments": export }));
    for command in [json!({ "command": "createPolicy" })].into_iter().chain(imports) {
        let request = json!({
            "request": "propose", "caller": { "type": "user", "name": "admin" }, "now": 0,
            "seed": "00112233445566778899aabbccddeeff", "commands": [command],
        });
        let request = Request::parse(request.to_string().as_bytes()).unwrap();
        let proposal = state.propose(&request).map_err(|refused| refused.to_string())?;
        if let Some(changes) = &proposal.changes {
            state.apply(changes).unwrap();
        }
        state.reveal(&proposal.private.values);
        let reply = serde_json::from_str(&proposal.replies[0]).unwrap();
        told.push((reply, proposal.changes.map(|changes| Proposed { changes, private: proposal.private })));
    }
    told.remove(0);
    Ok(told)
}

/// A change set and the private values beside it.
pub(crate) struct Proposed {
    pub(crate) changes: ChangeSet,
    pub(crate) private: PrivatePart,
}

/// What an export says of its objects beside lists and members, by path.
pub(crate) fn attributes(export: &Export) -> Value {
    let said = export
        .objects
        .iter()
        .filter_map(|object| Some((object.path.clone(), serde_json::to_value(object.attributes.as_deref()?).unwrap())));
    Value::Object(said.collect())
}
