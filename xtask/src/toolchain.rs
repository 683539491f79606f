//! The toolchain that compiles to WebAssembly. In this order:
//!
//! 1. the active one, if it has the target;
//! 2. the active one with the target added by rustup;
//! 3. Debian's compiler, with a standard library built here from Debian's sources, once.
//!
//! `WASM_TOOLCHAIN=debian` leaves out the first two, so that everyone who sets it compiles with the same compiler.

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::artefact::hex;
use crate::workspace::Workspace;
use crate::{cache, debian, dependencies, process};

const TARGET: &str = "wasm32-unknown-unknown";

/// What step 3 takes from Debian: compiler, cargo, the library's sources, a linker, lints.
const PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22", "rust-web-clippy"];

/// Goes into a sysroot's name: another number where the way of building changes.
const RECIPE: u32 = 2;

/// The compiler's own folder of libraries, seen from a sysroot.
const HOST_LIBRARIES: &str = "lib/rustlib/x86_64-unknown-linux-gnu/lib";

/// A toolchain with the WebAssembly target.
pub(crate) struct Toolchain {
    /// Its name for rustup, and its sysroot; none where it is the active one.
    linked: Option<(String, PathBuf)>,
}

impl Toolchain {
    /// This toolchain's cargo, in the workspace's folder.
    pub(crate) fn cargo(&self, workspace: &Workspace) -> Command {
        let mut cargo = workspace.cargo();
        cargo.env("CARGO_TARGET_DIR", self.target(workspace));
        if let Some((name, sysroot)) = &self.linked {
            // Clippy is not called through the wrappers and asks here.
            cargo.arg(format!("+{name}")).env("SYSROOT", sysroot);
        }
        cargo
    }

    /// Where it compiles to: apart from other compilers, since cargo locks a target folder, and apart for each sysroot,
    /// since cargo does not see that the library below it is another one.
    pub(crate) fn target(&self, workspace: &Workspace) -> PathBuf {
        let name = self.linked.as_ref().map_or("active", |(name, _)| name);
        workspace.target("wasm").join(name)
    }
}

/// Finds the toolchain, or makes it.
///
/// # Errors
///
/// No way leads to one; the text says what to install.
pub(crate) fn find(workspace: &Workspace) -> Result<Toolchain> {
    let only_debian = env::var_os("WASM_TOOLCHAIN").is_some_and(|choice| choice == "debian");
    if !only_debian {
        if active_has_target(workspace)? {
            return Ok(Toolchain { linked: None });
        }
        // Where an earlier run ended with step 3, rustup's server was out of reach: do not wait for it again.
        if Debian::installed().is_none_or(|debian| !debian.is_built()) && rustup_adds_target(workspace) {
            return Ok(Toolchain { linked: None });
        }
    }
    from_debian(workspace)
}

fn active_has_target(workspace: &Workspace) -> Result<bool> {
    let mut rustc = process::command("rustc");
    rustc.current_dir(workspace.source("")).args(["--print", "target-libdir", "--target", TARGET]);
    let libraries = PathBuf::from(process::text(&mut rustc)?.trim());
    Ok(fs::read_dir(libraries).is_ok_and(|mut files| files.next().is_some()))
}

fn rustup_adds_target(workspace: &Workspace) -> bool {
    let mut rustup = process::command("rustup");
    rustup.current_dir(workspace.source("")).args(["target", "add", TARGET]).stdout(Stdio::null());
    let added = process::run(&mut rustup);
    if let Err(error) = &added {
        eprintln!("rustup cannot add {TARGET} ({error}); trying Debian's packages");
    }
    added.is_ok()
}

fn from_debian(workspace: &Workspace) -> Result<Toolchain> {
    if Debian::installed().is_none() {
        install_packages()?;
    }
    let debian = Debian::installed().context("Debian's compiler is not complete, though its packages are installed")?;
    debian.build(workspace)?;
    let name = debian.link()?;
    Ok(Toolchain { linked: Some((name, debian.sysroot)) })
}

fn install_packages() -> Result<()> {
    if !debian::is_there() {
        let install = debian::command_line(&PACKAGES);
        bail!("no toolchain with {TARGET}: run `rustup target add {TARGET}` (on Debian: `{install}`)");
    }
    debian::install(&PACKAGES)
}

/// Debian's compiler, and the sysroot made for it.
struct Debian {
    /// The sysroot's name in the cache, and where that is.
    folder: String,
    sysroot: PathBuf,
    /// The toolchain's name for rustup.
    name: String,
}

