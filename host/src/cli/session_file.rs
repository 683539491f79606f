//! The file that keeps the login sessions, one for each store: a cookie is as good as a password, so nobody but the
//! file's owner may read it, and nobody else can have written it.
//!
//! It holds JSON, `{"sessions": {"<absolute path of the store>": "<cookie>"}}`, and is replaced as a whole. What is
//! wrong with it is an error and never taken for "no session": who is logged in must not become somebody else.

use super::text::{clean, shell_word};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A file that is larger holds something else.
const MOST_BYTES: u64 = 1024 * 1024;

/// Where the sessions lie.
pub(super) struct SessionFile {
    path: PathBuf,
}

/// What a session is known by. It is shown nowhere.
pub(super) struct Cookie(String);

#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Content {
    sessions: BTreeMap<String, String>,
}

impl SessionFile {
    /// The file `session` in `PORTCULLIS_HOME`, else in `portcullis` in `XDG_STATE_HOME`, else in
    /// `.local/state/portcullis` in `HOME`. None where the environment names no folder.
    pub(super) fn find() -> Option<Self> {
        let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let own = || folder("PORTCULLIS_HOME");
        let kept = || folder("XDG_STATE_HOME").map(|path| path.join("portcullis"));
        let home = || folder("HOME").map(|path| path.join(".local/state/portcullis"));
        own().or_else(kept).or_else(home).map(|path| Self { path: path.join("session") })
    }

    /// The session for the store, if there is one.
    ///
    /// # Errors
    /// A file that cannot be read or is damaged; one that others can read or write, that is a link, or that belongs to
    /// somebody else.
    pub(super) fn read(&self, store: &str) -> Result<Option<Cookie>, SessionFileError> {
        let mut content = self.content()?;
        Ok(content.sessions.remove(&key(store)).map(Cookie))
    }

    fn content(&self) -> Result<Content, SessionFileError> {
        let Some(file) = owner::open(&self.path)? else {
            return Ok(Content::default());
        };
        let mut bytes = Vec::new();
        file.take(MOST_BYTES)
            .read_to_end(&mut bytes)
            .map_err(|error| SessionFileError::unreadable(&self.path, &error))?;
        // The error's own text would show a part of the content.
        serde_json::from_slice(&bytes).map_err(|error| SessionFileError::Damaged {
            file: self.path.clone(),
            line: error.line(),
            column: error.column(),
        })
    }
}

impl SessionFile {
    /// Keeps the session for the store, in place of the one before.
    ///
    /// # Errors
    /// Those of `read`, and a file or folder that cannot be written. The file is then as it was.
    pub(super) fn write(&self, store: &str, cookie: &str) -> Result<(), SessionFileError> {
        self.change(|sessions| {
            sessions.insert(key(store), cookie.to_owned());
        })
    }

    /// Forgets the session for the store. None is no error.
    ///
    /// # Errors
    /// Those of `write`.
    pub(super) fn remove(&self, store: &str) -> Result<(), SessionFileError> {
        if self.read(store)?.is_none() {
            return Ok(());
        }
        self.change(|sessions| {
            sessions.remove(&key(store));
        })
    }

    /// Reads, changes and replaces the file, while nobody else does.
    fn change(&self, edit: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), SessionFileError> {
        let unwritable =
            |error: io::Error| SessionFileError::Unwritable { file: self.path.clone(), reason: error.to_string() };
        let folder = self.path.parent().unwrap_or(Path::new("."));
        owner::folder_builder().create(folder).map_err(unwritable)?;
        let lock = self.beside("lock").and_then(|path| owner::file_options().create(true).truncate(false).open(path));
        let lock = lock.and_then(|lock| lock.lock().map(|()| lock)).map_err(unwritable)?;
        let mut content = self.content()?;
        edit(&mut content.sessions);
        let replaced = self.replace(&content).map_err(unwritable);
        drop(lock);
        replaced
    }

    fn replace(&self, content: &Content) -> io::Result<()> {
        let draft = self.beside("part")?;
        // Only a run that was killed can have left one, for there is a lock.
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = owner::file_options().create_new(true).open(&draft)?;
        let written = serde_json::to_vec(content).map_err(io::Error::from).and_then(|text| file.write_all(&text));
        let replaced = written.and_then(|()| file.sync_all()).and_then(|()| fs::rename(&draft, &self.path));
        replaced.inspect_err(|_| drop(fs::remove_file(&draft)))
    }

    /// The path of a file beside it.
    fn beside(&self, kind: &str) -> io::Result<PathBuf> {
        let name = self.path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        let mut name = name.to_owned();
        name.push(".");
        name.push(kind);
        Ok(self.path.with_file_name(name))
    }
}

impl Cookie {
    /// The cookie itself.
    pub(super) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cookie(…)")
    }
}

/// The store's absolute path, without links as far as it exists.
fn key(store: &str) -> String {
    let store = Path::new(store);
    let folder = store.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let to_be = || Some(folder.canonicalize().ok()?.join(store.file_name()?));
    let whole = store.canonicalize().ok().or_else(to_be).or_else(|| std::path::absolute(store).ok());
    whole.unwrap_or_else(|| store.to_owned()).to_string_lossy().into_owned()
}

