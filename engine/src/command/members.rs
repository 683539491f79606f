//! Commands on groups' members (`seeds/003…`; nested groups are an addition of ours, `domain.md` §1).

use super::{Reply, accounts};
use crate::arguments::Arguments;
use crate::change::{Key, PrincipalType, Record};
use crate::fields::{Fields, Json};
use crate::principals::EVERYONE;
use crate::refusal::Refusal;
use crate::transaction::Transaction;
use crate::view::{Registered, View};

pub(super) fn add(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let (group, member) = ends(&tx.view(), arguments)?;
    let principals = &tx.state.principals;
    if principals.holds(member, group) {
        let (outer, inner) = (principals.name(group), principals.name(member));
        return Err(Refusal::invalid(format_args!(
            "`{inner}` cannot be a member of `{outer}`, which is in it: a cycle"
        )));
    }
    tx.put(Record::Member { group, member })?;
    Ok(Fields::default())
}

pub(super) fn remove(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let (group, member) = ends(&tx.view(), arguments)?;
    let key = Key::Member { group, member };
    if tx.state.record(&key).is_none() {
        let (outer, inner) = (tx.state.principals.name(group), tx.state.principals.name(member));
        return Err(Refusal::invalid(format_args!("`{inner}` is not a member of `{outer}`")));
    }
    tx.delete(key)?;
    Ok(Fields::default())
}

/// The group, which the caller must be allowed to modify, and the member.
fn ends(view: &View, arguments: &Arguments) -> Result<(u32, u32), Box<Refusal>> {
    let group_name = arguments.required("groupName")?;
    let group = view.modifiable(PrincipalType::Group, group_name)?;
    if group.id == EVERYONE {
        return Err(Refusal::invalid(format_args!("the group `Everyone` holds all users: it has no list of members")));
    }
    let kind = arguments.text("memberType")?;
    let kind = kind.map_or(Ok(PrincipalType::User), PrincipalType::parse)?;
    let member = view.registered(kind, arguments.required("userName")?, view.state.schema.roles().read)?;
    Ok((group.id, member.id))
}

/// The direct members of every group, or of one.
pub(super) fn get(view: &View, arguments: &Arguments) -> Reply {
    let groups = match arguments.text("groupName")? {
        Some(name) => vec![view.known(PrincipalType::Group, name)?],
        None => accounts::all_known(view, &[PrincipalType::Group]),
    };
    let rows = groups.into_iter().map(|group| render_members(view, group)).collect();
    Ok(Fields::default().list("group", rows))
}

/// The lists in which members stand, by their types.
const LISTS: [(&str, PrincipalType); 3] = [
    ("userName", PrincipalType::User),
    ("memberGroupName", PrincipalType::Group),
    ("serviceAccountName", PrincipalType::ServiceAccount),
];

/// A group with those of its direct members that the caller may know of.
fn render_members(view: &View, group: Registered) -> Json {
    let kind = |id: u32| view.state.principals.get(id).map(|known| known.kind);
    let members = match view.state.principals.get(group.id) {
        Some(known) if group.id != EVERYONE => accounts::known_of(view, known.members.clone()),
        _ => accounts::all_known(view, &[PrincipalType::User]),
    };
    let named = Fields::default().text("groupName", view.state.principals.name(group.id));
    let filled = LISTS.into_iter().fold(named, |fields, (list, wanted)| {
        let some: Vec<Registered> = members.iter().copied().filter(|member| kind(member.id) == Some(wanted)).collect();
        if some.is_empty() { fields } else { fields.list(list, accounts::names(view, &some)) }
    });
    filled.done()
}
