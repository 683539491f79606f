//! What is compiled to WebAssembly: crates, each with one of the faces that it shows to the outside.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::toolchain::Toolchain;
use crate::workspace::Workspace;
use crate::{dependencies, process};

const TARGET: [&str; 2] = ["--target", "wasm32-unknown-unknown"];

/// SHA-256 as a loop: 7 KB less than written out, and slower by microseconds where only private values are digested.
const SMALL_DIGESTS: &str = "--cfg=sha2_backend_soft=\"compact\"";

/// A crate, and the feature that gives it a face.
pub(crate) struct Face {
    package: &'static str,
    feature: &'static str,
}

impl Face {
    /// The engine for hosts.
    pub(crate) const HOST: Self = Self { package: "portcullis-engine", feature: "face-host" };
    /// The engine for JavaScript.
    pub(crate) const ENGINE: Self = Self { package: "portcullis-engine", feature: "face-js" };
    /// What answers from projections, for JavaScript.
    pub(crate) const CHECK: Self = Self { package: "portcullis-engine", feature: "face-check" };
    /// What reads exports, for JavaScript.
    pub(crate) const EXPORTS: Self = Self { package: "portcullis-exports", feature: "face-js" };

    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::HOST, Self::ENGINE, Self::CHECK, Self::EXPORTS];

    /// The name of the crate's module, without an ending.
    pub(crate) fn name(&self) -> String {
        self.package.replace('-', "_")
    }

    /// Compiles the crate with this face, and returns where the module is. Every face has a target folder of its own:
    /// cargo keeps one module of a crate only, and would compile it anew whenever another face was the last.
    ///
    /// # Errors
    ///
    /// It does not compile.
    pub(crate) fn compile(&self, workspace: &Workspace, toolchain: &Toolchain, profile: &str) -> Result<PathBuf> {
        let target = toolchain.target(workspace).join(format!("{}-{}", self.package, self.feature));
        let mut cargo = self.cargo(workspace, toolchain, "rustc");
        cargo.args(["--profile", profile, "--lib", "--crate-type", "cdylib"]).env("CARGO_TARGET_DIR", &target);
        let mut flags = dependencies::nameless(workspace)?;
        flags.push(SMALL_DIGESTS.to_owned());
        process::set_compiler_flags(&mut cargo, &flags);
        process::run(&mut cargo)?;
        let module = target.join("wasm32-unknown-unknown").join(profile).join(self.name());
        Ok(module.with_added_extension("wasm"))
    }

    /// Looks for what the compiler's lints have to say of it.
    ///
    /// # Errors
    ///
    /// They say something.
    pub(crate) fn lint(&self, workspace: &Workspace, toolchain: &Toolchain) -> Result<()> {
        process::run(self.cargo(workspace, toolchain, "clippy").args(["--", "--deny", "warnings"]))
    }

    fn cargo(&self, workspace: &Workspace, toolchain: &Toolchain, command: &str) -> Command {
        let mut cargo = toolchain.cargo(workspace);
        cargo.arg(command).args(TARGET).args(["--package", self.package, "--features", self.feature]);
        cargo
    }
}

/// A run of the suites of all faces for JavaScript, `tests/face_….rs` of their crates, by that program.
pub(crate) fn javascript_suites(workspace: &Workspace, toolchain: &Toolchain, runner: &Path) -> Command {
    let mut cargo = toolchain.cargo(workspace);
    cargo.arg("test").args(TARGET);
    for face in [Face::ENGINE, Face::EXPORTS] {
        cargo.args(["--package", face.package, "--features", &format!("{}/{}", face.package, face.feature)]);
    }
    cargo.args(["--no-fail-fast", "--test", "face_*"]).env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    cargo
}