/// Why the sessions cannot be read or written.
#[derive(Debug)]
pub(super) enum SessionFileError {
    /// The file is not to be opened or read.
    Unreadable { file: PathBuf, reason: String },
    /// The file or its folder is not to be written.
    Unwritable { file: PathBuf, reason: String },
    /// It does not hold what it should; where that shows.
    Damaged { file: PathBuf, line: usize, column: usize },
    /// It is a folder, or something else that is no file.
    NoFile { file: PathBuf },
    /// It is a link, which somebody else may have laid.
    Link { file: PathBuf },
    /// Others may read or write it.
    Exposed { file: PathBuf },
    /// It belongs to somebody else.
    Foreign { file: PathBuf },
}

impl SessionFileError {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "FileUnreadable",
            Self::Unwritable { .. } => "FileUnwritable",
            Self::Damaged { .. } | Self::NoFile { .. } => "SessionFileInvalid",
            Self::Link { .. } | Self::Exposed { .. } | Self::Foreign { .. } => "SessionFileUnsafe",
        }
    }

    fn unreadable(file: &Path, error: &io::Error) -> Self {
        Self::Unreadable { file: file.to_owned(), reason: error.to_string() }
    }
}

impl fmt::Display for SessionFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Unreadable { file, .. }
        | Self::Unwritable { file, .. }
        | Self::Damaged { file, .. }
        | Self::NoFile { file }
        | Self::Link { file }
        | Self::Exposed { file }
        | Self::Foreign { file }) = self;
        let path = file.to_string_lossy();
        let shown = clean(&path);
        match self {
            Self::Unreadable { reason, .. } => write!(f, "cannot read the session file `{shown}`: {reason}"),
            Self::Unwritable { reason, .. } => write!(f, "cannot write the session file `{shown}`: {reason}"),
            Self::Damaged { line, column, .. } => write!(
                f,
                "the session file `{shown}` is damaged at line {line}, column {column}; delete it and log in again"
            ),
            Self::NoFile { .. } => write!(f, "the session file `{shown}` is not a file; remove it"),
            Self::Link { .. } => write!(f, "the session file `{shown}` is a link; remove it and log in again"),
            Self::Exposed { .. } => {
                let word = shell_word(&path);
                write!(f, "others can read or write the session file `{shown}`; `chmod 600 {word}` keeps them out")
            }
            Self::Foreign { .. } => write!(
                f,
                "the session file `{shown}` belongs to somebody else; \
                let PORTCULLIS_HOME name a folder of your own, or name the caller with `--as`"
            ),
        }
    }
}

#[cfg(unix)]
mod owner {
    //! Files of one owner, where files have owners and modes.

    use super::{File, OpenOptions, Path, SessionFileError, fs};
    use rustix::fs::{Mode, OFlags};
    use rustix::io::Errno;
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};

    /// Every bit that lets others do something.
    const OTHERS: u32 = 0o077;

    /// Opens the file, if there is one, and looks at what was opened, so that nobody can exchange it in between.
    pub(super) fn open(path: &Path) -> Result<Option<File>, SessionFileError> {
        let file = || path.to_owned();
        // A pipe must not make us wait.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(opened) => File::from(opened),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(SessionFileError::Link { file: file() }),
            Err(error) => return Err(SessionFileError::unreadable(path, &error.into())),
        };
        let found = opened.metadata().map_err(|error| SessionFileError::unreadable(path, &error))?;
        if !found.is_file() {
            return Err(SessionFileError::NoFile { file: file() });
        }
        if found.uid() != rustix::process::geteuid().as_raw() {
            return Err(SessionFileError::Foreign { file: file() });
        }
        if found.mode() & OTHERS != 0 {
            return Err(SessionFileError::Exposed { file: file() });
        }
        Ok(Some(opened))
    }

    /// How a file is made that is never anybody else's.
    pub(super) fn file_options() -> OpenOptions {
        let mut options = OpenOptions::new();
        options.write(true).mode(0o600);
        options
    }

    /// How its folder is made.
    pub(super) fn folder_builder() -> fs::DirBuilder {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder
    }
}

#[cfg(not(unix))]
mod owner {
    //! Where files have no mode: what lies in a user's profile is the user's alone.

    use super::{File, OpenOptions, Path, SessionFileError, fs, io};

    pub(super) fn open(path: &Path) -> Result<Option<File>, SessionFileError> {
        let file = || path.to_owned();
        let found = match path.symlink_metadata() {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(SessionFileError::unreadable(path, &error)),
        };
        match found {
            found if found.is_symlink() => Err(SessionFileError::Link { file: file() }),
            found if !found.is_file() => Err(SessionFileError::NoFile { file: file() }),
            _ => File::open(path).map(Some).map_err(|error| SessionFileError::unreadable(path, &error)),
        }
    }

    pub(super) fn file_options() -> OpenOptions {
        let mut options = OpenOptions::new();
        options.write(true);
        options
    }

    pub(super) fn folder_builder() -> fs::DirBuilder {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        builder
    }
}

#[cfg(all(test, unix))]
mod tests;
