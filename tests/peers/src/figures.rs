//! Figures as `cargo xtask bench` reads them: one file each, its name the figure's, its text the number.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

/// What is written down, and where it goes.
pub(crate) struct Figures {
    folder: PathBuf,
    values: Vec<(String, f64)>,
}

impl Figures {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, values: Vec::new() }
    }

    /// Notes a figure, in nanoseconds or as a count.
    pub(crate) fn write(&mut self, id: &str, value: f64) {
        self.values.push((format!("peers {id}"), value));
    }

    /// Writes the files, and shows what is in them.
    ///
    /// # Errors
    ///
    /// The folder cannot be written to.
    pub(crate) fn save(&self) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        for (id, value) in &self.values {
            fs::write(self.folder.join(id), value.to_string())?;
            eprintln!("{id}: {value:.1}");
        }
        Ok(())
    }
}
