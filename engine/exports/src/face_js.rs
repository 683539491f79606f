//! The face for JavaScript: a class, through wasm-bindgen.
//!
//! What was read is JSON text, its `objects` as the command `import` takes them. Errors are `Error`s with a `code`.

use crate::error::ImportError;
use crate::export::{Export, ImportedObject};
use crate::files::{self, Files};
use crate::summary::Summary;
use js_sys::{Error, Reflect};
use portcullis_engine::{Refusal, Schema};
use wasm_bindgen::prelude::*;

/// Reads one export from the files that it is given.
#[wasm_bindgen]
pub struct ExportReader {
    schema: Schema,
    files: Files,
}

#[wasm_bindgen]
impl ExportReader {
    /// A reader without files, for exports of the schema in the JSON text, or of CD/RO's where there is none.
    ///
    /// # Errors
    ///
    /// What is wrong with the schema.
    #[wasm_bindgen(constructor)]
    pub fn new(schema_json: Option<String>) -> Result<Self, Error> {
        let schema = schema_json.map_or_else(|| Ok(Schema::cdro()), |json| Schema::parse(&json));
        Ok(Self { schema: schema.map_err(refused)?, files: Files::default() })
    }

    /// Adds a file, or replaces the one of that path. A path may begin with the export's own folder and those above
    /// it. Of what is no DSL file the bytes do not matter.
    ///
    /// # Errors
    ///
    /// `InvalidExport` for what is no path.
    pub fn add(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), Error> {
        self.files.add(path, bytes).map_err(thrown)
    }

    /// What the files hold: `{"objects": […], "summary": {…}}`.
    ///
    /// # Errors
    ///
    /// `InvalidExport`.
    pub fn read(&self) -> Result<String, Error> {
        let Export { objects, summary } = self.files.export(&self.schema).map_err(thrown)?;
        let told = Told { objects: &objects, summary: &summary };
        serde_json::to_string(&told).map_err(|why| error("InvalidExport", &why.to_string()))
    }
}

/// Whether a file of this path is one that is read. The bytes of others need not be fetched.
#[wasm_bindgen(js_name = isDslFile)]
#[must_use]
pub fn is_dsl_file(path: &str) -> bool {
    files::is_dsl_file(path)
}

#[derive(serde::Serialize)]
struct Told<'a> {
    objects: &'a [ImportedObject],
    summary: &'a Summary,
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn thrown(why: ImportError) -> Error {
    error(why.code(), &why.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn refused(refusal: Box<Refusal>) -> Error {
    error(&refusal.code(), &refusal.to_string())
}

fn error(code: &str, message: &str) -> Error {
    let error = Error::new(message);
    // Setting a property of a new object cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error
}
