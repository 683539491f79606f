//! A disk that fails on demand, below everything that a store does to its files.
//!
//! This test program has its own `pwrite`, `fsync`, `rename` and so on, and the linker prefers these to the C library's. So
//! whatever SQLite or the standard library does to a file of the watched folder comes by here first, and the store's own
//! code knows nothing of it. What is not in the folder of this thread's disk goes through untouched.
//!
//! The disk keeps beside the files what a power cut would leave of them: what was flushed, and in their order the writes
//! and the names that were not.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::{CStr, OsStr, c_char, c_int, c_uint, c_void};
use std::fs;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::random::Random;

/// What goes wrong at one operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// It fails, and nothing of it is done. A flush that fails takes with it what it should have flushed.
    Refused,
    /// It fails, although all of it is done.
    Belied,
    /// It fails when a half of it is done.
    Torn,
    /// It fails, and so does all that needs room from then on.
    Full,
    /// The process dies before it.
    Killed,
    /// The process dies when a half of it is done.
    KilledWithin,
    /// The power fails before it, and of what was not flushed so much is left.
    PowerCut(Left),
}

/// What a power cut leaves of what was not flushed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Left {
    Nothing,
    All,
    /// Some writes and not others, later ones without earlier ones, and some in part; chosen by this number.
    Some(u64),
}

/// An operation that changes a file or a folder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Operation {
    Create,
    Write,
    Cut,
    Flush,
    FlushFolder,
    Rename,
    Delete,
}

impl Operation {
    /// Whether this fault is another than the rest when it strikes here.
    pub(crate) fn takes(self, fault: Fault) -> bool {
        match fault {
            Fault::Torn | Fault::KilledWithin => self == Self::Write,
            Fault::Full => self.needs_room(),
            Fault::Refused | Fault::Belied | Fault::Killed | Fault::PowerCut(_) => true,
        }
    }

    fn needs_room(self) -> bool {
        matches!(self, Self::Create | Self::Write)
    }
}

/// When which fault strikes: at the operation of this number, from 0.
pub(crate) type Plan = Option<(usize, Fault)>;

thread_local! {
    static DISK: RefCell<Option<Disk>> = const { RefCell::new(None) };
}

/// Puts a folder, which must be empty, on a disk with this plan. The one that this thread had is gone.
pub(crate) fn insert(folder: &Path, plan: Plan, flushes: Flushes) {
    let disk = Disk { folder: folder.to_owned(), plan, flushes, ..Disk::default() };
    DISK.set(Some(disk));
}

/// Whether flushing does what it says; that it does not is the negative control.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Flushes {
    #[default]
    Honest,
    Lying,
}

/// The operations so far.
pub(crate) fn operations() -> Vec<Operation> {
    with(|disk| disk.operations.clone())
}

/// Whether the process is dead, as far as the disk is concerned.
pub(crate) fn is_dead() -> bool {
    with(|disk| disk.is_dead)
}

/// Ends what the fault has begun: the disk has room again, the process is started again. Where it died, or the power
/// failed, all files must be closed.
pub(crate) fn restart() {
    let cut = with(|disk| {
        (disk.is_dead, disk.is_full) = (false, false);
        match disk.struck.take() {
            Some(Fault::PowerCut(left)) => Some(left),
            _ => None,
        }
    });
    if let Some(left) = cut {
        cut_power(left);
    }
}

/// Leaves of the files what a power cut leaves. All must be closed.
pub(crate) fn cut_power(left: Left) {
    // Without a disk, so that the writes of this function are nobody's.
    let mut disk = DISK.take().unwrap();
    disk.medium.lose(left);
    for file in fs::read_dir(&disk.folder).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    for (path, file) in &disk.medium.durable_names {
        fs::write(path, &disk.medium.durable[*file]).unwrap();
    }
    DISK.set(Some(disk));
}

fn with<T>(ask: impl FnOnce(&mut Disk) -> T) -> T {
    DISK.with_borrow_mut(|disk| ask(disk.as_mut().unwrap()))
}

#[derive(Default)]
struct Disk {
    folder: PathBuf,
    plan: Plan,
    flushes: Flushes,
    operations: Vec<Operation>,
    struck: Option<Fault>,
    is_dead: bool,
    is_full: bool,
    medium: Medium,
}

/// How an operation is to end.
enum Course {
    Done,
    Belied,
    Torn,
    Refused(Errno),
}

impl Disk {
    fn holds(&self, path: &Path) -> bool {
        path.parent() == Some(&self.folder)
    }

