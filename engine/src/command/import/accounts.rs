//! What an import says of users: private values, of which the log holds digests only.

use super::{Imported, optional_text};
use crate::private::PrivateField;
use crate::refusal::Refusal;
use crate::transaction::Transaction;

const FIELDS: [(&str, PrivateField); 2] =
    [("email", PrivateField::Email), ("fullUserName", PrivateField::FullUserName)];

/// Takes over a user's e-mail address and full name. An empty one unsets what there is.
pub(super) fn take_over(tx: &mut Transaction, imported: Imported) -> Result<(), Box<Refusal>> {
    for (name, field) in FIELDS {
        if let Some(text) = optional_text(imported.value, name)? {
            tx.put_private(imported.object, field, Some(text))?;
        }
    }
    Ok(())
}
