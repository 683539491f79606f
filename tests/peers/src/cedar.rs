//! `cedar-policy`. In Cedar a `forbid` always wins, wherever it stands, so that entries cannot become policies: the nearest
//! level could not outweigh what is above it. What it can express is one policy for each privilege that goes through the
//! levels by itself: where one says anything, a denial ends the walk, and so does an allowance.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use anyhow::{Context as _, Result};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression,
};

use crate::contest::{Contestant, timed};
use crate::estate::{Estate, Question, Tree};

/// As many lists as may lie above each other in the estate: a policy cannot loop.
const LEVELS: usize = 9;

/// Asked with the levels of the object in the request's context, which the application has found and made beforehand;
/// and with the whole estate as entities, by requests made beforehand or from strings.
pub(crate) fn contestants(estate: &Estate, few: usize) -> Result<Vec<Contestant<'_>>> {
    let names = Names::new()?;
    let asked = estate.questions.get(..few).unwrap_or(&estate.questions);
    let slices = || Ok((Cedar::new(estate, level_of_context, Entities::empty())?, slices(estate, asked, &names)?));
    let ((sliced, slices), slices_ready) = timed("cedar slices", slices)?;
    let (whole, ready) = timed("cedar", || Cedar::new(estate, level_of_entities, entities(estate, &names)?))?;
    let whole = Rc::new(whole);
    let requests: Result<Vec<(u32, Request)>> =
        asked.iter().map(|question| Ok((question.bit, names.request(question, Context::empty())?))).collect();
    let count = asked.len();
    Ok(vec![
        Contestant::new("cedar slices", count, slices_ready, asked_by(Rc::new(sliced), slices)),
        Contestant::new("cedar handle", count, ready, asked_by(Rc::clone(&whole), requests?)),
        Contestant::new("cedar names", count, ready, asked_by_names(whole, asked, names)),
    ])
}

/// Policies, one set for each privilege's bit, and entities.
struct Cedar {
    policies: HashMap<u32, PolicySet>,
    entities: Entities,
    authorizer: Authorizer,
}

impl Cedar {
    fn new(estate: &Estate, level: fn(&str, usize, &str) -> String, entities: Entities) -> Result<Self> {
        let bits = (0..).map(|place| 1 << place);
        let policy = |(bit, privilege): (u32, &String)| Ok((bit, policy(privilege, level)?));
        let policies: Result<HashMap<u32, PolicySet>> = bits.zip(&estate.privileges).map(policy).collect();
        Ok(Self { policies: policies?, entities, authorizer: Authorizer::new() })
    }

    fn allows(&self, bit: u32, request: &Request) -> bool {
        let decide = |policies| self.authorizer.is_authorized(request, policies, &self.entities).decision();
        self.policies.get(&bit).map(decide) == Some(Decision::Allow)
    }
}

fn asked_by(cedar: Rc<Cedar>, requests: Vec<(u32, Request)>) -> impl FnMut(usize) -> bool {
    move |number| requests.get(number).is_some_and(|(bit, request)| cedar.allows(*bit, request))
}

fn asked_by_names(cedar: Rc<Cedar>, asked: &[Question], names: Names) -> impl FnMut(usize) -> bool {
    move |number| {
        let Some(question) = asked.get(number) else { return false };
        let request = names.request(question, Context::empty());
        request.is_ok_and(|request| cedar.allows(question.bit, &request))
    }
}