    fn path_of(&self, file: BorrowedFd<'_>) -> Option<PathBuf> {
        use std::os::fd::AsRawFd;
        let link = rustix::fs::readlink(format!("/proc/self/fd/{}", file.as_raw_fd()), Vec::new()).ok()?;
        let path = PathBuf::from(OsStr::from_bytes(link.as_bytes()));
        (self.holds(&path) || path == self.folder).then_some(path)
    }

    fn course(&mut self, operation: Operation) -> Course {
        if self.is_dead {
            return Course::Refused(Errno::IO);
        }
        if self.is_full && operation.needs_room() {
            return Course::Refused(Errno::NOSPC);
        }
        let number = self.operations.len();
        self.operations.push(operation);
        let Some((_, fault)) = self.plan.filter(|(planned, _)| *planned == number) else { return Course::Done };
        self.struck = Some(fault);
        self.is_dead = matches!(fault, Fault::Killed | Fault::KilledWithin | Fault::PowerCut(_));
        self.is_full = fault == Fault::Full;
        match fault {
            Fault::Belied => Course::Belied,
            Fault::Torn | Fault::KilledWithin => Course::Torn,
            Fault::Full => Course::Refused(Errno::NOSPC),
            Fault::Refused | Fault::Killed | Fault::PowerCut(_) => Course::Refused(Errno::IO),
        }
    }

    /// An operation that is done whole or not at all.
    fn perform<T>(
        &mut self,
        operation: Operation,
        work: impl FnOnce() -> Result<T, Errno>,
        keep: impl FnOnce(&mut Medium),
    ) -> Result<T, Errno> {
        let course = self.course(operation);
        if let Course::Refused(error) = course {
            return Err(error);
        }
        let done = work()?;
        keep(&mut self.medium);
        if matches!(course, Course::Done) { Ok(done) } else { Err(Errno::IO) }
    }

    fn write_at(&mut self, file: BorrowedFd<'_>, bytes: &[u8], at: u64) -> Option<Result<usize, Errno>> {
        let path = self.path_of(file)?;
        let course = self.course(Operation::Write);
        let part = match course {
            Course::Refused(error) => return Some(Err(error)),
            Course::Torn => &bytes[..bytes.len() / 2],
            Course::Done | Course::Belied => bytes,
        };
        let written = rustix::io::pwrite(file, part, at);
        if let Ok(count) = written {
            self.medium.change(&path, Data::Write { at, bytes: part[..count].to_vec() });
        }
        Some(if matches!(course, Course::Done) { written } else { Err(Errno::IO) })
    }

    fn set_length(&mut self, file: BorrowedFd<'_>, length: u64) -> Option<Result<(), Errno>> {
        let path = self.path_of(file)?;
        let work = || rustix::fs::ftruncate(file, length);
        Some(self.perform(Operation::Cut, work, |medium| medium.change(&path, Data::Length(length))))
    }

    /// Nothing is really flushed: this disk decides itself what outlives a power cut.
    fn flush(&mut self, file: BorrowedFd<'_>) -> Option<Result<(), Errno>> {
        let path = self.path_of(file)?;
        let is_folder = path == self.folder;
        let operation = if is_folder { Operation::FlushFolder } else { Operation::Flush };
        let flushes = self.flushes;
        let flushed = self.perform(
            operation,
            || Ok(()),
            |medium| match flushes {
                Flushes::Honest if is_folder => medium.flush_names(),
                Flushes::Honest => medium.flush(&path),
                Flushes::Lying => {}
            },
        );
        if self.struck == Some(Fault::Refused) && flushed.is_err() {
            // As Linux has it: the pages count as clean afterwards, and no later flush writes them.
            self.medium.forget(&path);
        }
        Some(flushed)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> Option<Result<(), Errno>> {
        (self.holds(from) && self.holds(to)).then(|| {
            let work = || rustix::fs::rename(from, to);
            self.perform(Operation::Rename, work, |medium| medium.name(Naming::Move(from.into(), to.into())))
        })
    }

    fn delete(&mut self, path: &Path) -> Option<Result<(), Errno>> {
        // What is not there is not deleted, and that is no fault.
        (self.holds(path) && path.symlink_metadata().is_ok()).then(|| {
            let work = || rustix::fs::unlink(path);
            self.perform(Operation::Delete, work, |medium| medium.name(Naming::Delete(path.into())))
        })
    }

    /// Opening is an operation where it makes a file.
    fn create(&mut self, path: &Path, open: impl FnOnce() -> Result<c_int, Errno>) -> Option<Result<c_int, Errno>> {
        (self.holds(path) && path.symlink_metadata().is_err()).then(|| {
            let course = self.course(Operation::Create);
            if let Course::Refused(error) = course {
                return Err(error);
            }
            let file = open()?;
            self.medium.name(Naming::Create(path.into()));
            if matches!(course, Course::Done) {
                return Ok(file);
            }
            // SAFETY: the file was opened just now, and nobody else knows of it.
            #[expect(unsafe_code, reason = "system calls")]
            unsafe {
                rustix::io::close(file);
            }
            Err(Errno::IO)
        })
    }
}

/// A file, whatever its name is.
type FileId = usize;

/// A change of a file that was not flushed.
enum Data {
    Write { at: u64, bytes: Vec<u8> },
    Length(u64),
}

/// A change of the folder that was not flushed.
enum Naming {
    Create(PathBuf),
    Move(PathBuf, PathBuf),
    Delete(PathBuf),
}

/// What outlives a power cut, and what may.
#[derive(Default)]
struct Medium {
    /// The names as programs see them.
    names: BTreeMap<PathBuf, FileId>,
    durable_names: BTreeMap<PathBuf, FileId>,
    /// For each file its bytes as they were last flushed.
    durable: Vec<Vec<u8>>,
    /// For each file what has come since.
    pending: Vec<Vec<Data>>,
    pending_names: Vec<(Naming, Option<FileId>)>,
}

/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

impl Medium {
    fn change(&mut self, path: &Path, data: Data) {
        if let Some(file) = self.names.get(path) {
            self.pending[*file].push(data);
        }
    }

