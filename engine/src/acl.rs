//! Access control lists: entries, broken inheritance, and the links between the lists of a tree.

use crate::change::Window;
use crate::objects::{NONE, Objects};
use crate::summary::{Marks, Said, Stale, Summary};
use smallvec::SmallVec;
use std::sync::atomic::{AtomicU64, Ordering};

/// One line of a list: whom, what is allowed, what is denied. `allow` and `deny` share no bit; what is in neither is
/// inherited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub(crate) principal: u32,
    pub(crate) id: u32,
    pub(crate) allow: u32,
    pub(crate) deny: u32,
}

/// The list of one object that has entries or whose inheritance is broken; one cache line with its first entries.
#[repr(align(64))]
pub(crate) struct Acl {
    pub(crate) object: u32,
    pub(crate) inheriting: bool,
    /// The next list up the tree, good while the epoch in the upper half is the current one.
    above: AtomicU64,
    /// Sorted by principal.
    pub(crate) entries: SmallVec<[Entry; 2]>,
    /// The windows of the entries that are dated, sorted by entry id; nearly always none.
    #[expect(clippy::box_collection, reason = "one word, so that the list keeps to one cache line")]
    pub(crate) windows: Option<Box<Vec<(u32, Window)>>>,
}

impl Acl {
    pub(crate) fn new(object: u32) -> Self {
        Self { object, inheriting: true, above: AtomicU64::new(0), entries: SmallVec::new(), windows: None }
    }

    /// When the entry holds.
    pub(crate) fn window(&self, entry: u32) -> Window {
        let windows = self.windows.as_ref().map(|windows| windows.as_slice()).unwrap_or_default();
        let place = windows.binary_search_by_key(&entry, |(id, _)| *id).ok();
        place.and_then(|place| windows.get(place)).map(|(_, window)| *window).unwrap_or_default()
    }

    fn set_window(&mut self, entry: u32, window: Window) {
        let mut windows = self.windows.take().unwrap_or_default();
        let known = windows.binary_search_by_key(&entry, |(id, _)| *id);
        if let Ok(place) = known {
            windows.remove(place);
        }
        if !window.is_always() {
            windows.insert(known.unwrap_or_else(|place| place), (entry, window));
        }
        self.windows = Some(windows).filter(|windows| !windows.is_empty());
    }

    pub(crate) fn find(&self, principal: u32) -> Option<&Entry> {
        let place = self.entries.binary_search_by_key(&principal, |entry| entry.principal).ok()?;
        self.entries.get(place)
    }
}

/// Every list, at places that objects link to.
#[derive(Default)]
pub(crate) struct Acls {
    lists: Vec<Option<Acl>>,
    /// Of the list at each place.
    summaries: Vec<Summary>,
    /// Counts the changes that make summaries wrong, which is every change of a list. They are made afresh when they
    /// are next needed.
    said: u32,
    free: Vec<u32>,
    /// Counts the changes that make links wrong: an object's getting or losing a list, and a move. Links of an
    /// earlier epoch are looked up afresh when they are next needed.
    epoch: u32,
    /// How many lists have entries that are dated.
    dated: usize,
}

impl Acls {
    #[inline(always)]
    pub(crate) fn at(&self, place: u32) -> Option<&Acl> {
        self.lists.get(place as usize)?.as_ref()
    }

    /// How many places there are, free ones included.
    pub(crate) fn places(&self) -> usize {
        self.lists.len()
    }

