//! Snapshots: the whole state in bytes, loaded without parsing text.
//!
//! After a mark, a version and a check sum come the head, the schema, and then tables of fixed width, each in the
//! order of the ids; names stand once, in the order of their first use. So equal states give equal bytes, whatever
//! their history. All numbers are little-endian.

use crate::acl::Entry;
use crate::bytes::{Reader, put_instant, put_text, put_u32, put_u64};
use crate::change::{Change, PrincipalType, Window, put_record, read_change};
use crate::names::NameId;
use crate::objects::Objects;
use crate::order;
use crate::refusal::Refusal;
use crate::schema::{Schema, TypeId};
use crate::sealed::Seal;
use crate::state::{Counters, State};

const SEAL: Seal = Seal { mark: b"PCLSNAP", version: 1, what: "the snapshot" };
const BROKEN: u16 = 1;

impl State {
    /// The whole state in bytes.
    ///
    /// ```
    /// # use portcullis_engine::State;
    /// let state = State::new()?;
    /// let bytes = state.snapshot();
    /// assert_eq!(State::restore(&bytes)?.snapshot(), bytes);
    /// assert!(State::restore(&bytes[1..]).is_err());
    /// # Ok::<(), Box<portcullis_engine::Refusal>>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.objects.len() * 24 + 4096);
        SEAL.begin(&mut out);
        self.write_head(&mut out);
        self.write_objects(&mut out);
        self.write_principals(&mut out);
        self.write_entries(&mut out);
        self.write_shelf(&mut out);
        SEAL.close(&mut out);
        out
    }

    fn write_head(&self, out: &mut Vec<u8>) {
        put_u64(out, self.revision);
        put_u64(out, self.at_ms.cast_unsigned());
        put_u64(out, self.structure);
        for next in [self.next.object, self.next.principal, self.next.entry, self.next.credential] {
            put_u32(out, next);
        }
        out.extend_from_slice(&self.policy);
        put_text(out, self.schema.json());
    }

    fn write_objects(&self, out: &mut Vec<u8>) {
        // Numbers the names by first use, through a table as long as the places that names may have.
        let mut numbers: Vec<u32> = vec![u32::MAX; self.objects.name_places()];
        let mut names: Vec<NameId> = Vec::new();
        let mut rows = Vec::with_capacity(self.objects.len() * 16);
        for (id, object) in self.objects.iter() {
            let name = self.objects.name_id(id);
            let Some(number) = numbers.get_mut(name.0 as usize) else { continue };
            if *number == u32::MAX {
                *number = names.len() as u32;
                names.push(name);
            }
            put_u32(&mut rows, id);
            put_u32(&mut rows, object.parent());
            put_u32(&mut rows, *number);
            rows.extend_from_slice(&object.kind().0.to_le_bytes());
            let flags = if self.acls.inheriting(&self.objects, id) { 0 } else { BROKEN };
            rows.extend_from_slice(&flags.to_le_bytes());
        }
        put_u32(out, names.len() as u32);
        for &name in &names {
            put_text(out, self.objects.name_text(name));
        }
        put_u32(out, self.objects.len() as u32);
        out.append(&mut rows);
    }

    fn write_principals(&self, out: &mut Vec<u8>) {
        put_u32(out, self.principals.len() as u32);
        for (id, principal) in self.principals.iter() {
            put_u32(out, id);
            put_u32(out, principal.kind as u32);
            put_text(out, self.principals.name(id));
        }
        put_u32(out, self.principals.iter().map(|(_, group)| group.members.len() as u32).sum());
        for (id, group) in self.principals.iter() {
            for &member in &group.members {
                put_u32(out, id);
                put_u32(out, member);
            }
        }
    }

    fn write_entries(&self, out: &mut Vec<u8>) {
        let lists = order::by_number(self.acls.iter().collect(), |acl| acl.object);
        put_u32(out, lists.iter().map(|acl| acl.entries.len() as u32).sum());
        for (acl, entry) in lists.iter().flat_map(|acl| acl.entries.iter().map(move |entry| (acl, entry))) {
            for number in [acl.object, entry.principal, entry.id, entry.allow, entry.deny] {
                put_u32(out, number);
            }
        }
        let windows = lists.iter().flat_map(|acl| acl.windows.iter().flat_map(|windows| windows.iter().copied()));
        let windows = order::by_number(windows.collect(), |(entry, _)| *entry);
        put_u32(out, windows.len() as u32);
        for (entry, window) in windows {
            put_u32(out, entry);
            put_instant(out, window.not_before);
            put_instant(out, window.not_after);
        }
    }

    /// The shelf, in the form that change sets have. Private values are not in it, only their digests.
    fn write_shelf(&self, out: &mut Vec<u8>) {
        put_u32(out, self.shelf.len() as u32);
        self.shelf.iter().for_each(|record| put_record(out, record));
    }

    fn read_shelf(&mut self, input: &mut Reader) -> Result<(), Box<Refusal>> {
        let next = self.next;
        let mut last = None;
        for _ in 0..input.count(1)? {
            let Change::Put(record) = read_change(input)? else { return Err(damaged("deletes a record")) };
            if last.as_ref().is_some_and(|last| *last >= record.key()) {
                return Err(damaged("has records out of order"));
            }
            last = Some(record.key());
            self.put_on_shelf(&record)?;
        }
        if self.next == next { Ok(()) } else { Err(damaged("has a session or token that does not fit")) }
    }

    /// Reads a snapshot.
    ///
    /// # Errors
    ///
    /// `Damaged` where the bytes are no snapshot, of a newer version, cut short, altered, or do not fit together.
    pub fn restore(bytes: &[u8]) -> Result<Self, Box<Refusal>> {
        let mut input = SEAL.open(bytes)?;
        let mut state = Self::new()?;
        state.read_head(&mut input)?;
        state.read_objects(&mut input)?;
        state.read_principals(&mut input)?;
        state.read_entries(&mut input)?;
        state.read_shelf(&mut input)?;
        input.end()?;
        Ok(state)
    }

    fn read_head(&mut self, input: &mut Reader) -> Result<(), Box<Refusal>> {
        self.revision = input.u64()?;
        self.at_ms = input.u64()?.cast_signed();
        self.structure = input.u64()?;
        self.next =
            Counters { object: input.u32()?, principal: input.u32()?, entry: input.u32()?, credential: input.u32()? };
        self.policy = input.take()?;
        self.schema = std::sync::Arc::new(Schema::parse(input.text()?)?);
        self.principals.set_everyone(self.schema.everyone());
        Ok(())
    }

    fn read_objects(&mut self, input: &mut Reader) -> Result<(), Box<Refusal>> {
        let name_count = input.count(4)?;
        let mut texts = Vec::with_capacity(name_count);
        for _ in 0..name_count {
            texts.push(input.text()?);
        }
        let count = input.count(16)?;
        self.objects = Objects::with_capacity(count, &texts)?;
        self.objects.renumber(crate::state::index_seed(self.policy), &self.schema, Some);
        let rows = input.bytes(count * 16)?;
        let kinds = self.schema.types().count();
        let mut last = 0;
        for row in rows.chunks_exact(16) {
            let mut row = Reader::new(row, "the snapshot");
            let (id, parent, name, kind) = (row.u32()?, row.u32()?, row.u32()?, row.u16()?);
            if id <= last || id >= self.next.object || usize::from(kind) >= kinds || name as usize >= name_count {
                return Err(damaged("has an object that does not fit"));
            }
            last = id;
            self.objects.place(id, TypeId(kind), parent, NameId(name));
        }
        self.objects.join(&self.schema)?;
        self.objects.release_names(name_count);
        for row in rows.chunks_exact(16).filter(|row| row.get(14..) == Some(&BROKEN.to_le_bytes())) {
            let id = Reader::new(row, "the snapshot").u32()?;
            self.acls.set_inheriting(&mut self.objects, id, false);
        }
        Ok(())
    }

    fn read_principals(&mut self, input: &mut Reader) -> Result<(), Box<Refusal>> {
        for _ in 0..input.count(12)? {
            let (id, kind, name) = (input.u32()?, input.u32()?, input.text()?);
            let kind = PrincipalType::ALL.into_iter().find(|known| *known as u32 == kind);
            let kind = kind.filter(|_| id > 0 && id < self.next.principal);
            let kind = kind.ok_or_else(|| damaged("has a principal that does not fit"))?;
            let registered = self.principal_object(kind, name).is_some();
            self.principals.put(id, kind, name, registered)?;
        }
        for _ in 0..input.count(8)? {
            self.principals.put_member(input.u32()?, input.u32()?)?;
        }
        Ok(())
    }

    fn read_entries(&mut self, input: &mut Reader) -> Result<(), Box<Refusal>> {
        let entries = input.count(20)?;
        let rows = input.bytes(entries * 20)?;
        let mut windows: Vec<(u32, Window)> = Vec::new();
        for _ in 0..input.count(28)? {
            let entry = input.u32()?;
            let (not_before, not_after) = (input.instant()?, input.instant()?);
            if windows.last().is_some_and(|(last, _)| *last >= entry) {
                return Err(input.damaged("has windows out of order"));
            }
            windows.push((entry, Window { not_before, not_after }));
        }
        for row in rows.chunks_exact(20) {
            let mut row = Reader::new(row, "the snapshot");
            let (object, principal, id, allow, deny) = (row.u32()?, row.u32()?, row.u32()?, row.u32()?, row.u32()?);
            if id >= self.next.entry {
                return Err(damaged("has an entry that does not fit"));
            }
            let window =
                windows.binary_search_by_key(&id, |(entry, _)| *entry).ok().and_then(|place| windows.get(place));
            let window = window.map(|(_, window)| *window).unwrap_or_default();
            self.put_entry(object, Entry { principal, id, allow, deny }, window, "")?;
        }
        Ok(())
    }
}

fn damaged(what: &str) -> Box<Refusal> {
    Refusal::told(Refusal::Damaged, format_args!("the snapshot {what}"))
}
