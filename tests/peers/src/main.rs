//! Other people's engines and plain hash maps, asked the same questions as the engine in the same run: `peers ESTATE
//! FIGURES`. The estate is a folder that the example `estate` of the crate `conformance` writes; figures are files in
//! another.

mod casbin;
mod cedar;
mod contest;
mod estate;
mod figures;
mod ours;
mod rego;
mod walk;

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::estate::Estate;
use crate::figures::Figures;

/// How many questions are put to who takes microseconds, and to who takes a large part of a second.
const FEW: usize = 2048;
const FEWEST: usize = 8;

fn main() -> Result<()> {
    let mut folders = std::env::args_os().skip(1).map(PathBuf::from);
    let (estate, figures) = folders.next().zip(folders.next()).context("usage: peers ESTATE FIGURES")?;
    let estate = Estate::read(&estate)?;
    let mut figures = Figures::new(figures);
    let mut contestants = ours::contestants(&estate, FEW)?;
    contestants.extend(walk::contestants(&estate)?);
    contestants.extend(cedar::contestants(&estate, FEW)?);
    contestants.extend(casbin::contestants(&estate, FEW, FEWEST)?);
    contestants.extend(rego::contestants(&estate, FEW)?);
    let expected: Vec<bool> = estate.questions.iter().map(|question| question.allowed).collect();
    contest::run(contestants, &expected, &mut figures);
    figures.save()
}
