//! Groups themselves; their members are in [`members`](crate::command::members).

use super::{all_known, done, groups_of, provenance};
use crate::arguments::Arguments;
use crate::change::PrincipalType::{Group, User};
use crate::command::Reply;
use crate::command::objects::{create_under, refuse_built_in, remove_tree, rename};
use crate::fields::{Fields, Json};
use crate::schema::DIRECTORY;
use crate::transaction::Transaction;
use crate::view::{Registered, View};

pub(in crate::command) fn create_group(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    create_under(tx, DIRECTORY, Group.as_str(), arguments.required("groupName")?)?;
    done()
}

/// Gives a group another name. All that is its own hangs on its ids, which stay.
pub(in crate::command) fn modify_group(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let group = tx.view().modifiable(Group, arguments.required("groupName")?)?;
    if let Some(name) = arguments.text("newName")? {
        rename(tx, group.object, name)?;
    }
    done()
}

pub(in crate::command) fn delete_group(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let group = tx.view().modifiable(Group, arguments.required("groupName")?)?;
    refuse_built_in(tx.state, group.object)?;
    remove_tree(tx, group.object)?;
    done()
}

/// All groups, or those that hold a user.
pub(in crate::command) fn get_groups(view: &View, arguments: &Arguments) -> Reply {
    // There are no groups but local ones, so all that `local` can be is misspelt.
    arguments.switch("local")?;
    let groups = match arguments.text("userName")? {
        Some(name) => groups_of(view, view.known(User, name)?),
        None => all_known(view, &[Group]),
    };
    let rows = groups.into_iter().map(|group| group_info(view, group)).collect();
    Ok(Fields::default().list("groupInfo", rows))
}

fn group_info(view: &View, group: Registered) -> Json {
    Fields::default().text("groupName", view.state.principals.name(group.id)).and(provenance(group)).done()
}
