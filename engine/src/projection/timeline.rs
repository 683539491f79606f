//! What is allowed on an object, as it changes with time while nobody changes the policy.

use crate::bytes::{Reader, put_u32, put_u64};
use crate::refusal::Refusal;

/// From an instant on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Step {
    /// Milliseconds since 1970.
    pub(super) at: i64,
    /// The privileges of which answers hold until this instant; none at the first step.
    pub(super) ends: u32,
    /// The privileges that are allowed.
    pub(super) allowed: u32,
}

/// Different timelines, one after the other, each at least one step long.
#[derive(Default)]
pub(super) struct Timelines {
    steps: Vec<Step>,
    /// Where each ends.
    ends: Vec<u32>,
}

/// The bytes of one step.
const WIDTH: usize = 16;

impl Timelines {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn push(&mut self, timeline: &[Step]) {
        self.steps.extend_from_slice(timeline);
        self.ends.push(self.steps.len() as u32);
    }

    /// The steps of one.
    #[inline]
    pub(super) fn get(&self, number: u32) -> &[Step] {
        let end = |number: u32| self.ends.get(number as usize).map_or(0, |&end| end as usize);
        let start = number.checked_sub(1).map_or(0, end);
        self.steps.get(start..end(number)).unwrap_or_default()
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        put_u32(out, self.len() as u32);
        for number in 0..self.len() as u32 {
            put_u32(out, self.get(number).len() as u32);
            for step in self.get(number) {
                put_u64(out, step.at.cast_unsigned());
                put_u32(out, step.ends);
                put_u32(out, step.allowed);
            }
        }
    }

    /// Reads what was made for the instant `from` and for privileges of the mask `all`.
    pub(super) fn read(input: &mut Reader, from: i64, all: u32) -> Result<Self, Box<Refusal>> {
        let mut timelines = Self::default();
        for number in 0..input.count(4 + WIDTH)? as u32 {
            let steps = input.count(WIDTH)?;
            for _ in 0..steps {
                timelines.steps.push(Step {
                    at: input.u64()?.cast_signed(),
                    ends: input.u32()?,
                    allowed: input.u32()?,
                });
            }
            timelines.ends.push(timelines.steps.len() as u32);
            let in_order = number.checked_sub(1).is_none_or(|last| timelines.get(last) < timelines.get(number));
            if !in_order || !is_sound(timelines.get(number), from, all) {
                return Err(input.damaged("has a timeline that does not fit"));
            }
        }
        Ok(timelines)
    }
}

fn is_sound(timeline: &[Step], from: i64, all: u32) -> bool {
    let begins = timeline.first().is_some_and(|first| first.at == from && first.ends == 0);
    let goes_on = timeline.is_sorted_by(|before, after| before.at < after.at && after.ends != 0);
    begins && goes_on && timeline.iter().all(|step| (step.ends | step.allowed) & !all == 0)
}

/// The mask of what is allowed at `now`; before the first step as at it.
#[inline]
pub(super) fn allowed(timeline: &[Step], now: i64) -> u32 {
    let begun = timeline.partition_point(|step| step.at <= now).saturating_sub(1);
    timeline.get(begun).map_or(0, |step| step.allowed)
}

/// Until when what is answered about a privilege at `now` holds.
pub(super) fn valid_until(timeline: &[Step], privilege: u32, now: i64) -> Option<i64> {
    timeline.iter().find(|step| step.at > now && step.ends & privilege != 0).map(|step| step.at)
}
