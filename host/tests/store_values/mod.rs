//! Private values that can be found again: each is made of its number, again and again, so that any piece of it that is left
//! anywhere in a file tells which one it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use portcullis_host::store::{Hash, PrivateRow};
use sha2::{Digest, Sha256};

/// What every piece of a value begins with; the number follows in ten digits.
const PIECE: &[u8] = b"\xf7secret ";

/// The length of a piece.
pub(crate) const PIECE_BYTES: usize = PIECE.len() + 10;

/// The digest of a value; the digests are in another order than the numbers.
pub(crate) fn digest(number: u64) -> Hash {
    Sha256::digest(number.to_be_bytes()).into()
}

/// A value of as many whole pieces as `length` bytes hold.
pub(crate) fn row(number: u64, length: usize) -> PrivateRow {
    let piece = [PIECE, format!("{number:010}").as_bytes()].concat();
    PrivateRow { digest: digest(number), value: piece.repeat(length / PIECE_BYTES) }
}

/// The numbers of the values of which a piece is in any file of the folder, whatever the file is.
pub(crate) fn found(folder: &Path) -> BTreeSet<u64> {
    fs::read_dir(folder).unwrap().flat_map(|entry| found_in(&fs::read(entry.unwrap().path()).unwrap())).collect()
}

fn found_in(bytes: &[u8]) -> BTreeSet<u64> {
    let pieces = bytes.split(|byte| *byte == PIECE[0]).filter_map(|piece| piece.strip_prefix(&PIECE[1..]));
    pieces.filter_map(|piece| std::str::from_utf8(piece.get(..10)?).ok()?.parse().ok()).collect()
}
