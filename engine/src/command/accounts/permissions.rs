//! The permission flags of users and groups.

use super::{all_known, done, put_account};
use crate::arguments::Arguments;
use crate::change::PrincipalType::{self, Group, ServiceAccount, User};
use crate::command::Reply;
use crate::fields::{Fields, Json};
use crate::objects::ROOT;
use crate::particulars::Account;
use crate::permissions::{parse, to_text};
use crate::principals::{ADMIN, DEFAULT_USER};
use crate::refusal::Refusal;
use crate::schema::DIRECTORY;
use crate::state::State;
use crate::transaction::Transaction;
use crate::view::{Registered, View};

/// What the user `default` begins with, where the schema is the built-in one (`domain.md` §4).
const DEFAULT_PERMISSIONS: &str = "EMakeInvoke";

/// Gives the user `default` of a new policy its flags.
pub(in crate::command) fn give_default_permissions(tx: &mut Transaction) -> Result<(), Box<Refusal>> {
    let Some(object) = tx.state.principal_object(User, tx.state.principals.name(DEFAULT_USER)) else { return Ok(()) };
    put_account(tx, object, Account { permissions: parse(DEFAULT_PERMISSIONS)?, ..Account::default() })
}

/// Puts other flags in the place of those that a user or a group has.
pub(in crate::command) fn set_permissions(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let view = tx.view();
    let directory = tx.state.objects.system_object(DIRECTORY).unwrap_or(ROOT);
    view.require(tx.state.schema.roles().change_permissions, directory)?;
    let entity =
        view.registered(entity_type(arguments)?, arguments.required("entityName")?, view.state.schema.roles().read)?;
    if entity.id == ADMIN {
        return Err(Refusal::invalid(format_args!("the user `admin` has every permission, always")));
    }
    let permissions = parse(arguments.required("permissions")?)?;
    let account = Account { permissions, ..tx.state.account(entity.object) };
    put_account(tx, entity.object, account)?;
    done()
}

/// The flags that are a user's or a group's own.
pub(in crate::command) fn get_permissions(view: &View, arguments: &Arguments) -> Reply {
    let entity = view.known(entity_type(arguments)?, arguments.required("entityName")?)?;
    Ok(render(view.state.permissions(entity.id)))
}

/// The flags that the caller has of its own or by a group.
pub(in crate::command) fn get_effective_permissions(view: &View, _: &Arguments) -> Reply {
    view.own_user()?;
    let identity = view.caller.first();
    let closure = identity.map(|identity| view.state.closure_of(identity)).unwrap_or_default();
    Ok(render(view.state.united_permissions(&closure)))
}

/// Every user and group that has flags of its own.
pub(in crate::command) fn get_access_entries(view: &View, _: &Arguments) -> Reply {
    let entities = all_known(view, &[User, Group]).into_iter();
    let rows = entities.filter_map(|entity| view.state.access_entry(entity)).collect();
    Ok(Fields::default().list("accessEntry", rows))
}

/// Users and groups have flags, and nothing else does.
fn entity_type(arguments: &Arguments) -> Result<PrincipalType, Box<Refusal>> {
    let given = arguments.required("principalType")?;
    match PrincipalType::parse(given)? {
        ServiceAccount => Err(Refusal::told(
            Refusal::InvalidPrincipalType,
            format_args!("a `{given}` has no permissions: it is `user` or `group`"),
        )),
        kind => Ok(kind),
    }
}

fn render(flags: u64) -> Fields {
    Fields::default().text("permissions", &to_text(flags))
}

impl State {
    fn access_entry(&self, entity: Registered) -> Option<Json> {
        let flags = Some(self.permissions(entity.id)).filter(|flags| *flags != 0)?;
        let kind = self.principals.get(entity.id)?.kind;
        let named = Fields::default().text("principalType", kind.as_str());
        Some(named.text("entityName", self.principals.name(entity.id)).and(render(flags)).done())
    }
}
