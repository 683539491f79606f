//! Users: who they are, and their passwords.

use super::{all_known, done, forget, groups_of, names, provenance, put_account};
use crate::arguments::Arguments;
use crate::change::PrincipalType::User;
use crate::command::objects::{create_under, refuse_built_in, remove_tree};
use crate::command::{Reply, credentials};
use crate::fields::Fields;
use crate::particulars::Account;
use crate::principals::ADMIN;
use crate::private::PrivateField;
use crate::refusal::Refusal;
use crate::schema::DIRECTORY;
use crate::transaction::Transaction;
use crate::view::{Registered, View};

/// How every password begins that comes from the host: as a PHC string.
const HASHED: &str = "$argon2id$";

pub(in crate::command) fn create_user(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let object = create_under(tx, DIRECTORY, User.as_str(), arguments.required("userName")?)?;
    arguments.required("password")?;
    let password = password(arguments)?;
    tx.put_private(object, PrivateField::Password, password)?;
    put_names(tx, object, arguments)?;
    done()
}

pub(in crate::command) fn modify_user(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let user = tx.view().modifiable(User, arguments.required("userName")?)?;
    put_names(tx, user.object, arguments)?;
    change_password(tx, user, arguments)?;
    if let Some(disabled) = arguments.switch("disabled")? {
        set_disabled(tx, user, disabled)?;
    }
    done()
}

/// What everybody may change of oneself, and of nobody else.
pub(in crate::command) fn change_own(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let user = tx.view().own_user()?;
    if arguments.required("userName")? != tx.state.principals.name(user.id) {
        return Err(Refusal::NotPermitted(
            "`changeOwnUser` changes the user who calls, and `userName` names another: `modifyUser` changes others"
                .into(),
        )
        .into());
    }
    put_names(tx, user.object, arguments)?;
    change_password(tx, user, arguments)?;
    done()
}

/// Keeps the full name and the e-mail address, as far as they are given; an empty text clears.
fn put_names(tx: &mut Transaction, object: u32, arguments: &Arguments) -> Result<(), Box<Refusal>> {
    for (name, field) in [("fullUserName", PrivateField::FullUserName), ("email", PrivateField::Email)] {
        if let Some(text) = arguments.value_text(name)? {
            tx.put_private(object, field, Some(text))?;
        }
    }
    Ok(())
}

/// Changes the password if one is given; whoever else is logged in by the old one no longer is.
fn change_password(tx: &mut Transaction, user: Registered, arguments: &Arguments) -> Result<(), Box<Refusal>> {
    let Some(password) = password(arguments)? else { return Ok(()) };
    tx.view().require_no_token("change passwords")?;
    tx.put_private(user.object, PrivateField::Password, Some(password))?;
    credentials::end_other_sessions(tx, user.id)
}

/// The password as the host hands it on. The text of the refusal does not have it: it may be one in plain words.
fn password<'a>(arguments: &Arguments<'a>) -> Result<Option<&'a str>, Box<Refusal>> {
    let given = arguments.value_text("password")?;
    if given.as_ref().is_none_or(|given| given.starts_with(HASHED)) {
        return Ok(given);
    }
    Err(Refusal::invalid(format_args!("a password is hashed by the host: `password` is not the Argon2id hash of one")))
}

/// Disables a user, which ends all sessions and tokens, or enables it again, which revives none.
fn set_disabled(tx: &mut Transaction, user: Registered, disabled: bool) -> Result<(), Box<Refusal>> {
    if disabled && user.id == ADMIN {
        return Err(Refusal::invalid(format_args!("the user `admin` is built in: it cannot be disabled")));
    }
    let account = Account { disabled, ..tx.state.account(user.object) };
    put_account(tx, user.object, account)?;
    if disabled { credentials::end_all(tx, user.id) } else { Ok(()) }
}

pub(in crate::command) fn delete_user(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let user = tx.view().modifiable(User, arguments.required("userName")?)?;
    refuse_built_in(tx.state, user.object)?;
    remove_tree(tx, user.object)?;
    done()
}

/// Erases what is private of a user; what the user is in, and what the user may do, stays.
pub(in crate::command) fn erase(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let view = tx.view();
    view.require_admin("erase what is private of a user")?;
    let user = view.known(User, arguments.required("userName")?)?;
    forget(tx, user.id, user.object)?;
    done()
}

pub(in crate::command) fn get_user(view: &View, arguments: &Arguments) -> Reply {
    let user = view.known(User, arguments.required("userName")?)?;
    let groups = Fields::default().list("groupName", names(view, &groups_of(view, user)));
    Ok(Fields::default().value("userInfo", user_info(view, user, groups).done()))
}

