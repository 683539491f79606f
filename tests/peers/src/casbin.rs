//! `casbin`. Under the effect `priority` the first line that matches decides, so that lines in the order from the leaves to
//! the root, a level's denials first, make the nearest level win. But an enforcer goes through its lines one by one, each
//! with an interpreter. So beside one enforcer with everything there is, for each object and privilege, an enforcer of its
//! own with the lines of that object's levels. Roles are looked up in hash maps of ours instead of by Casbin's search.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use anyhow::Result;
use casbin::{CachedEnforcer, CoreApi, DefaultModel, Enforcer, MatchingFn, Model, RoleManager};
use parking_lot::RwLock;

use crate::contest::{Contestant, timed};
use crate::estate::{Estate, Question};

type Roles = Arc<RwLock<dyn RoleManager>>;

/// Asked of an enforcer for each object and privilege, which decides each time or remembers what it has once decided; and
/// of one enforcer with the whole estate, to which very few questions are put.
pub(crate) fn contestants(estate: &Estate, few: usize, fewest: usize) -> Result<Vec<Contestant<'_>>> {
    let (each, each_ready) = timed("casbin slices", || each_its_own::<Enforcer>(estate, few))?;
    let (cached, cached_ready) = timed("casbin cached", || each_its_own::<CachedEnforcer>(estate, few))?;
    let (whole, ready) = timed("casbin", || whole(estate))?;
    Ok(vec![
        Contestant::new("casbin slices", few, each_ready, ask_each(estate, each)),
        Contestant::new("casbin cached", few, cached_ready, ask_each(estate, cached)),
        Contestant::new("casbin names", fewest, ready, ask_one(estate, whole)),
    ])
}

/// By path, and by privilege.
type Enforcers<E> = HashMap<String, HashMap<String, E>>;

fn each_its_own<E: CoreApi>(estate: &Estate, few: usize) -> Result<Enforcers<E>> {
    let (tree, roles) = (estate.tree(), Links::of_people(estate).shared());
    let mut enforcers: Enforcers<E> = HashMap::new();
    for Question { path, privilege, object_id, bit, .. } in estate.questions.iter().take(few) {
        let mut model = model([("r", "sub"), ("p", "sub, eft"), ("m", "g(r.sub, p.sub)")]);
        for (principal, allows) in tree.lines(*object_id, *bit) {
            model.add_policy("p", "p", vec![principal.to_string(), effect(allows).to_owned()]);
        }
        enforcers.entry(path.clone()).or_default().insert(privilege.clone(), enforcer(model, &roles)?);
    }
    Ok(enforcers)
}

fn ask_each<E: CoreApi>(estate: &Estate, enforcers: Enforcers<E>) -> impl FnMut(usize) -> bool {
    move |number| {
        let Some(Question { principal, privilege, path, .. }) = estate.questions.get(number) else { return false };
        let enforcer = enforcers.get(path).and_then(|by_privilege| by_privilege.get(privilege));
        enforcer.is_some_and(|enforcer| enforcer.enforce((principal,)).is_ok_and(|allowed| allowed))
    }
}

/// All lines, the deepest objects' first. An object belongs to what lies above it as a user does to groups.
fn whole(estate: &Estate) -> Result<Enforcer> {
    let tree = estate.tree();
    let mut model = model([
        ("r", "sub, obj, act"),
        ("p", "sub, obj, act, eft"),
        ("m", "r.act == p.act && g(r.obj, p.obj) && g(r.sub, p.sub)"),
    ]);
    let mut objects: Vec<u32> = estate.lists().into_keys().collect();
    objects.sort_by_key(|object| std::cmp::Reverse(tree.depth(*object)));
    for object in objects {
        for (privilege, bit) in estate.privileges.iter().zip((0..).map(|place| 1 << place)) {
            for (principal, allows) in tree.level(object, bit).lines() {
                let line = [principal.to_string(), in_tree(object), privilege.clone(), effect(allows).to_owned()];
                model.add_policy("p", "p", line.into());
            }
        }
    }
    let mut links = Links::of_people(estate);
    for row in &estate.objects {
        links.0.insert(row.3.clone(), tree.scope(row.0).map(in_tree).collect());
    }
    enforcer(model, &links.shared())
}

fn ask_one(estate: &Estate, enforcer: Enforcer) -> impl FnMut(usize) -> bool {
    move |number| {
        let Some(Question { principal, privilege, path, .. }) = estate.questions.get(number) else { return false };
        enforcer.enforce((principal, path, privilege)).is_ok_and(|allowed| allowed)
    }
}

/// What an object's number is called, which no principal is.
fn in_tree(object: u32) -> String {
    format!("object {object}")
}

fn effect(allows: bool) -> &'static str {
    if allows { "allow" } else { "deny" }
}

/// A model with these definitions, by priority and with roles.
fn model(definitions: [(&str, &str); 3]) -> DefaultModel {
    let mut model = DefaultModel::default();
    for (key, value) in definitions.into_iter().chain([("g", "_, _"), ("e", "priority(p.eft) || deny")]) {
        model.add_def(key, key, value);
    }
    model
}

fn enforcer<E: CoreApi>(model: DefaultModel, roles: &Roles) -> Result<E> {
    let mut enforcer = pollster::block_on(E::new_raw(model, ()))?;
    enforcer.enable_auto_build_role_links(false);
    enforcer.set_role_manager(Arc::clone(roles))?;
    Ok(enforcer)
}

/// Who belongs to what, all of it worked out.
struct Links(HashMap<String, HashSet<String>>);

impl Links {
    /// Users and groups by name, with the numbers of whom the entries that match are for.
    fn of_people(estate: &Estate) -> Self {
        let matched = estate.matched();
        let all = |id| matched.get(id).into_iter().flatten().map(u32::to_string).collect();
        Self(estate.principals.iter().map(|(id, name)| (name.clone(), all(id))).collect())
    }

    fn shared(self) -> Roles {
        Arc::new(RwLock::new(self))
    }
}

impl RoleManager for Links {
    fn clear(&mut self) {
        self.0.clear();
    }

    fn add_link(&mut self, member: &str, group: &str, _: Option<&str>) {
        self.0.entry(member.to_owned()).or_default().insert(group.to_owned());
    }

    fn matching_fn(&mut self, _: Option<MatchingFn>, _: Option<MatchingFn>) {}

    fn delete_link(&mut self, member: &str, group: &str, _: Option<&str>) -> casbin::Result<()> {
        if let Some(groups) = self.0.get_mut(member) {
            groups.remove(group);
        }
        Ok(())
    }

    fn has_link(&self, member: &str, group: &str, _: Option<&str>) -> bool {
        self.0.get(member).is_some_and(|groups| groups.contains(group))
    }

    fn get_roles(&self, member: &str, _: Option<&str>) -> Vec<String> {
        self.0.get(member).into_iter().flatten().cloned().collect()
    }

    fn get_users(&self, group: &str, _: Option<&str>) -> Vec<String> {
        self.0.iter().filter(|(_, groups)| groups.contains(group)).map(|(member, _)| member.clone()).collect()
    }
}
