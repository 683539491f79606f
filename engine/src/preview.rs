//! Previews: who would gain or lose what where, if a list of commands were done.
//!
//! The changes are made, looked at and taken back; what is allowed before and after is what the walk of every check
//! says. Looked at is only what they reach: the objects at and below those that they touch, and the principals that
//! they are about. There, a difference is handed down the tree. It can begin or end only at a list that breaks
//! inheritance or has an entry for the principal, and at what comes, goes or moves.

mod people;
mod region;

use crate::address::shorten;
use crate::change::Change;
use crate::evaluate::Nobody;
use crate::fields::{Fields, Json};
use crate::objects::NONE;
use crate::order;
use crate::refusal::Refusal;
use crate::sessions::Admitted;
use crate::state::State;
use crate::view::View;
use people::{Class, People};
use region::Region;

/// Of two things, the one before the changes.
const BEFORE: usize = 0;
/// Of two things, the one after the changes.
const AFTER: usize = 1;

/// Which part of a preview is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Page {
    /// Begin behind this row: its object's id, a space and its principal, such as `user:NAME`.
    pub(crate) after: Option<String>,
    /// At most so many rows; one more where the last two are of a name that passes from one principal to another.
    pub(crate) limit: usize,
}

/// One difference: at an object and at whatever below it has no other, for every principal of a class.
struct Row {
    place: u32,
    class: u32,
    gains: u32,
    loses: u32,
    /// At how many objects further down.
    below: u32,
}

impl State {
    /// The rows of a preview, and whether more lie behind them. The state is afterwards as it was before.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` where the page begins behind what is no row.
    pub(crate) fn preview(
        &mut self,
        changes: &[Change],
        caller: &Admitted,
        now: i64,
        page: &Page,
    ) -> Result<(Vec<Json>, bool), Box<Refusal>> {
        let mut people = People::of(self);
        let mut region = Region::touched_by(changes, self);
        self.with(changes, |after| {
            let view = view(after, caller, now);
            people.meet(&view);
            region.reach(after, people.moved());
            region.explore(&view, AFTER);
        })?;
        let before = view(self, caller, now);
        region.explore(&before, BEFORE);
        region.join();
        let mut classes = people.classes(&region, &before);
        judge(self, &mut classes, &region, now, BEFORE);
        let mut listing = Listing::default();
        self.with(changes, |after| {
            judge(after, &mut classes, &region, now, AFTER);
            let rows = classes.iter().zip(0..).flat_map(|(class, number)| differences(class, number, &region));
            listing.rows = rows.collect();
            listing.describe(after, &region);
        })?;
        listing.describe(self, &region);
        listing.cut(&classes, &people, page)
    }

    /// Looks at what the changes make of the state, and takes them back.
    fn with(&mut self, changes: &[Change], look: impl FnOnce(&Self)) -> Result<(), Box<Refusal>> {
        let before = self.mark();
        let mut undo = Vec::with_capacity(changes.len());
        let made = changes.iter().try_for_each(|change| {
            undo.push(self.change(change)?);
            Ok(())
        });
        if made.is_ok() {
            look(self);
        }
        self.revert(undo, before);
        made
    }
}

fn view<'a>(state: &'a State, caller: &'a Admitted, now: i64) -> View<'a> {
    View { state, caller: &caller.identities, via: &caller.via, now }
}

/// Asks for every class what it may do, wherever that may be another than further up.
fn judge(state: &State, classes: &mut [Class], region: &Region, now: i64, side: usize) {
    let wanted = region.bits & state.schema.all_privileges();
    for Class { closures, places, masks, .. } in classes {
        let (Some(closure), Some(masks)) = (closures.get(side), masks.get_mut(side)) else { continue };
        let objects = places.iter().filter_map(|place| region.places.get(*place as usize));
        let allowed = objects.map(|place| state.walk(closure, place.object, wanted, now, &mut Nobody).allowed);
        *masks = allowed.collect();
    }
}

/// Where the class's difference is another than further up, as far as that may be read.
fn differences(class: &Class, number: u32, region: &Region) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    // For each of the class's places the row that holds there.
    let mut holding: Vec<usize> = Vec::with_capacity(class.places.len());
    let masks = class.masks[BEFORE].iter().zip(&class.masks[AFTER]);
    for (&place, (before, after)) in class.places.iter().zip(masks) {
        let (gains, loses) = (after & !before, before & !after);
        let known = region.above(place).find_map(|above| class.places.binary_search(&above).ok());
        let above = known.and_then(|known| holding.get(known)).copied().unwrap_or(usize::MAX);
        let weight = region.weight(place);
        let row_above = rows.get_mut(above);
        let is_same = row_above.as_ref().map_or((0, 0), |row| (row.gains, row.loses)) == (gains, loses);
        if is_same || weight == 0 {
            holding.push(above);
            continue;
        }
        if let Some(row) = row_above {
            row.below -= weight;
        }
        holding.push(rows.len());
        rows.push(Row { place, class: number, gains, loses, below: weight - 1 });
    }
    rows
}

