//! The engine as WebAssembly, and as machine code made from it. Both lie in `target/engine`, from where the host's
//! `build.rs` embeds them. The same sources and tools give the same bytes on every machine.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::toolchain::Toolchain;
use crate::workspace::Workspace;
use crate::{binaryen, dependencies, process, wasm};

/// What the machine code depends on besides the module: the compiler's version, its settings, and how it is called.
const COMPILER_SOURCES: [&str; 3] = ["Cargo.lock", "host/src/runtime/config.rs", "xtask/precompile/src/main.rs"];

/// SHA-256 as a loop: 7 KB less than written out, and slower by microseconds where only private values are digested.
const SMALL_DIGESTS: &str = "--cfg=sha2_backend_soft=\"compact\"";

/// Builds the module that hosts run.
///
/// # Errors
///
/// It does not compile, it cannot be optimised, or it imports something.
pub(crate) fn build(workspace: &Workspace, toolchain: &Toolchain) -> Result<()> {
    let compiled = compile(workspace, toolchain, "face-host")?;
    let module = module_path(workspace);
    let key = digest(&[read(&compiled)?, binaryen::recipe().into_bytes()]);
    make_once(&module, &key, |output| binaryen::optimise(&compiled, output))?;
    let imports = wasm::imports(&read(&module)?)?;
    if !imports.is_empty() {
        bail!("the engine's module for hosts must import nothing, but imports {}", imports.join(", "));
    }
    Ok(())
}

/// Builds the module for JavaScript. Nothing is kept of it: this tells whether it can be built.
///
/// # Errors
///
/// It does not compile, or imports something that wasm-bindgen's own glue does not provide.
pub(crate) fn build_javascript(workspace: &Workspace, toolchain: &Toolchain) -> Result<()> {
    let imports = wasm::imports(&read(&compile(workspace, toolchain, "face-js")?)?)?;
    match imports.iter().find(|name| !name.starts_with("__wbindgen_")) {
        Some(foreign) => bail!("the engine's module for JavaScript imports `{foreign}`"),
        None => Ok(()),
    }
}

/// Compiles for this machine's kind of processor, unless that was done before: the module, and the one that misbehaves
/// for the tests of the runtime.
///
/// # Errors
///
/// There is no module yet, or the compiler refuses it.
pub(crate) fn precompile(workspace: &Workspace) -> Result<()> {
    let faulty = workspace.source("host/src/runtime/faulty.wat");
    for (module, code) in [(module_path(workspace), "engine.cwasm"), (faulty, "faulty.cwasm")] {
        precompile_one(workspace, &module, &folder(workspace).join(code))?;
    }
    Ok(())
}

/// Where the host's module lies.
pub(crate) fn module_path(workspace: &Workspace) -> PathBuf {
    folder(workspace).join("engine.wasm")
}

/// Where the host's `build.rs` looks.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target("engine")
}

/// Compiles the engine with one of its faces, and returns where the module is.
fn compile(workspace: &Workspace, toolchain: &Toolchain, face: &str) -> Result<PathBuf> {
    let mut cargo = toolchain.cargo(workspace);
    cargo.args(["rustc", "--profile", "wasm", "--target", "wasm32-unknown-unknown"]);
    cargo.args(["--package", "portcullis-engine", "--features", face, "--lib", "--crate-type", "cdylib"]);
    let mut flags = dependencies::nameless(workspace)?;
    flags.push(SMALL_DIGESTS.to_owned());
    process::set_compiler_flags(&mut cargo, &flags);
    process::run(&mut cargo)?;
    Ok(toolchain.target(workspace).join("wasm32-unknown-unknown/wasm/portcullis_engine.wasm"))
}

/// Compiles one module.
fn precompile_one(workspace: &Workspace, module: &Path, code: &Path) -> Result<()> {
    let mut parts = vec![read(module)?];
    for source in COMPILER_SOURCES {
        parts.push(read(&workspace.source(source))?);
    }
    make_once(code, &digest(&parts), |output| {
        let triple = host_triple()?;
        process::run(
            workspace.cargo().args(["run", "--profile", "precompile", "--package", "precompile", "--"]).args([
                module.as_os_str(),
                output.as_os_str(),
                OsStr::new(&triple),
            ]),
        )
    })
}

/// Makes a file, unless it is there and was made from the same: the key beside it says what from, and is there only if
/// the file is whole. A file that would not change is left alone, so that what is built from it stays up to date.
/// Another run at the same time waits.
fn make_once(path: &Path, key: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let folder = path.parent().context("a file to make has no folder")?;
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
    let unfinished = path.with_added_extension("unfinished");
    make(&unfinished)?;
    replace_if_changed(path, &unfinished)?;
    Ok(fs::write(key_path, key)?)
}

fn replace_if_changed(path: &Path, made: &Path) -> Result<()> {
    if path.exists() && read(path)? == read(made)? {
        return Ok(fs::remove_file(made)?);
    }
    Ok(fs::rename(made, path)?)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// What tells one making from another.
fn digest(parts: &[Vec<u8>]) -> String {
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

/// The kind of machine that the active compiler builds for.
fn host_triple() -> Result<String> {
    let version = process::text(process::command("rustc").arg("-vV"))?;
    let triple = version.lines().find_map(|line| line.strip_prefix("host: "));
    triple.map(str::to_owned).context("rustc does not say what it builds for")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::cell::Cell;

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
    fn parts_that_join_to_the_same_have_different_digests() {
        let digest = |parts: [&str; 2]| digest(&parts.map(|part| part.as_bytes().to_vec()));
        assert_ne!(digest(["ab", "c"]), digest(["a", "bc"]));
    }
}
