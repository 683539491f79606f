//! Commands on groups' members (`seeds/003…`; nested groups are an addition of ours, `domain.md` §1).

use super::Reply;
use crate::arguments::Arguments;
use crate::change::{Key, PrincipalType, Record};
use crate::fields::Fields;
use crate::objects::ROOT;
use crate::principals::EVERYONE;
use crate::refusal::Refusal;
use crate::schema::DIRECTORY;
use crate::transaction::Transaction;
use crate::view::View;

pub(super) fn add(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let (group, member) = ends(&tx.view(), arguments)?;
    let principals = &tx.state.principals;
    if principals.holds(member, group) {
        let (outer, inner) = (principals.name(group), principals.name(member));
        return Err(Refusal::InvalidArgument(format!(
            "`{inner}` cannot be a member of `{outer}`, which is in it: a cycle"
        ))
        .into());
    }
    tx.put(Record::Member { group, member })?;
    Ok(Fields::default())
}

pub(super) fn remove(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let (group, member) = ends(&tx.view(), arguments)?;
    let key = Key::Member { group, member };
    if tx.state.record(&key).is_none() {
        let (outer, inner) = (tx.state.principals.name(group), tx.state.principals.name(member));
        return Err(Refusal::InvalidArgument(format!("`{inner}` is not a member of `{outer}`")).into());
    }
    tx.delete(key)?;
    Ok(Fields::default())
}

/// The group, which the caller must be allowed to modify, and the member.
fn ends(view: &View, arguments: &Arguments) -> Result<(u32, u32), Box<Refusal>> {
    let group_name = arguments.required("groupName")?;
    let group = registered(view, PrincipalType::Group, &group_name)?;
    view.require(view.state.schema.roles().modify, group.object)?;
    if group.id == EVERYONE {
        return Err(Refusal::invalid("the group `Everyone` holds all users: it has no list of members").into());
    }
    let kind = arguments.text("memberType")?;
    let kind = kind.map_or(Ok(PrincipalType::User), |kind| PrincipalType::parse(&kind))?;
    let member = registered(view, kind, &arguments.required("userName")?)?;
    Ok((group.id, member.id))
}

struct Registered {
    id: u32,
    object: u32,
}

fn registered(view: &View, kind: PrincipalType, name: &str) -> Result<Registered, Box<Refusal>> {
    let object = view.state.principal_object(kind, name);
    if let Some((object, id)) = object.zip(view.state.principals.find(kind, name)) {
        return Ok(Registered { id, object });
    }
    let directory = view.state.objects.system_object(DIRECTORY).unwrap_or(ROOT);
    view.require(view.state.schema.roles().read, directory)?;
    Err(Refusal::NoSuchObject { kind: kind.as_str().into(), name: crate::address::shorten(name).into_owned() }.into())
}
