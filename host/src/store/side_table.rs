//! The side table of an SQLite store: private values, and how they are erased for good.
//!
//! Overwriting what is deleted with zeros (`secure_delete`) is not enough. When SQLite moves rows from one page to another to
//! keep a tree in balance, the bytes that it moved stay behind in a part of the old page that is not in use, where no later
//! deletion finds them. So no value is ever moved. The table `value` only grows at its end, for which SQLite begins a new page
//! and moves nothing, and no row of it is deleted: what is erased becomes a value of no bytes in its place. Only `private`,
//! which finds a value by its digest, is put in order and cut back as any table is; digests are in the log in any case.
//!
//! The space of an erased value within a page is not used again. The log, which keeps every digest, grows as fast.

use rusqlite::{Connection, OptionalExtension, Row, Statement, params};

use super::{Hash, NewSet, PolicyId, PrivateRow};

/// Puts and erases what the change sets bring and erase, in their order. Returns whether a value was erased, so that
/// its bytes must now leave the files.
pub(super) fn update(connection: &Connection, policy: PolicyId, sets: &[NewSet]) -> rusqlite::Result<bool> {
    if sets.iter().all(|set| set.private.is_empty() && set.gone.is_empty()) {
        return Ok(false);
    }
    let mut table = SideTable::new(connection, policy)?;
    let mut erased = false;
    for set in sets {
        for row in &set.private {
            erased |= table.put(row)?;
        }
        for digest in &set.gone {
            erased |= table.erase(digest)?;
        }
    }
    Ok(erased)
}

/// The values with a digest above `after`, in the order of the digests.
pub(super) fn select(
    connection: &Connection,
    policy: PolicyId,
    after: Option<&Hash>,
    limit: u32,
) -> rusqlite::Result<Vec<PrivateRow>> {
    // A digest whose value is missing is damage and must not be passed over, hence the outer join: it gives NULL.
    let select = "SELECT digest, bytes FROM private LEFT JOIN value ON value.id = private.value
        WHERE policy = ?1 AND digest > ?2 ORDER BY digest LIMIT ?3";
    let after = after.map_or(&[][..], <[u8; 32]>::as_slice);
    connection.prepare(select)?.query_map(params![policy.0, after, limit], row_from)?.collect()
}

fn row_from(row: &Row<'_>) -> rusqlite::Result<PrivateRow> {
    Ok(PrivateRow { digest: row.get("digest")?, value: row.get("bytes")? })
}

/// The statements that change one policy's values.
struct SideTable<'c> {
    connection: &'c Connection,
    policy: PolicyId,
    insert_value: Statement<'c>,
    insert_digest: Statement<'c>,
    delete_digest: Statement<'c>,
    empty_value: Statement<'c>,
}

impl<'c> SideTable<'c> {
    fn new(connection: &'c Connection, policy: PolicyId) -> rusqlite::Result<Self> {
        Ok(Self {
            connection,
            policy,
            insert_value: connection.prepare("INSERT INTO value (bytes) VALUES (?1)")?,
            insert_digest: connection.prepare("INSERT INTO private (policy, digest, value) VALUES (?1, ?2, ?3)")?,
            delete_digest: connection
                .prepare("DELETE FROM private WHERE policy = ?1 AND digest = ?2 RETURNING value")?,
            empty_value: connection.prepare("UPDATE value SET bytes = x'' WHERE id = ?1")?,
        })
    }

    /// Returns whether another value was erased for it.
    fn put(&mut self, row: &PrivateRow) -> rusqlite::Result<bool> {
        let erased = self.erase(&row.digest)?;
        self.insert_value.execute([&row.value])?;
        self.insert_digest.execute(params![self.policy.0, row.digest, self.connection.last_insert_rowid()])?;
        Ok(erased)
    }

    /// Returns whether there was a value to erase.
    fn erase(&mut self, digest: &Hash) -> rusqlite::Result<bool> {
        let value: Option<i64> =
            self.delete_digest.query_row(params![self.policy.0, digest], |row| row.get("value")).optional()?;
        if let Some(value) = value {
            self.empty_value.execute([value])?;
        }
        Ok(value.is_some())
    }
}
