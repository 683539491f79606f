//! Every small policy, and every question about it: the engine against the oracle.
//!
//! No symmetry is used: the two users, the two groups and the three levels are each tried in every place. Each form says
//! how many policies and decisions it was. `cargo xtask nightly` runs the long ones, which are ignored otherwise.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod pair;
mod policies;
mod surroundings;

use conformance::oracle::Effect;
use libtest_mimic::{Arguments, Trial};
use pair::Pair;
use policies::{Bound, EVERYONE, GROUPS, Line, Policies, Policy, USERS};
use std::ops::Range;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use surroundings::Surroundings;

fn main() -> ExitCode {
    let short = short_forms().into_iter().map(|form| form.trial(false));
    let long = long_forms().into_iter().map(|form| form.trial(true));
    libtest_mimic::run(&Arguments::from_args(), short.chain(long).collect()).exit_code()
}

/// Seconds, also without optimisation.
fn short_forms() -> Vec<Form> {
    let two = Bound { named: &[USERS[0], GROUPS[0], EVERYONE], ..Bound::of(2, &[ALLOW, DENY]) };
    let three = Bound { named: &[USERS[0], EVERYONE], members: false, ..Bound::of(3, &[ALLOW, DENY]) };
    let one = Bound::of(1, &[ALLOW, DENY]);
    let one_of_three = Bound { named: &[USERS[0], GROUPS[0], EVERYONE], ..one.clone() };
    vec![
        Form::new("two entries", two),
        Form::new("three entries, groups without members", three),
        Form::new("two entries that are dated", dated(2, &WINDOWS[..3])),
        Form { order: Order::Far, ..Form::new("one entry, in another order", one.clone()) },
        Form { surroundings: ANY, ..Form::new("one entry, everyone is any user", one) },
        Form { surroundings: LONG_LISTS, ..Form::new("one entry in long lists", one_of_three.clone()) },
        Form { surroundings: MANY_GROUPS, ..Form::new("one entry, users in many groups", one_of_three) },
    ]
}

/// Minutes, with optimisation.
fn long_forms() -> Vec<Form> {
    let three = Bound::of(3, &[ALLOW, DENY, NOTHING]);
    let two = Bound::of(2, &[ALLOW, DENY]);
    vec![
        Form::new("three entries", three),
        Form::new("three entries that are dated", dated(3, &WINDOWS)),
        Form { order: Order::Far, ..Form::new("two entries, in another order", two.clone()) },
        Form { surroundings: ANY, ..Form::new("two entries, everyone is any user", two.clone()) },
        Form { surroundings: LONG_LISTS, ..Form::new("two entries in long lists", two.clone()) },
        Form { surroundings: MANY_GROUPS, ..Form::new("two entries, users in many groups", two.clone()) },
        Form { surroundings: MANY, ..Form::new("two entries in long lists, users in more groups", two) },
    ]
}

/// Entries for a user and for all users that hold for a time, with questions before, at and after each boundary.
fn dated(entries: usize, windows: &[(Option<i64>, Option<i64>)]) -> Bound {
    let effects = [Effect::Allow, Effect::Deny].map(Some);
    let line = |&(not_before, not_after)| effects.map(|effect| Line { effect, not_before, not_after });
    let lines = windows.iter().flat_map(line).collect();
    Bound { entries, lines, named: &[USERS[0], EVERYONE], members: false, times: &[0, 1, 2, 3, 4] }
}

const WINDOWS: [(Option<i64>, Option<i64>); 6] =
    [(None, None), (Some(1), Some(3)), (Some(2), None), (None, Some(2)), (Some(1), Some(2)), (Some(3), Some(4))];
