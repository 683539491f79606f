//! The binary form of records and keys, which the log and the snapshots share. What a row means is frozen for ever;
//! new kinds get new numbers.

use super::{Change, Key, PrincipalType, Record, Window};
use crate::bytes::{Reader, put_instant, put_text, put_u32, put_u64};
use crate::particulars::Particulars;
use crate::private::PrivateField;
use crate::refusal::Refusal;
use crate::sessions::{Session, Token};

/// What begins a record of each kind; a key begins with the same and [`DELETE`].
const POLICY: u8 = 1;
const OBJECT: u8 = 2;
const PRINCIPAL: u8 = 3;
const MEMBER: u8 = 4;
const ENTRY: u8 = 5;
const PARTICULARS: u8 = 6;
const PRIVATE: u8 = 7;
const TOKEN: u8 = 8;
const SESSION: u8 = 9;
const ASSIGNMENT: u8 = 10;
const DELETE: u8 = 0x80;

/// Adds a record.
pub(crate) fn put_record(out: &mut Vec<u8>, record: &Record) {
    match record {
        Record::Policy { id, schema } => {
            out.push(POLICY);
            out.extend_from_slice(id);
            put_text(out, schema);
        }
        Record::Object { id, kind, parent, name, inheriting } => {
            out.push(OBJECT);
            put_u32(out, *id);
            put_text(out, kind);
            put_u32(out, *parent);
            put_text(out, name);
            out.push(u8::from(*inheriting));
        }
        Record::Principal { id, kind, name } => {
            out.push(PRINCIPAL);
            put_u32(out, *id);
            out.push(*kind as u8);
            put_text(out, name);
        }
        Record::Member { group, member } => {
            out.push(MEMBER);
            put_u32(out, *group);
            put_u32(out, *member);
        }
        Record::Entry { object, principal, qualifier, id, allow, deny, window } => {
            out.push(ENTRY);
            put_u32(out, *object);
            put_u32(out, *principal);
            put_text(out, qualifier);
            [*id, *allow, *deny].into_iter().for_each(|number| put_u32(out, number));
            put_instant(out, window.not_before);
            put_instant(out, window.not_after);
        }
        Record::Particulars { object, particulars } => {
            out.push(PARTICULARS);
            put_u32(out, *object);
            particulars.write(out);
        }
        Record::Private { owner, field, digest } => {
            out.push(PRIVATE);
            put_u32(out, *owner);
            out.push(*field as u8);
            out.extend_from_slice(digest);
        }
        Record::Token(token) => {
            out.push(TOKEN);
            token.write(out);
        }
        Record::Session(session) => {
            out.push(SESSION);
            session.write(out);
        }
        Record::Assignment { persona, principal, at_ms } => {
            out.push(ASSIGNMENT);
            put_u32(out, *principal);
            put_u32(out, *persona);
            put_u64(out, at_ms.cast_unsigned());
        }
    }
}

/// Adds the deletion of what stands under a key.
pub(super) fn put_key(out: &mut Vec<u8>, key: &Key) {
    match key {
        Key::Policy => out.push(DELETE | POLICY),
        Key::Object(id) => put_ids(out, OBJECT, *id, None),
        Key::Principal(id) => put_ids(out, PRINCIPAL, *id, None),
        Key::Member { group, member } => put_ids(out, MEMBER, *group, Some(*member)),
        Key::Entry { object, principal, qualifier } => {
            put_ids(out, ENTRY, *object, Some(*principal));
            put_text(out, qualifier);
        }
        Key::Particulars(object) => put_ids(out, PARTICULARS, *object, None),
        Key::Private { owner, field } => {
            put_ids(out, PRIVATE, *owner, None);
            out.push(*field as u8);
        }
        Key::Token { user, id } => put_ids(out, TOKEN, *user, Some(*id)),
        Key::Session { principal, id } => put_ids(out, SESSION, *principal, Some(*id)),
        Key::Assignment { principal, persona } => put_ids(out, ASSIGNMENT, *principal, Some(*persona)),
    }
}

fn put_ids(out: &mut Vec<u8>, kind: u8, first: u32, second: Option<u32>) {
    out.push(DELETE | kind);
    put_u32(out, first);
    if let Some(second) = second {
        put_u32(out, second);
    }
}

/// Reads a record that is put, or a key whose record is deleted.
pub(crate) fn read_change(input: &mut Reader) -> Result<Change, Box<Refusal>> {
    let tag = input.u8()?;
    if tag & DELETE != 0 {
        return read_key(input, tag & !DELETE).map(Change::Delete);
    }
    let record = match tag {
        POLICY => Record::Policy { id: input.take()?, schema: input.text()?.to_owned() },
        OBJECT => Record::Object {
            id: input.u32()?,
            kind: input.text()?.to_owned(),
            parent: input.u32()?,
            name: input.text()?.to_owned(),
            inheriting: input.flag()?,
        },
        PRINCIPAL => Record::Principal { id: input.u32()?, kind: read_kind(input)?, name: input.text()?.to_owned() },
        MEMBER => Record::Member { group: input.u32()?, member: input.u32()? },
        ENTRY => Record::Entry {
            object: input.u32()?,
            principal: input.u32()?,
            qualifier: input.text()?.to_owned(),
            id: input.u32()?,
            allow: input.u32()?,
            deny: input.u32()?,
            window: Window { not_before: input.instant()?, not_after: input.instant()? },
        },
        PARTICULARS => Record::Particulars { object: input.u32()?, particulars: Particulars::read(input)? },
        PRIVATE => Record::Private { owner: input.u32()?, field: PrivateField::read(input)?, digest: input.take()? },
        TOKEN => Record::Token(Token::read(input)?),
        SESSION => Record::Session(Session::read(input)?),
        ASSIGNMENT => {
            let (principal, persona) = (input.u32()?, input.u32()?);
            Record::Assignment { persona, principal, at_ms: input.u64()?.cast_signed() }
        }
        _ => return Err(input.damaged("has a change of a kind that nobody knows")),
    };
    Ok(Change::Put(record))
}

fn read_kind(input: &mut Reader) -> Result<PrincipalType, Box<Refusal>> {
    let number = input.u8()?;
    let kind = PrincipalType::ALL.into_iter().find(|kind| *kind as u8 == number);
    kind.ok_or_else(|| input.damaged("has a principal of a kind that nobody knows"))
}

fn read_key(input: &mut Reader, tag: u8) -> Result<Key, Box<Refusal>> {
    Ok(match tag {
        POLICY => Key::Policy,
        OBJECT => Key::Object(input.u32()?),
        PRINCIPAL => Key::Principal(input.u32()?),
        MEMBER => Key::Member { group: input.u32()?, member: input.u32()? },
        ENTRY => {
            let (object, principal) = (input.u32()?, input.u32()?);
            Key::Entry { object, principal, qualifier: input.text()?.to_owned() }
        }
        PARTICULARS => Key::Particulars(input.u32()?),
        PRIVATE => Key::Private { owner: input.u32()?, field: PrivateField::read(input)? },
        TOKEN => Key::Token { user: input.u32()?, id: input.u32()? },
        SESSION => Key::Session { principal: input.u32()?, id: input.u32()? },
        ASSIGNMENT => Key::Assignment { principal: input.u32()?, persona: input.u32()? },
        _ => return Err(input.damaged("has a change of a kind that nobody knows")),
    })
}