/// The policy of one privilege, from what stands for a level, given what comes after that.
fn policy(privilege: &str, level: fn(&str, usize, &str) -> String) -> Result<PolicySet> {
    let levels = (0..LEVELS).rev().fold("false".to_owned(), |above, number| level(privilege, number, &above));
    Ok(format!(r#"permit(principal, action == Action::"{privilege}", resource) when {{ {levels} }};"#).parse()?)
}

/// Levels in the context, as sets of numbers: only those that say anything of the privilege.
fn level_of_context(_: &str, number: usize, above: &str) -> String {
    format!(
        "context has deny{number} && !context.matched.containsAny(context.deny{number}) \
            && (context.matched.containsAny(context.allow{number}) || ({above}))"
    )
}

/// Levels as entities, to which the object refers.
fn level_of_entities(privilege: &str, number: usize, above: &str) -> String {
    format!(
        "resource has list{number} && !(principal in resource.list{number}.deny_{privilege}) \
            && (principal in resource.list{number}.allow_{privilege} || ({above}))"
    )
}

/// What these questions are about, and nothing else: whom the user's entries are for, and the object's levels.
fn slices(estate: &Estate, asked: &[Question], names: &Names) -> Result<Vec<(u32, Request)>> {
    let (tree, matched) = (estate.tree(), estate.matched());
    let numbers = |ids: &[u32]| {
        RestrictedExpression::new_set(ids.iter().map(|id| RestrictedExpression::new_long(i64::from(*id))))
    };
    let slice = |question: &Question| {
        let mut pairs = vec![("matched".to_owned(), numbers(matched.get(&question.principal_id).context("nobody")?))];
        for (number, level) in tree.levels(question.object_id, question.bit).enumerate() {
            pairs.push((format!("deny{number}"), numbers(&level.deny)));
            pairs.push((format!("allow{number}"), numbers(&level.allow)));
        }
        Ok((question.bit, names.request(question, Context::from_pairs(pairs)?)?))
    };
    asked.iter().map(slice).collect()
}

/// The whole estate: users with all their groups, lists with whom they allow and deny what, and objects with their lists.
fn entities(estate: &Estate, names: &Names) -> Result<Entities> {
    let tree = estate.tree();
    let matched = estate.matched();
    let mut entities = Vec::new();
    for (id, name) in &estate.principals {
        let parents = matched.get(id).into_iter().flatten().map(|id| names.matched(*id)).collect();
        entities.push(Entity::new_no_attrs(names.principal(name), parents));
    }
    for object in estate.lists().into_keys() {
        entities.push(Entity::new(names.list(object), said(estate, &tree, object, names), HashSet::new())?);
    }
    for row in estate.objects.iter().filter(|row| !row.3.is_empty()) {
        let lists = tree.scope(row.0).filter(|above| tree.has_list(*above)).enumerate();
        let attributes = lists
            .map(|(number, list)| (format!("list{number}"), RestrictedExpression::new_entity_uid(names.list(list))));
        entities.push(Entity::new(names.object(&row.3), attributes.collect(), HashSet::new())?);
    }
    Ok(Entities::from_entities(entities, None)?)
}

/// Whom one list allows and denies each privilege.
fn said(estate: &Estate, tree: &Tree<'_>, object: u32, names: &Names) -> HashMap<String, RestrictedExpression> {
    let set = |ids: Vec<u32>| {
        RestrictedExpression::new_set(ids.into_iter().map(|id| RestrictedExpression::new_entity_uid(names.matched(id))))
    };
    let bits = (0..).map(|place| 1 << place);
    let both = |(privilege, bit): (&String, u32)| {
        let level = tree.level(object, bit);
        [(format!("deny_{privilege}"), set(level.deny)), (format!("allow_{privilege}"), set(level.allow))]
    };
    estate.privileges.iter().zip(bits).flat_map(both).collect()
}

/// The types of entities, parsed.
struct Names {
    principal: EntityTypeName,
    action: EntityTypeName,
    object: EntityTypeName,
    list: EntityTypeName,
    matched: EntityTypeName,
}

impl Names {
    fn new() -> Result<Self> {
        Ok(Self {
            principal: "Principal".parse()?,
            action: "Action".parse()?,
            object: "Object".parse()?,
            list: "List".parse()?,
            matched: "Matched".parse()?,
        })
    }

    fn principal(&self, name: &str) -> EntityUid {
        entity(&self.principal, name)
    }

    fn object(&self, path: &str) -> EntityUid {
        entity(&self.object, path)
    }

    fn list(&self, object: u32) -> EntityUid {
        entity(&self.list, &object.to_string())
    }

    /// Whom an entry names: for a user the group of that user alone.
    fn matched(&self, principal: u32) -> EntityUid {
        entity(&self.matched, &principal.to_string())
    }

    fn request(&self, question: &Question, context: Context) -> Result<Request> {
        let action = entity(&self.action, &question.privilege);
        let (principal, object) = (self.principal(&question.principal), self.object(&question.path));
        Ok(Request::new(principal, action, object, context, None)?)
    }
}

fn entity(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}