    /// Every list, in no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Acl> {
        self.lists.iter().flatten()
    }

    /// Whether any entry is dated.
    pub(crate) fn is_dated(&self) -> bool {
        self.dated > 0
    }

    /// The object's own list.
    pub(crate) fn of(&self, objects: &Objects, object: u32) -> Option<&Acl> {
        self.at(objects.get(object)?.own_acl()?)
    }

    pub(crate) fn inheriting(&self, objects: &Objects, object: u32) -> bool {
        self.of(objects, object).is_none_or(|acl| acl.inheriting)
    }

    pub(crate) fn find(&self, objects: &Objects, object: u32, principal: u32) -> Option<(&Acl, &Entry)> {
        let acl = self.of(objects, object)?;
        acl.find(principal).map(|entry| (acl, entry))
    }

    pub(crate) fn entry(&self, objects: &Objects, object: u32, principal: u32) -> Option<&Entry> {
        self.find(objects, object, principal).map(|(_, entry)| entry)
    }

    /// The place of the nearest list at or above the object; [`NONE`] where there is none up to the root.
    #[inline(always)]
    pub(crate) fn nearest(&self, objects: &Objects, object: u32) -> u32 {
        if let Some(known) = objects.find(object)
            && let Some(place) = known.linked_acl(self.epoch())
        {
            return place;
        }
        self.repair(objects, object)
    }

    /// The place of the next list above.
    #[inline(always)]
    pub(crate) fn above(&self, objects: &Objects, acl: &Acl) -> u32 {
        let link = acl.above.load(Ordering::Relaxed);
        if (link >> 32) as u32 == self.epoch() { link as u32 } else { self.link_above(objects, acl) }
    }

    #[cold]
    fn link_above(&self, objects: &Objects, acl: &Acl) -> u32 {
        let parent = objects.get(acl.object).map_or(0, |object| object.parent());
        let place = self.nearest(objects, parent);
        acl.above.store(u64::from(self.epoch()) << 32 | u64::from(place), Ordering::Relaxed);
        place
    }

    /// What Everyone's entries at the list and above allow, if no entry there is about anybody else of the marked.
    #[inline(always)]
    pub(crate) fn silent_about(&self, objects: &Objects, place: u32, marks: &Marks) -> Option<u32> {
        match self.summaries.get(place as usize)?.silent_about(marks, self.said + 1) {
            Ok(everyone) => everyone,
            Err(Stale) => self.summarise(objects, place, marks),
        }
    }

    /// The same where the summary is out of date: makes it, and those above that it needs.
    #[cold]
    #[inline(never)]
    fn summarise(&self, objects: &Objects, place: u32, marks: &Marks) -> Option<u32> {
        let now = self.said + 1;
        let mut stale = Vec::new();
        let (mut at, mut said) = (place, Said::default());
        while let (Some(acl), Some(summary)) = (self.at(at), self.summaries.get(at as usize)) {
            if let Some(known) = summary.read(now) {
                said = known;
                break;
            }
            stale.push((acl, summary));
            at = if acl.inheriting { self.above(objects, acl) } else { NONE };
        }
        for (acl, summary) in stale.into_iter().rev() {
            said = said.and(acl);
            summary.write(said, now);
        }
        said.is_silent_about(marks).then_some(said.everyone)
    }

    /// Makes every summary be made afresh.
    fn forget_summaries(&mut self) {
        self.said += 1;
        if self.said == u32::MAX {
            self.said = 0;
            self.summaries.iter_mut().for_each(Summary::clear);
        }
    }

    /// Links that were never set carry epoch 0, so the current one is never 0.
    #[inline(always)]
    fn epoch(&self) -> u32 {
        self.epoch + 1
    }

    /// Walks up to the nearest list or good link, and links every object on the way.
    #[cold]
    fn repair(&self, objects: &Objects, object: u32) -> u32 {
        let linked = |&id: &u32| objects.get(id).and_then(|known| known.linked_acl(self.epoch()));
        let place = objects.ancestry(object).find_map(|id| linked(&id)).unwrap_or(NONE);
        for id in objects.ancestry(object).take_while(|id| linked(id).is_none()) {
            if let Some(known) = objects.get(id) {
                known.link_acl(self.epoch(), place);
            }
        }
        place
    }

    /// Makes every link be looked up afresh.
    pub(crate) fn forget_links(&mut self, objects: &mut Objects) {
        self.forget_summaries();
        self.epoch += 1;
        if self.epoch == u32::MAX {
            // The count begins anew, so links of long ago must not look good again.
            self.epoch = 0;
            objects.clear_links();
            self.lists.iter_mut().flatten().for_each(|acl| *acl.above.get_mut() = 0);
        }
    }

    pub(crate) fn set_inheriting(&mut self, objects: &mut Objects, object: u32, inheriting: bool) {
        if inheriting == self.inheriting(objects, object) {
            return;
        }
        if let Some(acl) = self.own(objects, object) {
            acl.inheriting = inheriting;
        }
        self.forget_summaries();
        self.drop_if_plain(objects, object);
    }

    /// Puts an entry in the place of the principal's; whether it is a new one.
    pub(crate) fn put_entry(&mut self, objects: &mut Objects, object: u32, entry: Entry, window: Window) -> bool {
        let Some(acl) = self.own(objects, object) else { return false };
        let was_dated = acl.windows.is_some();
        let place = acl.entries.binary_search_by_key(&entry.principal, |known| known.principal);
        match place {
            Ok(place) => {
                let old = acl.entries.get_mut(place).map(|known| std::mem::replace(known, entry));
                acl.set_window(old.map_or(entry.id, |old| old.id), Window::default());
            }
            Err(place) => acl.entries.insert(place, entry),
        }
        acl.set_window(entry.id, window);
        let is_dated = acl.windows.is_some();
        self.note_entries(was_dated, is_dated);
        place.is_err()
    }

    pub(crate) fn delete_entry(&mut self, objects: &mut Objects, object: u32, principal: u32) {
        let Some(acl) = self.own(objects, object) else { return };
        let was_dated = acl.windows.is_some();
        if let Ok(place) = acl.entries.binary_search_by_key(&principal, |entry| entry.principal) {
            let entry = acl.entries.remove(place);
            acl.set_window(entry.id, Window::default());
        }
        let is_dated = acl.windows.is_some();
        self.note_entries(was_dated, is_dated);
        self.drop_if_plain(objects, object);
    }

    /// Keeps the count and the summaries right after one list's entries have changed.
    fn note_entries(&mut self, was_dated: bool, is_dated: bool) {
        self.dated = self.dated + usize::from(is_dated) - usize::from(was_dated);
        self.forget_summaries();
    }

    /// The object's own list, made where it has none.
    fn own(&mut self, objects: &mut Objects, object: u32) -> Option<&mut Acl> {
        let place = match objects.get(object)?.own_acl() {
            Some(place) => place,
            None => self.begin(objects, object),
        };
        self.lists.get_mut(place as usize)?.as_mut()
    }

    fn begin(&mut self, objects: &mut Objects, object: u32) -> u32 {
        let place = self.free.pop().unwrap_or(self.lists.len() as u32);
        match self.lists.get_mut(place as usize) {
            Some(list) => *list = Some(Acl::new(object)),
            None => {
                self.lists.push(Some(Acl::new(object)));
                self.summaries.push(Summary::default());
            }
        }
        objects.set_own_acl(object, Some(place));
        self.forget_links(objects);
        place
    }

    /// An inheriting list without entries is as no list.
    fn drop_if_plain(&mut self, objects: &mut Objects, object: u32) {
        let plain = self.of(objects, object).is_some_and(|acl| acl.inheriting && acl.entries.is_empty());
        let Some(place) = objects.get(object).and_then(|known| known.own_acl()).filter(|_| plain) else { return };
        if let Some(list) = self.lists.get_mut(place as usize) {
            *list = None;
        }
        self.free.push(place);
        objects.set_own_acl(object, None);
        self.forget_links(objects);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::objects::ROOT;
    use crate::state::State;

    /// Proposes commands, which does and undoes them, and applies what they change.
    fn run(state: &mut State, commands: &str) {
        let seed = "0".repeat(32);
        let request =
            format!(r#"{{"request":"propose","caller":"user:admin","now":0,"seed":"{seed}","commands":[{commands}]}}"#);
        let changes = state.call(request.as_bytes()).changes;
        assert_count(state);
        changes.iter().for_each(|set| state.apply(set).unwrap());
        assert_count(state);
    }

    fn assert_count(state: &State) {
        assert_eq!(state.acls.dated, state.acls.iter().filter(|acl| acl.windows.is_some()).count());
        assert_eq!(state.is_dated(), state.acls.dated != 0);
    }

    fn entry(command: &str, number: u32, more: &str) -> String {
        let (user, project) = (number % 3, number / 3 % 4);
        let arguments = r#""principalType":"user","principalName""#;
        format!(r#"{{"command":"{command}","arguments":{{{arguments}:"u{user}","projectName":"p{project}"{more}}}}}"#)
    }

    #[test]
    fn the_lists_that_are_dated_are_counted_through_changes_undone_ones_and_restoring() {
        let mut state = State::new().unwrap();
        run(&mut state, r#"{"command":"createPolicy"}"#);
        for project in 0..4 {
            let command = format!(r#"{{"command":"createObject","arguments":{{"projectName":"p{project}"}}}}"#);
            run(&mut state, &command);
        }
        let (mut random, mut most) = (7_u32, 0);
        for _ in 0..600 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (which, number) = (random >> 28, random >> 8);
            let dated = r#","readPrivilege":"allow","notAfter":"2030-01-01T00:00:00Z""#;
            let (command, more) = match which % 5 {
                0 => ("createAclEntry", dated),
                1 => ("createAclEntry", ""),
                2 => ("modifyAclEntry", dated),
                3 => ("modifyAclEntry", r#","notAfter":"""#),
                _ => ("deleteAclEntry", ""),
            };
            run(&mut state, &entry(command, number, more));
            most = most.max(state.acls.dated);
        }
        assert!(most > 2, "at most {most} lists were dated at once");
        let restored = State::restore(&state.snapshot()).unwrap();
        assert_eq!(restored.acls.dated, state.acls.dated);
    }

    const FOLDERS: &str = r#"{"name":"small","privileges":["view"],
        "roles":{"read":"view","modify":"view","changePermissions":"view"},
        "types":[{"name":"folder","parents":["folder"],"systemObject":"server"}]}"#;

    /// A list on the root, one on `/folders/a/folders/b/folders/c`, and the ids of `a`, `b` and `c`. The count of
    /// epochs has just begun.
    fn policy_of_folders() -> (State, [u32; 3]) {
        let mut state = State::new().unwrap();
        run(&mut state, &format!(r#"{{"command":"createPolicy","arguments":{{"schema":{FOLDERS}}}}}"#));
        let folders = ["/folders/a", "/folders/a/folders/b", "/folders/a/folders/b/folders/c"].map(|path| {
            run(&mut state, &format!(r#"{{"command":"createObject","arguments":{{"path":"{path}"}}}}"#));
            state.find_path(path).unwrap().0
        });
        let State { acls, objects, .. } = &mut state;
        let [.., below] = folders;
        [ROOT, below].into_iter().for_each(|object| acls.set_inheriting(objects, object, false));
        acls.epoch = u32::MAX - 1;
        acls.forget_links(objects);
        (state, folders)
    }

    #[test]
    fn a_link_is_kept_and_followed_until_something_changes() {
        let (mut state, [_, middle, below]) = policy_of_folders();
        let State { acls, objects, .. } = &mut state;
        let (list, above) = (acls.of(objects, below).unwrap(), acls.nearest(objects, ROOT));
        assert_eq!(acls.above(objects, list), above);
        assert_eq!(list.above.load(Ordering::Relaxed), 1 << 32 | u64::from(above));
        assert_eq!(acls.nearest(objects, middle), above);
        assert_eq!(objects.get(middle).unwrap().linked_acl(1), Some(above));
        assert_eq!(objects.get(middle).unwrap().linked_acl(2), None);
        list.above.store(1 << 32 | 77, Ordering::Relaxed);
        assert_eq!(acls.above(objects, list), 77, "as it is kept");
        acls.forget_links(objects);
        assert_eq!(acls.above(objects, acls.of(objects, below).unwrap()), above, "as it is");
    }

    #[test]
    fn an_inheriting_list_without_entries_makes_room_for_another() {
        let (mut state, [_, middle, below]) = policy_of_folders();
        let State { acls, objects, .. } = &mut state;
        let place = objects.get(below).unwrap().own_acl();
        assert_eq!((place, acls.places()), (Some(1), 2));
        acls.set_inheriting(objects, below, true);
        assert!(acls.of(objects, below).is_none());
        acls.set_inheriting(objects, middle, false);
        assert_eq!((objects.get(middle).unwrap().own_acl(), acls.places()), (place, 2));
    }

    #[test]
    fn when_the_count_of_epochs_begins_anew_no_link_of_long_ago_is_good() {
        let (mut state, [above, middle, below]) = policy_of_folders();
        let State { acls, objects, .. } = &mut state;
        let nearest = |acls: &Acls, objects: &Objects| {
            let lists = [acls.nearest(objects, middle), acls.above(objects, acls.of(objects, below).unwrap())];
            lists.map(|place| acls.at(place).unwrap().object)
        };
        assert_eq!(nearest(acls, objects), [ROOT; 2]);
        acls.epoch = u32::MAX - 1;
        acls.set_inheriting(objects, above, false);
        assert_eq!((nearest(acls, objects), acls.epoch), ([above; 2], 0));
    }

    #[test]
    fn when_the_count_of_summaries_begins_anew_none_of_long_ago_is_good() {
        let (mut state, [_, _, below]) = policy_of_folders();
        let State { acls, objects, .. } = &mut state;
        let place = acls.nearest(objects, below);
        let ask = |acls: &Acls, objects: &Objects| acls.silent_about(objects, place, &Marks::asking(&[7]));
        acls.said = 0;
        assert_eq!(ask(acls, objects), Some(0));
        acls.said = u32::MAX - 1;
        acls.put_entry(objects, below, Entry { principal: 7, id: 1, allow: 1, deny: 0 }, Window::default());
        assert_eq!((ask(acls, objects), acls.said), (None, 0));
        acls.delete_entry(objects, below, 7);
        assert_eq!((ask(acls, objects), acls.said), (Some(0), 1));
    }
}