impl Debian {
    /// The compiler as installed; nothing where a package is missing.
    fn installed() -> Option<Self> {
        let mut query = process::command("dpkg-query");
        query.args(["--show", "--showformat", "${Package} ${Version} ${db:Status-Status}\n"]).args(PACKAGES);
        let packages = query.stderr(Stdio::null()).output().ok().filter(|output| output.status.success())?.stdout;
        let packages = String::from_utf8(packages).ok()?;
        let complete = packages.lines().all(|line| line.ends_with(" installed"));
        let digest = hex(&Sha256::digest(format!("{RECIPE}\n{packages}")));
        let hash = digest.get(..12)?;
        let folder = format!("sysroot-{hash}");
        let sysroot = cache::place(&folder).ok()?;
        complete.then(|| Self { folder, sysroot, name: format!("portcullis-wasm-{hash}") })
    }

    /// Whether the sysroot is there, and so whole.
    fn is_built(&self) -> bool {
        self.sysroot.is_dir()
    }

    /// Builds the standard library and puts it beside Debian's compiler, unless that was done before.
    fn build(&self, workspace: &Workspace) -> Result<()> {
        cache::provide(&self.folder, |sysroot| {
            eprintln!("building the standard library for {TARGET}: about half a minute, once");
            let probe = sysroot.join("probe");
            copy_library(
                &build_library(&probe, &dependencies::nameless(workspace)?)?,
                &sysroot.join("lib/rustlib").join(TARGET).join("lib"),
            )?;
            cache::remove(&probe)?;
            link_compiler(sysroot, &self.sysroot)
        })?;
        Ok(())
    }

    /// Makes the sysroot a toolchain that `cargo +name` knows, and returns that name.
    fn link(&self) -> Result<String> {
        let known = process::text(process::command("rustup").args(["toolchain", "list", "--verbose"]))?;
        let wanted = format!("{} {}", self.name, self.sysroot.display());
        if !known.lines().any(|line| line.split_whitespace().eq(wanted.split_whitespace())) {
            let mut rustup = process::command("rustup");
            process::run(rustup.args(["toolchain", "link", &self.name]).arg(&self.sysroot))?;
        }
        Ok(self.name.clone())
    }
}

/// Compiles the library by way of an empty crate, with these flags too, and returns the folder where its parts are.
fn build_library(folder: &Path, flags: &[String]) -> Result<PathBuf> {
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), "")?;
    let manifest = "[package]\nname = \"library-probe\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let target = folder.join("target");
    let mut cargo = process::command("/usr/bin/cargo");
    cargo.current_dir(folder).args(["build", "--release", "--target", TARGET]);
    cargo.args(["-Z", "build-std=std,panic_abort,panic_unwind,proc_macro,test"]).arg("--target-dir").arg(&target);
    cargo.env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1").env_remove("RUSTUP_TOOLCHAIN");
    // Without bitcode no program can be optimised together with the library.
    let own = ["-Cembed-bitcode=yes", "-Zforce-unstable-if-unmarked"].map(str::to_owned);
    process::set_compiler_flags(&mut cargo, &[&own, flags].concat());
    process::run(&mut cargo)?;
    Ok(target.join(TARGET).join("release/deps"))
}

/// Copies the library's parts, and not the empty crate.
fn copy_library(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for file in fs::read_dir(from)? {
        let name = file?.file_name();
        let text = name.to_string_lossy();
        if text.ends_with(".rlib") && !text.starts_with("liblibrary_probe") {
            fs::copy(from.join(&name), to.join(&name))?;
        }
    }
    Ok(())
}

/// Puts into the sysroot what leads to Debian's programs. They are told the sysroot's final place.
fn link_compiler(sysroot: &Path, place: &Path) -> Result<()> {
    let libraries = sysroot.join(HOST_LIBRARIES);
    let programs = libraries.with_file_name("bin");
    for folder in [&programs, &sysroot.join("bin")] {
        fs::create_dir_all(folder)?;
    }
    symlink(Path::new("/usr").join(HOST_LIBRARIES), &libraries)?;
    symlink("/usr/bin/lld-22", programs.join("rust-lld"))?;
    for program in ["cargo", "cargo-clippy", "clippy-driver"] {
        symlink(Path::new("/usr/bin").join(program), sysroot.join("bin").join(program))?;
    }
    for program in ["rustc", "rustdoc"] {
        let wrapper = sysroot.join("bin").join(program);
        let place = place.display();
        fs::write(&wrapper, format!("#!/bin/sh\nexec /usr/bin/{program} --sysroot '{place}' \"$@\"\n"))?;
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
