//! What the build needs to know of a WebAssembly module's bytes.

use std::io::Write;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use wasmparser::{Parser, Payload};

/// The names of what a module imports, each `module.name`; empty where it has no import.
///
/// # Errors
///
/// The bytes are not a module.
pub(crate) fn imports(module: &[u8]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                let import = import?;
                names.push(format!("{}.{}", import.module, import.name));
            }
        }
    }
    Ok(names)
}

/// How many bytes of it travel: gzipped as well as can be.
///
/// # Errors
///
/// None in practice.
pub(crate) fn gzipped_bytes(module: &[u8]) -> Result<usize> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(module)?;
    Ok(gzip.finish()?.len())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

    fn module(sections: &[&[u8]]) -> Vec<u8> {
        [&[EMPTY], sections].concat().concat()
    }

    #[test]
    fn imports_are_named() {
        // One type, `() -> ()`, and one import of it.
        let module = module(&[b"\x01\x04\x01\x60\0\0", b"\x02\x0b\x01\x03env\x03now\0\0"]);
        assert_eq!(imports(&module).unwrap(), ["env.now"]);
    }

    #[test]
    fn a_module_without_an_import_section_imports_nothing() {
        assert!(imports(&module(&[b"\x01\x04\x01\x60\0\0"])).unwrap().is_empty());
    }

    #[test]
    fn what_is_not_a_module_is_an_error() {
        assert!(imports(b"hello").is_err());
    }
}