const ALLOW: Line = Line { effect: Some(Effect::Allow), not_before: None, not_after: None };
const DENY: Line = Line { effect: Some(Effect::Deny), ..ALLOW };
const NOTHING: Line = Line { effect: None, ..ALLOW };
const PLAIN: Surroundings = Surroundings { everyone_any: false, circles: 0, crowd: 0 };
const ANY: Surroundings = Surroundings { everyone_any: true, ..PLAIN };
// The engine searches what is long, and reads what is short from end to end.
const LONG_LISTS: Surroundings = Surroundings { crowd: 40, ..PLAIN };
const MANY_GROUPS: Surroundings = Surroundings { circles: 20, ..PLAIN };
const MANY: Surroundings = Surroundings { crowd: 40, circles: 60, ..PLAIN };

/// Policies to try, and how.
struct Form {
    title: &'static str,
    bound: Bound,
    surroundings: Surroundings,
    order: Order,
}

/// How the policies follow each other.
#[derive(Clone, Copy)]
enum Order {
    /// Each differs little from the one before: by one change, mostly.
    Near,
    /// Each differs much from the one before.
    Far,
}

impl Form {
    fn new(title: &'static str, bound: Bound) -> Self {
        Self { title, bound, surroundings: PLAIN, order: Order::Near }
    }

    /// The test of it.
    fn trial(self, is_long: bool) -> Trial {
        let title = format!("{} form: {}", if is_long { "long" } else { "short" }, self.title);
        let name = title.clone();
        let test = move || {
            println!("{name}: {}", run(&self)?);
            Ok(())
        };
        Trial::test(title, test).with_ignored_flag(is_long)
    }
}

/// Every so many policies the rarer questions are asked too.
const SAMPLE: usize = 101;
/// Coprime to the number of policies, so that steps of it lead through all.
const STRIDE: usize = 1_000_003;

/// Whether any form has found a fault. What is left is left off then: who plants faults one by one waits for none.
static IS_FAULTY: AtomicBool = AtomicBool::new(false);

/// Tries all policies of a form, on all processors, and says how many that were.
fn run(form: &Form) -> Result<String, String> {
    let policies = Policies::of(&form.bound);
    let (count, parts) = (policies.len(), thread::available_parallelism().map_or(1, usize::from));
    let decisions = thread::scope(|scope| {
        let numbers = (0..parts).map(|part| count * part / parts..count * (part + 1) / parts);
        let parts = numbers.map(|numbers| scope.spawn(|| try_all(form, &policies, numbers))).collect::<Vec<_>>();
        parts.into_iter().map(|part| part.join().unwrap()).sum::<Result<u64, String>>()
    })?;
    match IS_FAULTY.load(Ordering::Relaxed) {
        true => Err("left off, because another form has found a fault".into()),
        false => Ok(format!("{count} policies, {decisions} decisions")),
    }
}

/// Tries the policies of these numbers, and says how many questions that were.
fn try_all(form: &Form, policies: &Policies, numbers: Range<usize>) -> Result<u64, String> {
    let mut pair = Pair::new(&form.surroundings);
    for number in numbers {
        if IS_FAULTY.load(Ordering::Relaxed) {
            break;
        }
        let policy = policies.get(match form.order {
            Order::Near => number,
            Order::Far => number * STRIDE % policies.len(),
        });
        let tried = try_one(&mut pair, &policy, form.bound.times, number % SAMPLE == 0);
        tried.inspect_err(|_| IS_FAULTY.store(true, Ordering::Relaxed))?;
    }
    Ok(pair.decisions)
}

/// Goes from one policy to the next, and asks all questions on the way and there.
fn try_one(pair: &mut Pair, policy: &Policy, times: &[i64], in_sample: bool) -> Result<(), String> {
    let before = pair.policy.clone();
    pair.drop_what_is_not_in(policy);
    // Halfway nothing but deletions has been made since the last questions, and no addition has made up for one.
    if pair.policy != before && pair.policy != *policy {
        times.iter().try_for_each(|now| pair.compare(*now))?;
    }
    pair.put_what_is_in(policy);
    times.iter().try_for_each(|now| pair.compare(*now))?;
    times.iter().filter(|_| in_sample).try_for_each(|now| pair.compare_otherwise(*now))
}