    fn flush(&mut self, path: &Path) {
        if let Some(&file) = self.names.get(path) {
            for data in std::mem::take(&mut self.pending[file]) {
                data.apply(&mut self.durable[file]);
            }
        }
    }

    fn forget(&mut self, path: &Path) {
        if let Some(&file) = self.names.get(path) {
            self.pending[file].clear();
        }
    }

    fn name(&mut self, naming: Naming) {
        let made = matches!(naming, Naming::Create(_)).then(|| {
            self.durable.push(Vec::new());
            self.pending.push(Vec::new());
            self.durable.len() - 1
        });
        naming.apply(made, &mut self.names);
        self.pending_names.push((naming, made));
    }

    fn flush_names(&mut self) {
        for (naming, made) in std::mem::take(&mut self.pending_names) {
            naming.apply(made, &mut self.durable_names);
        }
    }

    /// What is left is durable, and the rest is gone.
    fn lose(&mut self, left: Left) {
        let mut random = Random(match left {
            Left::Some(seed) => seed,
            Left::Nothing | Left::All => 0,
        });
        // File systems keep the order of names.
        let names = self.pending_names.len();
        let kept = match left {
            Left::Nothing => 0,
            Left::All => names,
            Left::Some(_) => random.below(names + 1),
        };
        self.pending_names.truncate(kept);
        self.flush_names();
        self.names = self.durable_names.clone();
        for (pending, durable) in self.pending.iter_mut().zip(&mut self.durable) {
            for data in pending.drain(..) {
                match left {
                    Left::Nothing => {}
                    Left::All => data.apply(durable),
                    Left::Some(_) => data.apply_some(durable, &mut random),
                }
            }
        }
    }
}

impl Data {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Length(length) => file.resize(usize::try_from(*length).unwrap(), 0),
            Self::Write { at, bytes } => overwrite(file, usize::try_from(*at).unwrap(), bytes),
        }
    }

    fn apply_some(&self, file: &mut Vec<u8>, random: &mut Random) {
        match (random.below(3), self) {
            (0, _) => {}
            (1, Self::Write { at, bytes }) => {
                let at = usize::try_from(*at).unwrap();
                for (number, sector) in bytes.chunks(SECTOR_BYTES).enumerate() {
                    if random.below(2) == 0 {
                        overwrite(file, at + number * SECTOR_BYTES, sector);
                    }
                }
            }
            _ => self.apply(file),
        }
    }
}

fn overwrite(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    file.resize(file.len().max(at + bytes.len()), 0);
    file[at..][..bytes.len()].copy_from_slice(bytes);
}

impl Naming {
    fn apply(&self, made: Option<FileId>, names: &mut BTreeMap<PathBuf, FileId>) {
        match self {
            Self::Create(path) => names.extend(made.map(|file| (path.clone(), file))),
            Self::Move(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
            Self::Delete(path) => drop(names.remove(path)),
        }
    }
}

/// Asks the disk of this thread, if it has one that is not at work itself.
fn ask<T>(work: impl FnOnce(&mut Disk) -> Option<T>) -> Option<T> {
    let asked = DISK.try_with(|disk| work(disk.try_borrow_mut().ok()?.as_mut()?));
    asked.ok().flatten()
}

#[expect(unsafe_code, reason = "takes the place of functions of the C library")]
mod calls {
    use super::*;

