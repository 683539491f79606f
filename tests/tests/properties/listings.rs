//! Lists of who may do what.

use crate::cases;
use crate::policy::{Policy, any_policy};
use conformance::laws;
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn who_can_and_what_can_agree_with_check_on_every_pair(
        drawn in any_policy(),
        now in proptest::sample::select(&[0, 1_000, 2_500][..]),
    ) {
        let mut policy = Policy::of(&drawn);
        let faults = laws::inexact_access(&mut policy.state, now);
        prop_assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
