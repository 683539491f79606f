//! What the build needs to know of a WebAssembly module's bytes.

use anyhow::{Context, Result};
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

/// The module without its custom sections, which say who produced it and run nothing.
///
/// # Errors
///
/// The bytes are not a module.
pub(crate) fn stripped(module: &[u8]) -> Result<Vec<u8>> {
    let mut output = module.get(..8).context("too short to be a module")?.to_vec();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if matches!(payload, Payload::CustomSection(_)) {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            let content = module.get(range).context("a section ends beyond its module")?;
            output.push(id);
            push_length(&mut output, content.len());
            output.extend_from_slice(content);
        }
    }
    Ok(output)
}

/// Appends a number as WebAssembly writes it: seven bits a byte, the lowest first.
fn push_length(output: &mut Vec<u8>, mut length: usize) {
    loop {
        let low = (length & 0x7f) as u8;
        length >>= 7;
        if length == 0 {
            return output.push(low);
        }
        output.push(low | 0x80);
    }
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
    fn custom_sections_are_left_out_and_all_others_kept() {
        let (types, custom) = (b"\x01\x04\x01\x60\0\0", b"\0\x03\x01xy");
        assert_eq!(stripped(&module(&[custom, types, custom])).unwrap(), module(&[types]));
    }

    #[test]
    fn a_long_section_keeps_its_length() {
        // A data section of one passive segment of 200 bytes.
        let data = [&[11, 0xcc, 0x01, 1, 1, 0xc8, 0x01], [7; 200].as_slice(), &[]].concat();
        assert_eq!(data.len(), 207);
        let module = module(&[&data]);
        assert_eq!(stripped(&module).unwrap(), module);
    }

    #[test]
    fn what_is_not_a_module_is_an_error() {
        assert!(imports(b"hello").is_err());
        assert!(stripped(b"hello, world").is_err());
    }
}
