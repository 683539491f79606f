//! The shelf: records that no check walks, kept whole under their keys and in the order of these, so that all that
//! belongs to one principal or object lies together.

use crate::change::{Key, Record};
use crate::particulars::{Account, Category, Page, Particulars, Persona};
use crate::schema::PERSONAS;
use crate::sessions::{Session, Token};
use crate::state::State;
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct Shelf(BTreeMap<Key, Record>);

impl Shelf {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Record> {
        self.0.get(key)
    }

    /// Every record, in the order of the keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Record> {
        self.0.values()
    }

    pub(crate) fn put(&mut self, record: Record) {
        self.0.insert(record.key(), record);
    }

    pub(crate) fn remove(&mut self, key: &Key) {
        self.0.remove(key);
    }

    /// Every token, and then every session.
    pub(crate) fn credentials(&self) -> impl Iterator<Item = &Record> {
        self.between(Key::Token { user: 0, id: 0 }, Key::Session { principal: u32::MAX, id: u32::MAX })
    }

    /// Every assignment of a persona.
    pub(crate) fn assignments(&self) -> impl Iterator<Item = &Record> {
        let last = Key::Assignment { principal: u32::MAX, persona: u32::MAX };
        self.between(Key::Assignment { principal: 0, persona: 0 }, last)
    }

    /// Every object's particulars, in the order of the objects' ids.
    pub(crate) fn particulars(&self) -> impl Iterator<Item = &Record> {
        self.between(Key::Particulars(0), Key::Particulars(u32::MAX))
    }

    fn between(&self, first: Key, last: Key) -> impl Iterator<Item = &Record> {
        self.0.range(first..=last).map(|(_, record)| record)
    }
}

impl State {
    pub(crate) fn particulars(&self, object: u32) -> Option<&Particulars> {
        match self.shelf.get(&Key::Particulars(object))? {
            Record::Particulars { particulars, .. } => Some(particulars),
            _ => None,
        }
    }

    /// The account of a user or a group, as it began where nothing has changed it.
    pub(crate) fn account(&self, object: u32) -> Account {
        match self.particulars(object) {
            Some(Particulars::Account(account)) => account.clone(),
            _ => Account::default(),
        }
    }

    /// The particulars of a persona.
    pub(crate) fn persona(&self, object: u32) -> Persona {
        match self.particulars(object) {
            Some(Particulars::Persona(persona)) => persona.clone(),
            _ => Persona::default(),
        }
    }

    /// The particulars of a persona category.
    pub(crate) fn category(&self, object: u32) -> Category {
        match self.particulars(object) {
            Some(Particulars::Category(category)) => category.clone(),
            _ => Category::default(),
        }
    }

    /// The particulars of a persona page.
    pub(crate) fn page(&self, object: u32) -> Page {
        match self.particulars(object) {
            Some(Particulars::Page(page)) => page.clone(),
            _ => Page::default(),
        }
    }

    /// The persona of those to whom none is assigned. A policy with a schema of the user's own begins without one.
    pub(crate) fn default_persona(&self) -> Option<u32> {
        match self.particulars(self.objects.system_object(PERSONAS)?)? {
            Particulars::DefaultPersona(persona) => Some(*persona),
            _ => None,
        }
    }

    /// The personas that show a category, or the categories that hold a page, in the order of their ids.
    pub(crate) fn holders_of(&self, wanted: u32) -> Vec<u32> {
        let holders = self.shelf.particulars().filter_map(|record| match record {
            Record::Particulars { object, particulars: Particulars::Persona(persona) } => {
                persona.details.iter().any(|(category, _)| *category == wanted).then_some(*object)
            }
            Record::Particulars { object, particulars: Particulars::Category(category) } => {
                category.pages.contains(&wanted).then_some(*object)
            }
            _ => None,
        });
        holders.collect()
    }

    /// The principals that a persona is assigned to, in the order of their ids.
    pub(crate) fn assigned_to(&self, wanted: u32) -> Vec<u32> {
        let assigned = self.shelf.assignments().filter_map(|record| match record {
            Record::Assignment { persona, principal, .. } if *persona == wanted => Some(*principal),
            _ => None,
        });
        assigned.collect()
    }

    /// The tokens of a user, in the order of their ids.
    pub(crate) fn tokens_of(&self, user: u32) -> impl Iterator<Item = &Token> {
        let records = self.shelf.between(Key::Token { user, id: 0 }, Key::Token { user, id: u32::MAX });
        records.filter_map(|record| match record {
            Record::Token(token) => Some(token),
            _ => None,
        })
    }

    /// The sessions of a user or a service account, ended or not, in the order of their ids.
    pub(crate) fn sessions_of(&self, principal: u32) -> impl Iterator<Item = &Session> {
        let (first, last) = (Key::Session { principal, id: 0 }, Key::Session { principal, id: u32::MAX });
        self.shelf.between(first, last).filter_map(|record| match record {
            Record::Session(session) => Some(session),
            _ => None,
        })
    }

    /// The personas that are assigned to a principal itself, with the instant of each, in the order of their ids.
    pub(crate) fn assignments_of(&self, principal: u32) -> impl Iterator<Item = (u32, i64)> {
        let (first, last) =
            (Key::Assignment { principal, persona: 0 }, Key::Assignment { principal, persona: u32::MAX });
        self.shelf.between(first, last).filter_map(|record| match record {
            Record::Assignment { persona, at_ms, .. } => Some((*persona, *at_ms)),
            _ => None,
        })
    }
}
