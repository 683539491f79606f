//! Sorting. Everything that is listed is sorted here, by a text or by a number, so that the module holds two sorting
//! algorithms and not one for each kind of thing: heaps, whose code is a twelfth of what `sort` brings.

use std::collections::BinaryHeap;

/// Sorts what is its own key.
pub(crate) fn sorted<T: Ord>(items: Vec<T>) -> Vec<T> {
    BinaryHeap::from(items).into_sorted_vec()
}

/// Sorts by a text; what has the same one keeps its order.
pub(crate) fn by_text<T>(items: Vec<T>, key: impl Fn(&T) -> String) -> Vec<T> {
    let keys: Vec<(String, u32)> = items.iter().zip(0..).map(|(item, place)| (key(item), place)).collect();
    take_in_order(items, sorted(keys).into_iter().map(|(_, place)| place))
}

/// What names sort by: the name without case, and then the name itself (`domain.md` §1).
pub(crate) fn name_key(name: &str) -> String {
    let without_case: String = name.chars().flat_map(char::to_lowercase).collect();
    format!("{without_case}\0{name}")
}

/// Sorts by a number; what has the same one keeps its order.
pub(crate) fn by_number<T>(items: Vec<T>, key: impl Fn(&T) -> u32) -> Vec<T> {
    let keyed = |(item, place): (&T, u32)| u64::from(key(item)) << 32 | u64::from(place);
    let keys = items.iter().zip(0..).map(keyed).collect();
    take_in_order(items, sorted(keys).into_iter().map(|key| key as u32))
}

fn take_in_order<T>(items: Vec<T>, places: impl Iterator<Item = u32>) -> Vec<T> {
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    places.filter_map(|place| items.get_mut(place as usize).and_then(Option::take)).collect()
}

/// Adds a number to a sorted list; whether it was not there.
pub(crate) fn insert(list: &mut Vec<u32>, number: u32) -> bool {
    let place = list.binary_search(&number);
    if let Err(place) = place {
        list.insert(place, number);
    }
    place.is_err()
}

/// Takes a number from a sorted list.
pub(crate) fn remove(list: &mut Vec<u32>, number: u32) {
    if let Ok(place) = list.binary_search(&number) {
        list.remove(place);
    }
}
