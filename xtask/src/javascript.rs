//! The modules for JavaScript, in `target/javascript`, from where the npm package takes them: `engine` with everything,
//! `check` with projections only, `exports` with the reader of exports.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::artefact::{digest, make_folder_once, read};
use crate::binaryen::Pass;
use crate::bindgen::{self, Bindgen};
use crate::face::Face;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;
use crate::{process, wasm};

/// The modules: the folder that each gets, and what it is made of.
const MODULES: [(&str, Face); 3] = [("engine", Face::ENGINE), ("check", Face::CHECK), ("exports", Face::EXPORTS)];

/// How cargo compiles them: a profile of the workspace's `Cargo.toml`.
const PROFILE: &str = "javascript";

/// The program that writes the transcripts.
const TRANSCRIPTS: [&str; 6] = ["run", "--package", "conformance", "--example", "transcripts", "--"];

/// Builds the modules, each with the JavaScript around it.
///
/// # Errors
///
/// One does not compile, cannot be optimised, or imports something that wasm-bindgen's own glue does not provide.
pub(crate) fn build(workspace: &Workspace, toolchain: &Toolchain) -> Result<()> {
    let bindgen = bindgen::find(workspace)?;
    for (name, face) in &MODULES {
        let compiled = face.compile(workspace, toolchain, PROFILE)?;
        let output = folder(workspace).join(name);
        let key = digest(&[read(&compiled)?, bindgen.version.clone().into(), Pass::JAVASCRIPT.recipe().into()]);
        make_folder_once(&output, &key, |output| generate(&bindgen, &compiled, face, output))?;
        check_imports(face, &output).with_context(|| format!("the module `{name}` for JavaScript"))?;
    }
    Ok(())
}

/// Where the modules' folders are.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target("javascript")
}

/// Writes down what the native engine does with every case, and with random sequences. The host's module must be there.
///
/// # Errors
///
/// It does not compile, or a case does not run to its end.
pub(crate) fn transcribe(workspace: &Workspace) -> Result<()> {
    let sequences = folder(workspace).join("sequences.json");
    process::run(workspace.cargo().args(TRANSCRIPTS).arg(transcripts(workspace)).arg(sequences))
}

/// Where that of the cases is.
pub(crate) fn transcripts(workspace: &Workspace) -> PathBuf {
    folder(workspace).join("transcripts.json")
}

/// How large the modules are as they travel, by name, in bytes.
///
/// # Errors
///
/// They have not been built.
pub(crate) fn gzipped_sizes(workspace: &Workspace) -> Result<Vec<(&'static str, usize)>> {
    let size = |(name, face): &(&'static str, Face)| {
        let module = read(&module(&folder(workspace).join(name), face))?;
        Ok((*name, wasm::gzipped_bytes(&module)?))
    };
    MODULES.iter().map(size).collect()
}

/// The WebAssembly in a module's folder.
fn module(folder: &Path, face: &Face) -> PathBuf {
    folder.join(format!("{}_bg.wasm", face.name()))
}

fn generate(bindgen: &Bindgen, compiled: &Path, face: &Face, folder: &Path) -> Result<()> {
    bindgen.generate(compiled, folder)?;
    let module = module(folder, face);
    let optimised = module.with_added_extension("optimised");
    Pass::JAVASCRIPT.optimise(&module, &optimised)?;
    Ok(fs::rename(optimised, module)?)
}

fn check_imports(face: &Face, folder: &Path) -> Result<()> {
    let own = format!("./{}_bg.js.", face.name());
    let imports = wasm::imports(&read(&module(folder, face))?)?;
    match imports.iter().find(|import| !import.strip_prefix(&own).is_some_and(is_glue)) {
        Some(foreign) => bail!("it imports `{foreign}`, which is not wasm-bindgen's own"),
        None => Ok(()),
    }
}

/// What the JavaScript around a module gives to it beside wasm-bindgen's inner workings: what it takes to throw an
/// `Error` that has a code. No clock, no randomness, nothing of a page.
const THROWING: [&str; 3] = ["__wbg_new_", "__wbg_set_", "__wbg___wbindgen_throw_"];

/// Whether it is wasm-bindgen's own; what a dependency wants of the environment has another name.
fn is_glue(name: &str) -> bool {
    let throws = || THROWING.iter().filter_map(|known| name.strip_prefix(known)).any(is_hash);
    name.starts_with("__wbindgen_") || throws()
}

/// wasm-bindgen ends the name of what it imports from outside with a hash.
fn is_hash(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_throws_an_error_is_glue() {
        assert!(is_glue("__wbindgen_init_externref_table"));
        assert!(is_glue("__wbg_new_787b9fb330d55d78"));
        assert!(is_glue("__wbg___wbindgen_throw_4c88d8bf264fd984"));
    }

    #[test]
    fn a_clock_is_not() {
        assert!(!is_glue("__wbg_now_787b9fb330d55d78"));
        assert!(!is_glue("__wbg_new_0_787b9fb330d55d78"));
        assert!(!is_glue("now"));
    }
}
