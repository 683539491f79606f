//! What every policy with the built-in schema begins with: `domain.md` §5.

use super::{container, find};
use crate::command::objects;
use crate::locate::Located;
use crate::particulars::{Category, Particulars, Persona};
use crate::refusal::Refusal;
use crate::schema::{PERSONA, PERSONA_CATEGORY, PERSONA_PAGE, SYSTEM_OBJECT};
use crate::transaction::Transaction;

/// The categories and their pages.
const CATEGORIES: [(&str, [&str; 2]); 3] = [
    ("releaseorchestration", ["pipeline", "release"]),
    ("deployment", ["application", "environment"]),
    ("administration", ["user", "group"]),
];

/// The personas: the home page and the one category of each, or all of them. The first is the default.
const PREDEFINED: [(&str, &str, Option<usize>); 4] = [
    ("Global", "pipeline", None),
    ("Deployment Engineer", "application", Some(1)),
    ("Release Manager", "release", Some(0)),
    ("System Administrator", "user", Some(2)),
];

/// Makes the predefined personas, and the categories and pages that they show.
pub(in crate::command) fn add_predefined(tx: &mut Transaction) -> Result<(), Box<Refusal>> {
    let mut details = Vec::new();
    for (name, pages) in CATEGORIES {
        let pages = pages.into_iter().map(|page| add(tx, PERSONA_PAGE, page)).collect::<Result<Vec<u32>, _>>()?;
        let category = add(tx, PERSONA_CATEGORY, name)?;
        let description = String::new();
        tx.put_particulars(category, Particulars::Category(Category { description, pages: pages.clone() }))?;
        details.push((category, pages));
    }
    for (name, home, category) in PREDEFINED {
        let details =
            category.map_or_else(|| details.clone(), |place| details.get(place).cloned().into_iter().collect());
        let persona = add(tx, PERSONA, name)?;
        let home = find(tx.state, PERSONA_PAGE, home).unwrap_or_default();
        let description = String::new();
        tx.put_particulars(persona, Particulars::Persona(Persona { description, home, predefined: true, details }))?;
        if tx.state.default_persona().is_none() {
            tx.put_particulars(container(tx.state), Particulars::DefaultPersona(persona))?;
        }
    }
    Ok(())
}

/// Adds an object as any is made, whoever it is that makes the policy.
fn add(tx: &mut Transaction, kind: &str, name: &str) -> Result<u32, Box<Refusal>> {
    let kind = tx.state.schema.type_by_name(kind).unwrap_or(SYSTEM_OBJECT);
    objects::register(tx, Located { object: container(tx.state), missing: vec![(kind, name.to_owned())] })
}