/// All users, or those whose names a pattern fits.
pub(in crate::command) fn get_users(view: &View, arguments: &Arguments) -> Reply {
    // There are no users but local ones, so all that `local` can be is misspelt.
    arguments.switch("local")?;
    let text = arguments.value_text("pattern")?;
    let pattern = text.map(Pattern::new);
    let fits = |user: &Registered| {
        let name = view.state.principals.name(user.id);
        pattern.as_ref().is_none_or(|pattern| pattern.fits(name))
    };
    let users = all_known(view, &[User]).into_iter().filter(fits);
    let rows = users.map(|user| user_info(view, user, Fields::default()).done()).collect();
    Ok(Fields::default().list("userInfo", rows))
}

/// What there is to tell of a user, with the groups where they are asked for.
fn user_info(view: &View, user: Registered, groups: Fields) -> Fields {
    let private = |field: PrivateField| view.state.private(user.object, field).map(str::to_owned);
    Fields::default()
        .text("userName", view.state.principals.name(user.id))
        .maybe("fullUserName", private(PrivateField::FullUserName))
        .maybe("email", private(PrivateField::Email))
        .and(groups)
        .and(provenance(user))
        .flag("disabled", view.state.account(user.object).disabled)
}

/// A pattern for names: `*` and `%` stand for any characters, also none; everything else stands for itself.
struct Pattern<'a> {
    first: &'a str,
    middle: Vec<&'a str>,
    /// Nothing where no character of the pattern stands for others.
    last: Option<&'a str>,
}

impl<'a> Pattern<'a> {
    fn new(text: &'a str) -> Self {
        let mut pieces = text.split(['*', '%']);
        let first = pieces.next().unwrap_or_default();
        let last = pieces.next_back();
        Self { first, middle: pieces.filter(|piece| !piece.is_empty()).collect(), last }
    }

    /// Each piece is taken where it first comes: no later place leaves more room for the next. So no choice is ever
    /// taken back, and the time is at most the product of the lengths of the name and the pattern.
    fn fits(&self, name: &str) -> bool {
        let Some(last) = self.last else { return name == self.first };
        let inner = name.strip_prefix(self.first).and_then(|rest| rest.strip_suffix(last));
        inner.and_then(|inner| self.middle.iter().try_fold(inner.as_bytes(), behind)).is_some()
    }
}

/// What stands behind the first place of a piece.
fn behind<'a>(text: &'a [u8], piece: &&str) -> Option<&'a [u8]> {
    (0..text.len()).find_map(|start| text.get(start..)?.strip_prefix(piece.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, name: &str) -> bool {
        Pattern::new(pattern).fits(name)
    }

    #[test]
    fn without_a_star_a_pattern_is_the_name() {
        assert!(fits("ec123", "ec123") && fits("", ""));
        assert!(!fits("ec123", "ec1234") && !fits("EC123", "ec123") && !fits("", "ec123"));
    }

    #[test]
    fn stars_and_percent_signs_stand_for_any_characters_also_none() {
        for pattern in ["*", "%", "**%", "ec*", "%23", "e*3", "*c*2*", "ec123*", "*ec123", "ec%*123", "*e*c*1*2*3*"] {
            assert!(fits(pattern, "ec123"), "{pattern}");
        }
        for pattern in ["c*", "*c", "*3*3", "ec*c123", "*e*c*1*2*3*4*", "ec123*3", "?c123", "ec_23", "ec.*"] {
            assert!(!fits(pattern, "ec123"), "{pattern}");
        }
    }

    #[test]
    fn what_begins_a_name_does_not_end_it_as_well() {
        assert!(fits("ab*ba", "abba") && !fits("ab*ba", "aba"));
        assert!(fits("a*a", "aa") && !fits("a*a", "a"));
    }

    #[test]
    fn a_later_place_is_as_good_as_the_first() {
        assert!(fits("*ab*c", "abxabc") && fits("a*ba*b", "ababab") && fits("*é*ß", "aéβéß"));
    }

    #[test]
    fn many_stars_take_no_longer_than_few() {
        let name = "a".repeat(255);
        let pattern = format!("{}b", "*a".repeat(2_000));
        assert!(!fits(&pattern, &name));
        assert!(!fits(&format!("{}*b*", "*a".repeat(255)), &name));
        assert!(fits(&format!("{}*", "*a".repeat(255)), &name));
    }
}
