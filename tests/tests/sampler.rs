//! The benchmark's own sampler says what it has measured.

#![expect(clippy::indexing_slicing, reason = "tests")]

#[path = "../benches/spine/sample.rs"]
mod sample;

use std::thread::sleep;
use std::time::Duration;

use sample::{BATCH, Sheet, percentile};

#[test]
fn a_percentile_is_a_sample_that_so_great_a_share_does_not_exceed() {
    let mut samples: Vec<f64> = (1..=200).rev().map(f64::from).collect();
    assert_eq!([0.0, 0.5, 0.99, 1.0].map(|share| percentile(&mut samples, share)), [1.0, 100.0, 198.0, 200.0]);
    assert_eq!(percentile(&mut [7.0], 0.99), 7.0);
}

#[test]
fn a_time_is_that_of_one_operation_however_many_are_timed_together() {
    let mut sheet = Sheet::new();
    sheet.time("one", || sleep(Duration::from_millis(2)));
    sheet.time_many("many", 1_000, || sleep(Duration::from_millis(2)));
    let figures = sheet.figures();
    assert!(figures["one"] >= 2e6 && figures["many"] >= 2e3 && figures["many"] < 2e6, "{figures:?}");
}

#[test]
fn a_rare_sample_shows_in_the_99th_percentile_and_not_in_the_median() {
    let mut sheet = Sheet::new();
    for number in 0..200 {
        sheet.time("sometimes slow", || sleep(Duration::from_millis(if number % 50 == 0 { 20 } else { 0 })));
    }
    let figures = sheet.figures();
    assert!(figures["sometimes slow"] < 2e7 && figures["sometimes slow p99"] >= 2e7, "{figures:?}");
}

#[test]
fn few_samples_have_no_99th_percentile() {
    let mut sheet = Sheet::new();
    sheet.time_kind("a change", "of a name", || ());
    sheet.figure("bytes", 12.0);
    let ids: Vec<String> = sheet.figures().into_keys().collect();
    assert_eq!(ids, ["a change", "a change of a name", "bytes"]);
}

#[test]
fn what_is_done_for_the_first_time_is_done_once_and_anything_else_once_more_beforehand() {
    let items: Vec<usize> = (0..8 * BATCH).collect();
    let [mut first, mut each] = [vec![0; items.len()], vec![0; items.len()]];
    let mut sheet = Sheet::new();
    sheet.time_first("first", &items, |item| {
        first[*item] += 1;
        true
    });
    sheet.time_each("each", &items, |item| {
        each[*item] += 1;
        true
    });
    assert_eq!([first, each], [vec![1; items.len()], vec![3; items.len()]]);
}

#[test]
#[should_panic(expected = "wrong answers: a check")]
fn a_wrong_answer_is_no_figure() {
    let items: Vec<usize> = (0..2 * BATCH).collect();
    Sheet::new().time_each("a check", &items, |item| *item != BATCH);
}
