//! A table of records by numeric id. Ids are never used again, so a table that lives long has gaps: it is kept in
//! pages, and a page whose records have all gone is given back.

const PAGE_BITS: u32 = 10;
const PAGE: usize = 1 << PAGE_BITS;

/// A record that may be absent at its id.
pub(crate) trait Slot: Default {
    /// Whether a record is there.
    fn is_live(&self) -> bool;
}

pub(crate) struct Arena<T> {
    pages: Vec<Page<T>>,
    live: usize,
}

struct Page<T> {
    live: usize,
    /// [`PAGE`] slots, or none while no record is in the page.
    slots: Box<[T]>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { pages: Vec::new(), live: 0 }
    }
}

impl<T: Slot> Arena<T> {
    /// How many records are there.
    pub(crate) fn len(&self) -> usize {
        self.live
    }

    pub(crate) fn get(&self, id: u32) -> Option<&T> {
        self.find(id)
    }

    /// The same as [`Arena::get`], made part of the caller's code: for what every check does.
    #[inline(always)]
    pub(crate) fn find(&self, id: u32) -> Option<&T> {
        let page = self.pages.get((id >> PAGE_BITS) as usize)?;
        match page.slots.get(id as usize % PAGE) {
            Some(slot) if slot.is_live() => Some(slot),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        let page = self.pages.get_mut((id >> PAGE_BITS) as usize)?;
        page.slots.get_mut(id as usize % PAGE).filter(|slot| slot.is_live())
    }

    /// Puts a live record; gives back the one that was there.
    pub(crate) fn put(&mut self, id: u32, record: T) -> Option<T> {
        let index = (id >> PAGE_BITS) as usize;
        if self.pages.len() <= index {
            self.pages.resize_with(index + 1, || Page { live: 0, slots: Box::default() });
        }
        let page = self.pages.get_mut(index)?;
        if page.slots.is_empty() {
            page.slots = std::iter::repeat_with(T::default).take(PAGE).collect();
        }
        let old = std::mem::replace(page.slots.get_mut(id as usize % PAGE)?, record);
        if old.is_live() {
            return Some(old);
        }
        page.live += 1;
        self.live += 1;
        None
    }

    pub(crate) fn remove(&mut self, id: u32) -> Option<T> {
        let page = self.pages.get_mut((id >> PAGE_BITS) as usize)?;
        let old = std::mem::take(page.slots.get_mut(id as usize % PAGE)?);
        if !old.is_live() {
            return None;
        }
        page.live -= 1;
        self.live -= 1;
        if page.live == 0 {
            page.slots = Box::default();
        }
        Some(old)
    }

    /// Every record, in the order of the ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.pages.iter().enumerate().flat_map(|(index, page)| {
            let slots = page.slots.iter().enumerate().filter(|(_, slot)| slot.is_live());
            slots.map(move |(at, slot)| ((index * PAGE + at) as u32, slot))
        })
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.pages.iter_mut().flat_map(|page| page.slots.iter_mut()).filter(|slot| slot.is_live())
    }

    /// Heap bytes in use, for the benchmark.
    pub(crate) fn heap_bytes(&self) -> usize {
        let slots: usize = self.pages.iter().map(|page| page.slots.len()).sum();
        slots * size_of::<T>() + self.pages.capacity() * size_of::<Page<T>>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Slot for u64 {
        fn is_live(&self) -> bool {
            *self != 0
        }
    }

    #[test]
    fn a_page_whose_records_have_gone_is_given_back() {
        let mut arena = Arena::default();
        (1..=5000).for_each(|id| assert_eq!(arena.put(id, 7_u64), None));
        assert_eq!(arena.put(4000, 8), Some(7));
        (1..4000).for_each(|id| assert!(arena.remove(id).is_some()));
        assert_eq!(arena.remove(1), None);
        assert_eq!(arena.pages.iter().filter(|page| !page.slots.is_empty()).count(), 2);
        assert_eq!(arena.iter().next(), Some((4000, &8)));
        assert_eq!(arena.len(), 1001);
    }

    #[test]
    fn every_record_that_is_there_can_be_altered_and_no_other() {
        let mut arena = Arena::default();
        [3, 1500, 4000].into_iter().for_each(|id| assert_eq!(arena.put(id, u64::from(id)), None));
        assert_eq!(arena.remove(1500), Some(1500));
        arena.iter_mut().for_each(|record| *record += 1);
        assert!(arena.iter().eq([(3, &4), (4000, &4001)]));
    }
}
