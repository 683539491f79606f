//! What a user wants to hear of: the caller's own settings.

use super::{done, put_account};
use crate::address::shorten;
use crate::arguments::Arguments;
use crate::command::Reply;
use crate::fields::{Fields, Json};
use crate::particulars::{Account, NotificationLevel};
use crate::refusal::Refusal;
use crate::transaction::Transaction;
use crate::view::View;

/// Of how many build classes a user may want to hear at most: an account is one record, and each change writes it.
const MAX_BUILD_CLASSES: usize = 1_000;

pub(in crate::command) fn get_settings(view: &View, _: &Arguments) -> Reply {
    let account = view.state.account(view.own_user()?.object);
    // As texts: a number of 64 bits is more than every reader of JSON can hold.
    let classes = account.build_classes.iter().map(|class| Json::text(&class.to_string())).collect();
    Ok(Fields::default()
        .text("watchMessages", if account.watches_messages { "Y" } else { "N" })
        .text("notificationLevel", account.notification_level.as_str())
        .list("buildClassId", classes))
}

pub(in crate::command) fn set_settings(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let object = tx.view().own_user()?.object;
    let account = tx.state.account(object);
    let watches_messages = watch_word(arguments.required("watchMessages")?)?;
    let level = arguments.text("notificationLevel")?.map(level_word).transpose()?;
    let notification_level = level.unwrap_or(account.notification_level);
    put_account(tx, object, Account { watches_messages, notification_level, ..account })?;
    done()
}

fn watch_word(word: &str) -> Result<bool, Box<Refusal>> {
    match word {
        "Y" | "y" | "yes" | "Yes" => Ok(true),
        "N" | "n" | "no" | "No" => Ok(false),
        other => {
            let given = shorten(other);
            Err(Refusal::invalid(format_args!(
                "`watchMessages` is `{given}`, and must be `Y`, `N`, `y`, `n`, `yes`, `no`, `Yes` or `No`"
            )))
        }
    }
}

fn level_word(word: &str) -> Result<NotificationLevel, Box<Refusal>> {
    let level = NotificationLevel::ALL.into_iter().find(|level| level.as_str() == word);
    level.ok_or_else(|| {
        let given = shorten(word);
        Refusal::invalid(format_args!("`notificationLevel` is `{given}`, and must be `Info`, `Warning` or `Error`"))
    })
}

pub(in crate::command) fn set_notification(tx: &mut Transaction, arguments: &Arguments) -> Reply {
    let object = tx.view().own_user()?.object;
    let class = build_class(arguments.required("buildClassId")?)?;
    arguments.required("enabled")?;
    let mut account = tx.state.account(object);
    match (account.build_classes.binary_search(&class), arguments.flag("enabled")?) {
        (Err(place), true) if account.build_classes.len() < MAX_BUILD_CLASSES => {
            account.build_classes.insert(place, class);
        }
        (Err(_), true) => {
            return Err(Refusal::invalid(format_args!(
                "notification is enabled for {MAX_BUILD_CLASSES} build classes already: disable some that nobody needs"
            )));
        }
        (Ok(place), false) => drop(account.build_classes.remove(place)),
        (Ok(_), true) | (Err(_), false) => {}
    }
    put_account(tx, object, account)?;
    done()
}

/// A positive number of at most 64 bits.
fn build_class(text: &str) -> Result<u64, Box<Refusal>> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let class = Some(text).filter(|_| digits).and_then(|text| text.parse().ok()).filter(|class| *class > 0);
    class.ok_or_else(|| {
        let given = shorten(text);
        Refusal::told(
            Refusal::InvalidInteger,
            format_args!("`buildClassId` is `{given}`, which is not a whole number from 1 to {}", u64::MAX),
        )
    })
}
