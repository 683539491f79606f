//! Commands on users and groups: their accounts, permission flags and settings (`seeds/003…`, `domain.md` §4).

mod groups;
mod permissions;
mod settings;
mod users;

pub(super) use groups::{create_group, delete_group, get_groups, modify_group};
pub(super) use permissions::{
    get_access_entries, get_effective_permissions, get_permissions, give_default_permissions, set_permissions,
};
pub(super) use settings::{get_settings, set_notification, set_settings};
pub(super) use users::{change_own, create_user, delete_user, erase, get_user, get_users, modify_user};

use super::{Reply, credentials};
use crate::change::{Key, PrincipalType};
use crate::fields::{Fields, Json};
use crate::order;
use crate::particulars::{Account, Particulars};
use crate::principals::DEFAULT_USER;
use crate::private::PrivateField;
use crate::refusal::Refusal;
use crate::transaction::Transaction;
use crate::view::{Registered, View};

/// Every registered principal of the types that the caller may know of, as lists sort.
pub(super) fn all_known(view: &View, kinds: &[PrincipalType]) -> Vec<Registered> {
    let all = view.state.principals.iter().filter(|(_, principal)| kinds.contains(&principal.kind));
    known_of(view, all.map(|(id, _)| id).collect())
}

/// Those of the principals that are registered and that the caller may know of, as lists sort.
pub(super) fn known_of(view: &View, ids: Vec<u32>) -> Vec<Registered> {
    let registered = ids.into_iter().filter_map(|id| {
        let kind = view.state.principals.get(id)?.kind;
        Some(Registered { id, object: view.state.principal_object(kind, view.state.principals.name(id))? })
    });
    let known = registered.filter(|principal| view.may_know(principal)).collect();
    order::by_text(known, |principal| view.state.principal_sort_key(principal.id))
}

/// The names of principals, as a list has them.
pub(super) fn names(view: &View, principals: &[Registered]) -> Vec<Json> {
    principals.iter().map(|principal| Json::text(view.state.principals.name(principal.id))).collect()
}

/// The groups that hold a principal, nested ones and `Everyone` included, as far as the caller may know of them.
fn groups_of(view: &View, principal: Registered) -> Vec<Registered> {
    let is_group = |id: &u32| {
        let kind = view.state.principals.get(*id).map(|known| known.kind);
        *id != principal.id && kind == Some(PrincipalType::Group)
    };
    known_of(view, view.state.principals.closure(principal.id).iter().copied().filter(is_group).collect())
}

/// What there is to tell of every user and group: whether it can be modified, and where it comes from.
fn provenance(principal: Registered) -> Fields {
    let mutable = if principal.id <= DEFAULT_USER { "0" } else { "1" };
    Fields::default().text("mutable", mutable).text("providerName", "local")
}

/// Keeps an account. One that is as every account begins has no record, so that equal states have equal bytes.
fn put_account(tx: &mut Transaction, object: u32, account: Account) -> Result<(), Box<Refusal>> {
    if account == Account::default() {
        return tx.remove(Key::Particulars(object));
    }
    tx.put_particulars(object, Particulars::Account(account))
}

/// Removes what is a principal's own: private values, assignments, sessions and tokens.
pub(super) fn release(tx: &mut Transaction, principal: u32, object: u32) -> Result<(), Box<Refusal>> {
    forget(tx, principal, object)?;
    let assigned: Vec<u32> = tx.state.assignments_of(principal).map(|(persona, _)| persona).collect();
    assigned.into_iter().try_for_each(|persona| tx.delete(Key::Assignment { principal, persona }))
}

/// Erases a principal's private values, and ends its sessions and tokens.
fn forget(tx: &mut Transaction, principal: u32, object: u32) -> Result<(), Box<Refusal>> {
    credentials::end_all(tx, principal)?;
    PrivateField::PERSONAL.into_iter().try_for_each(|field| tx.put_private(object, field, None))
}

/// What a command answers that only says that it is done.
fn done() -> Reply {
    Ok(Fields::default())
}