/// The rows, and the words for them.
#[derive(Default)]
struct Listing {
    rows: Vec<Row>,
    /// The objects that have rows, by their places.
    objects: Vec<Option<Object>>,
    /// The names of the privileges, by their bits.
    privileges: Vec<String>,
}

/// How an object is written.
struct Object {
    id: String,
    kind: String,
    path: String,
}

impl Listing {
    /// Writes down what is there, unless another state had it already.
    fn describe(&mut self, state: &State, region: &Region) {
        self.objects.resize_with(region.places.len(), || None);
        for row in &self.rows {
            let place = row.place as usize;
            let id = region.places.get(place).map(|place| place.object).filter(|&id| state.objects.get(id).is_some());
            if let (Some(id), Some(unknown @ None)) = (id, self.objects.get_mut(place)) {
                let kind = state.kind_name(id).to_owned();
                *unknown = Some(Object { id: state.object_id(id), kind, path: state.path(id) });
            }
        }
        // A privilege keeps its bit, so the longer list has all.
        let more = state.schema.privileges().iter().skip(self.privileges.len());
        self.privileges.extend(more.cloned());
    }

    /// The page, in the order of the paths and then of the principals, and whether more lies behind it.
    fn cut(&self, classes: &[Class], people: &People, page: &Page) -> Result<(Vec<Json>, bool), Box<Refusal>> {
        let (mut found, mut begun) = (Vec::new(), page.after.is_none());
        let mut last = None;
        for rows in self.by_object() {
            for (row, person) in about(&rows, classes, people) {
                // A name may be that of one principal before and of another after. Their rows have the same key, so
                // no page begins between them.
                let this = Some((row.place, people.identity(person)));
                let goes_on = std::mem::replace(&mut last, this) == this;
                if begun && found.len() >= page.limit && !goes_on {
                    return Ok((found, true));
                }
                match &page.after {
                    Some(after) if !begun => begun = self.key(row, person, people).as_ref() == Some(after),
                    Some(_) if goes_on && found.is_empty() => {}
                    _ => found.extend(self.render(row, person, people)),
                }
            }
        }
        match &page.after {
            Some(after) if !begun => {
                let after = shorten(after);
                Err(Refusal::InvalidArgument(format!("`after` is `{after}`, which is not in the list")).into())
            }
            _ => Ok((found, false)),
        }
    }

    /// The rows of each object, in the order of the objects' paths. There may be millions: they are put in chains, and
    /// of these only those that are asked for are read.
    fn by_object(&self) -> impl Iterator<Item = Vec<&Row>> {
        let used = (0..self.objects.len() as u32).filter(|place| self.object(*place).is_some()).collect();
        let path = |place: &u32| self.object(*place).map_or(String::new(), |object| object.path.clone());
        let mut heads = vec![NONE; self.objects.len()];
        let mut next = Vec::with_capacity(self.rows.len());
        for (row, number) in self.rows.iter().zip(0..) {
            let head = heads.get_mut(row.place as usize);
            next.push(head.map_or(NONE, |head| std::mem::replace(head, number)));
        }
        order::by_text(used, path).into_iter().map(move |place| {
            let head = heads.get(place as usize).copied();
            let chain = std::iter::successors(head, |number| next.get(*number as usize).copied());
            chain.map_while(|number| self.rows.get(number as usize)).collect()
        })
    }

    fn object(&self, place: u32) -> Option<&Object> {
        self.objects.get(place as usize)?.as_ref()
    }

    fn key(&self, row: &Row, person: u32, people: &People) -> Option<String> {
        Some(format!("{} {}", self.object(row.place)?.id, people.identity(person)?))
    }

    fn render(&self, row: &Row, person: u32, people: &People) -> Option<Json> {
        let (object, identity) = (self.object(row.place)?, people.identity(person)?);
        let rendered = Fields::default()
            .text("principalType", identity.kind.as_str())
            .text("principalName", &identity.name)
            .text("objectId", &object.id)
            .text("objectType", &object.kind)
            .text("path", &object.path)
            .list("gains", self.names(row.gains))
            .list("loses", self.names(row.loses))
            .number("below", row.below as usize);
        Some(rendered.done())
    }

    fn names(&self, mask: u32) -> Vec<Json> {
        let named = self.privileges.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1);
        named.map(|(_, name)| Json::text(name)).collect()
    }
}

/// The rows, each for every principal that it is about, in the order of these.
fn about<'a>(rows: &[&'a Row], classes: &[Class], people: &People) -> Vec<(&'a Row, u32)> {
    let concerned = |row: &&'a Row| {
        let row = *row;
        let class = classes.get(row.class as usize).into_iter();
        class.flat_map(move |class| class.people.iter().map(move |person| (row, *person)))
    };
    order::by_number(rows.iter().flat_map(concerned).collect(), |(_, person)| people.rank(*person))
}
