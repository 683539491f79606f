//! The browser that tests run in: Chromium, and the program that drives it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::json;

use crate::{debian, process};

/// What Debian calls them.
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

/// What the browser may be called, the likeliest first.
const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const DRIVER: &str = "chromedriver";

/// A browser that is installed.
pub(crate) struct Browser {
    /// Chromium itself.
    pub(crate) program: PathBuf,
    /// The program that drives it, by the standard WebDriver.
    driver: PathBuf,
}

/// How it is to run: nobody looks at it, root may run it, and it asks nothing of the network.
const ARGUMENTS: [&str; 6] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
];

/// How long wasm-bindgen's suite may take in it, with its start on a busy machine.
const PATIENCE_S: &str = "120";

impl Browser {
    /// Has wasm-bindgen's test runner, or a cargo that calls it, run the suite in this browser. `settings` is a file that
    /// this writes.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub(crate) fn run_suite(&self, cargo: &mut Command, settings: &Path) -> Result<()> {
        let options = json!({"goog:chromeOptions": {"binary": self.program, "args": ARGUMENTS}});
        fs::write(settings, options.to_string())?;
        cargo.env("WASM_BINDGEN_USE_BROWSER", "1").env("CHROMEDRIVER", &self.driver);
        cargo.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", settings).env("WASM_BINDGEN_TEST_TIMEOUT", PATIENCE_S);
        Ok(())
    }
}

/// The browser on the search path; where there is none, and this is Debian, it is installed.
///
/// # Errors
///
/// There is none, and none can be installed; the text says what to install.
pub(crate) fn find() -> Result<Browser> {
    if let Some(browser) = installed() {
        return Ok(browser);
    }
    debian::install(&PACKAGES).context("no Chromium and `chromedriver` of the same version on the search path")?;
    installed().context("no Chromium on the search path, though its packages are installed")
}

fn installed() -> Option<Browser> {
    let program = PROGRAMS.into_iter().find_map(process::find)?;
    Some(Browser { program, driver: process::find(DRIVER)? })
}
