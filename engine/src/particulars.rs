//! What there is to an object beyond its place and its list: a record of its own, which comes and goes with the object.
//! An object without one is as its type begins.

use crate::bytes::{Reader, put_text, put_u32, put_u64};
use crate::refusal::Refusal;

/// The particulars of an object, by its type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Particulars {
    /// Of a user or a group.
    Account(Account),
    /// Of a persona.
    Persona(Persona),
    /// Of a persona category.
    Category(Category),
    /// Of a persona page.
    Page(Page),
    /// Of the system object `personas`: which persona is the default. So there is never more than one.
    DefaultPersona(u32),
}

/// Of a user or a group (`seeds/003…`, `domain.md` §4).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Account {
    /// The permission flags of its own; see [`PERMISSIONS`](crate::PERMISSIONS).
    pub permissions: u64,
    /// Whether the user may not log in.
    pub disabled: bool,
    /// Whether the user wants to hear of messages.
    pub watches_messages: bool,
    /// From which messages on.
    pub notification_level: NotificationLevel,
    /// The build classes whose end the user wants to hear of, sorted.
    pub build_classes: Vec<u64>,
}

/// From which messages on a user wants to hear of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum NotificationLevel {
    /// All of them: what every user begins with.
    #[default]
    Info,
    /// Warnings and errors.
    Warning,
    /// Errors only.
    Error,
}

impl NotificationLevel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "Info",
            Self::Warning => "Warning",
            Self::Error => "Error",
        }
    }
}

/// Of a persona (`seeds/004…`, `domain.md` §5).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Persona {
    /// For people.
    pub description: String,
    /// The object id of its home page; 0 where none is set.
    pub home: u32,
    /// Whether it came with the policy: then it cannot be changed.
    pub predefined: bool,
    /// The categories that it shows and the pages of each, by object id, both sorted by id.
    pub details: Vec<(u32, Vec<u32>)>,
}

/// Of a persona category.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Category {
    /// For people.
    pub description: String,
    /// The object ids of its pages, in the order in which they were added.
    pub pages: Vec<u32>,
}

/// Of a persona page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Page {
    /// For people.
    pub description: String,
    /// Where it is; empty where nobody said.
    pub url: String,
}

const ACCOUNT: u8 = 1;
const PERSONA: u8 = 2;
const CATEGORY: u8 = 3;
const PAGE: u8 = 4;
const DEFAULT_PERSONA: u8 = 5;

impl Particulars {
    /// The types of the objects that have them.
    pub(crate) fn object_types(&self) -> &'static [&'static str] {
        match self {
            Self::Account(_) => &["user", "group"],
            Self::Persona(_) => &["persona"],
            Self::Category(_) => &["personaCategory"],
            Self::Page(_) => &["personaPage"],
            Self::DefaultPersona(_) => &["systemObject"],
        }
    }

    /// Whether what is a set is sorted, and nothing in it stands twice: equal states have equal bytes.
    pub(crate) fn is_in_order(&self) -> bool {
        match self {
            Self::Account(account) => account.build_classes.is_sorted_by(|one, next| one < next),
            Self::Persona(persona) => {
                let pages = |(_, pages): &(u32, Vec<u32>)| pages.is_sorted_by(|one, next| one < next);
                persona.details.is_sorted_by(|(one, _), (next, _)| one < next) && persona.details.iter().all(pages)
            }
            Self::Category(_) | Self::Page(_) | Self::DefaultPersona(_) => true,
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Account(account) => {
                out.push(ACCOUNT);
                put_u64(out, account.permissions);
                out.push(u8::from(account.disabled));
                out.push(u8::from(account.watches_messages));
                out.push(account.notification_level as u8);
                put_u32(out, account.build_classes.len() as u32);
                account.build_classes.iter().for_each(|class| put_u64(out, *class));
            }
            Self::Persona(persona) => {
                out.push(PERSONA);
                put_text(out, &persona.description);
                put_u32(out, persona.home);
                out.push(u8::from(persona.predefined));
                put_u32(out, persona.details.len() as u32);
                for (category, pages) in &persona.details {
                    put_u32(out, *category);
                    put_ids(out, pages);
                }
            }
            Self::Category(category) => {
                out.push(CATEGORY);
                put_text(out, &category.description);
                put_ids(out, &category.pages);
            }
            Self::Page(page) => {
                out.push(PAGE);
                put_text(out, &page.description);
                put_text(out, &page.url);
            }
            Self::DefaultPersona(persona) => {
                out.push(DEFAULT_PERSONA);
                put_u32(out, *persona);
            }
        }
    }

    pub(crate) fn read(input: &mut Reader) -> Result<Self, Box<Refusal>> {
        Ok(match input.u8()? {
            ACCOUNT => Self::Account(read_account(input)?),
            PERSONA => Self::Persona(read_persona(input)?),
            CATEGORY => Self::Category(Category { description: input.text()?.to_owned(), pages: read_ids(input)? }),
            PAGE => Self::Page(Page { description: input.text()?.to_owned(), url: input.text()?.to_owned() }),
            DEFAULT_PERSONA => Self::DefaultPersona(input.u32()?),
            _ => return Err(input.damaged("has particulars of a kind that nobody knows")),
        })
    }
}

fn read_account(input: &mut Reader) -> Result<Account, Box<Refusal>> {
    let permissions = input.u64()?;
    let (disabled, watches_messages, level) = (input.flag()?, input.flag()?, input.u8()?);
    let level = NotificationLevel::ALL.into_iter().find(|known| *known as u8 == level);
    let notification_level = level.ok_or_else(|| input.damaged("has a notification level that nobody knows"))?;
    let mut build_classes = Vec::new();
    for _ in 0..input.count(8)? {
        build_classes.push(input.u64()?);
    }
    Ok(Account { permissions, disabled, watches_messages, notification_level, build_classes })
}

fn read_persona(input: &mut Reader) -> Result<Persona, Box<Refusal>> {
    let (description, home, predefined) = (input.text()?.to_owned(), input.u32()?, input.flag()?);
    let mut details = Vec::new();
    for _ in 0..input.count(8)? {
        details.push((input.u32()?, read_ids(input)?));
    }
    Ok(Persona { description, home, predefined, details })
}

fn put_ids(out: &mut Vec<u8>, ids: &[u32]) {
    put_u32(out, ids.len() as u32);
    ids.iter().for_each(|id| put_u32(out, *id));
}

fn read_ids(input: &mut Reader) -> Result<Vec<u32>, Box<Refusal>> {
    let count = input.count(4)?;
    (0..count).map(|_| input.u32()).collect()
}