    unsafe extern "C" {
        fn __errno_location() -> *mut c_int;
    }

    /// As the C library answers.
    fn answer(result: Result<c_int, Errno>) -> c_int {
        result.unwrap_or_else(|error| {
            // SAFETY: it is this thread's own, and always there.
            unsafe { *__errno_location() = error.raw_os_error() };
            -1
        })
    }

    /// An operation on an open file.
    fn on<T>(
        file: c_int,
        watched: impl FnOnce(&mut Disk, BorrowedFd<'_>) -> Option<Result<T, Errno>>,
        otherwise: impl FnOnce(BorrowedFd<'_>) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        if file < 0 {
            return Err(Errno::BADF);
        }
        // SAFETY: whoever calls has it open.
        let file = unsafe { BorrowedFd::borrow_raw(file) };
        ask(|disk| watched(disk, file)).unwrap_or_else(|| otherwise(file))
    }

    /// SAFETY: whoever calls gives a text that ends with a zero byte, as the C library demands.
    unsafe fn path<'a>(text: *const c_char) -> &'a Path {
        Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(text) }.to_bytes()))
    }

    /// SQLite writes by this one alone.
    #[unsafe(no_mangle)]
    extern "C" fn pwrite64(file: c_int, bytes: *const c_void, count: usize, at: i64) -> isize {
        // SAFETY: whoever calls says so.
        let bytes = unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), count) };
        let at = at.cast_unsigned();
        let write = |file: BorrowedFd<'_>| rustix::io::pwrite(file, bytes, at);
        match on(file, |disk, file| disk.write_at(file, bytes, at), write) {
            Ok(count) => count.cast_signed(),
            Err(error) => answer(Err(error)) as isize,
        }
    }

    #[unsafe(no_mangle)]
    extern "C" fn pwrite(file: c_int, bytes: *const c_void, count: usize, at: i64) -> isize {
        pwrite64(file, bytes, count, at)
    }

    #[unsafe(no_mangle)]
    extern "C" fn ftruncate64(file: c_int, length: i64) -> c_int {
        let length = length.cast_unsigned();
        let done = on(file, |disk, file| disk.set_length(file, length), |file| rustix::fs::ftruncate(file, length));
        answer(done.map(|()| 0))
    }

    #[unsafe(no_mangle)]
    extern "C" fn ftruncate(file: c_int, length: i64) -> c_int {
        ftruncate64(file, length)
    }

    #[unsafe(no_mangle)]
    extern "C" fn fsync(file: c_int) -> c_int {
        answer(on(file, |disk, file| disk.flush(file), |file| rustix::fs::fsync(file)).map(|()| 0))
    }

    #[unsafe(no_mangle)]
    extern "C" fn fdatasync(file: c_int) -> c_int {
        answer(on(file, |disk, file| disk.flush(file), |file| rustix::fs::fdatasync(file)).map(|()| 0))
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
        // SAFETY: as `path` demands of whoever calls.
        let (from, to) = unsafe { (path(from), path(to)) };
        answer(ask(|disk| disk.rename(from, to)).unwrap_or_else(|| rustix::fs::rename(from, to)).map(|()| 0))
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn unlink(name: *const c_char) -> c_int {
        // SAFETY: as `path` demands of whoever calls.
        let name = unsafe { path(name) };
        answer(ask(|disk| disk.delete(name)).unwrap_or_else(|| rustix::fs::unlink(name)).map(|()| 0))
    }

    /// The C library's takes the mode as a variable argument, which lies where a fixed one does.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn open64(name: *const c_char, flags: c_int, mode: c_uint) -> c_int {
        use std::os::fd::IntoRawFd;
        // SAFETY: as `path` demands of whoever calls.
        let name = unsafe { path(name) };
        let flags = OFlags::from_bits_retain(flags.cast_unsigned());
        let open = || rustix::fs::open(name, flags, Mode::from_raw_mode(mode)).map(IntoRawFd::into_raw_fd);
        let creates = flags.contains(OFlags::CREATE);
        answer(ask(|disk| if creates { disk.create(name, open) } else { None }).unwrap_or_else(open))
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn open(name: *const c_char, flags: c_int, mode: c_uint) -> c_int {
        // SAFETY: as for `open64`.
        unsafe { open64(name, flags, mode) }
    }
}
