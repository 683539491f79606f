//! Debian's packages, for what neither cargo nor npm brings.

use anyhow::{Context, Result};

use crate::process;

/// Whether this system has Debian's packages.
pub(crate) fn is_there() -> bool {
    process::exists("apt-get")
}

/// What to type to install the packages by hand.
pub(crate) fn command_line(packages: &[&str]) -> String {
    format!("apt-get install {}", packages.join(" "))
}

/// Installs the packages.
///
/// # Errors
///
/// This is not Debian, nobody may install anything, or a package cannot be had; the text says what to type.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    eprintln!("installing {}", packages.join(" "));
    let quietly = ["-qq", "-o", "Dpkg::Use-Pty=0"];
    let update = process::run(process::command("apt-get").args(quietly).arg("update"));
    let install = update.and_then(|()| {
        process::run(
            process::command("apt-get")
                .args(quietly)
                .args(["install", "--yes", "--no-install-recommends"])
                .args(packages)
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )
    });
    install.with_context(|| format!("packages are missing; as root on Debian, run `{}`", command_line(packages)))
}
