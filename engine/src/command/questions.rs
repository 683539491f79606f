//! Commands that ask.

use super::Reply;
use super::acls::{entry_reply, existing_entry};
use crate::acl::Entry;
use crate::arguments::Arguments;
use crate::change::{PrincipalType, Window};
use crate::decision::{Decision, Identity};
use crate::fields::{Fields, Json};
use crate::instant::to_iso;
use crate::locate::Located;
use crate::objects::ROOT;
use crate::order;
use crate::refusal::Refusal;
use crate::schema::DIRECTORY;
use crate::state::State;
use crate::view::View;

/// What the caller itself may do, whatever the caller may look at.
pub(super) fn check_access(view: &View, arguments: &Arguments) -> Reply {
    let located = view.locate(arguments)?;
    view.require_registered(&located, located.missing.last(), view.state.schema.roles().read)?;
    let schema = &view.state.schema;
    let allowed = view.state.allowed(view.caller, located.object, schema.all_privileges(), view.now);
    Ok(Fields::default().value("access", view.state.render_mask(allowed).done()))
}

pub(super) fn check(view: &View, arguments: &Arguments) -> Reply {
    let decision = decide(view, arguments, false)?;
    Ok(view.state.render_decision(&decision))
}

pub(super) fn explain(view: &View, arguments: &Arguments) -> Reply {
    let decision = decide(view, arguments, true)?;
    Ok(view.state.render_explanation(&decision, view.now))
}

/// The decision that is asked about. What the caller may do is the caller's to ask; why, and what others may do, needs
/// `read` on the object and on whom it is about.
fn decide(view: &View, arguments: &Arguments, with_reasons: bool) -> Result<Decision, Box<Refusal>> {
    let privilege = view.state.privilege(arguments.required("privilege")?)?;
    let located = view.locate(arguments)?;
    let identities = arguments.identities("principal")?;
    if with_reasons || !identities.is_empty() {
        require_to_ask_about(view, &identities, &located)?;
    }
    let identities = if identities.is_empty() { view.caller } else { &identities };
    Ok(view.state.decide(identities, privilege, located, view.now))
}

fn require_to_ask_about(view: &View, identities: &[Identity], located: &Located) -> Result<(), Box<Refusal>> {
    view.require_on(view.state.schema.roles().read, located)?;
    require_readable(view, identities)
}

/// Refuses a caller who may not look at one of the principals that are asked about; oneself always may. Groups that the
/// question puts somebody into are asked about as well: the answer tells what they may.
fn require_readable(view: &View, identities: &[Identity]) -> Result<(), Box<Refusal>> {
    let read = view.state.schema.roles().read;
    let mut others = identities.iter().filter(|identity| !view.caller.contains(identity));
    others.try_for_each(|identity| {
        view.require_on(read, &view.state.directory_place(identity.kind, &identity.name))?;
        let mut groups = identity.groups.iter().flatten();
        groups.try_for_each(|name| view.require_on(read, &view.state.directory_place(PrincipalType::Group, name)))
    })
}

pub(super) fn get_entry(view: &View, arguments: &Arguments) -> Reply {
    let (kind, name) = arguments.principal()?;
    let object = view.object(arguments, view.state.schema.roles().read)?;
    let principal = existing_entry(view, object, kind, name)?;
    Ok(entry_reply(view.state, object, principal))
}

/// The lists from the object up to the first whose inheritance is broken. With `emulateRestoreInheritance` the object
/// itself counts as inheriting.
pub(super) fn get_access(view: &View, arguments: &Arguments) -> Reply {
    let state = view.state;
    let emulate = arguments.flag("emulateRestoreInheritance")?;
    let object = view.object(arguments, state.schema.roles().read)?;
    let mut lists = Vec::new();
    for at in state.objects.ancestry(object) {
        let inherits = state.acls.inheriting(&state.objects, at) || (emulate && at == object);
        let list = state.object_head(at).list("aclEntry", state.render_acl(at)).flag("breakInheritance", !inherits);
        lists.push(list.done());
        if !inherits {
            break;
        }
    }
    Ok(Fields::default().list("object", lists))
}

/// The objects directly below the addressed one, or with `recursive` all below it, that the caller may read.
pub(super) fn get_objects(view: &View, arguments: &Arguments) -> Reply {
    let state = view.state;
    let container = container(view, arguments)?;
    let wanted = match arguments.text("objectType")? {
        Some(name) => {
            let unknown = || Box::new(Refusal::InvalidObjectType(crate::address::shorten(name).to_string()));
            Some(state.schema.type_by_name(name).ok_or_else(unknown)?)
        }
        None => None,
    };
    let all = match arguments.flag("recursive")? {
        true => state.objects.subtree(container).into_iter().skip(1).collect(),
        false => state.objects.children(container),
    };
    let kind = |id: u32| state.objects.get(id).map(|known| known.kind());
    let found = all.into_iter().filter(|&id| wanted.is_none() || kind(id) == wanted).filter(|&id| view.may_read(id));
    let page = Page::new(arguments)?.cut(found.map(|id| (state.path(id), id)).collect());
    let objects = page.iter().map(|(path, id)| state.object_head(*id).text("path", path).done());
    Ok(Fields::default().list("object", objects.collect()))
}

/// What a listing is below: what the arguments address, or else everything.
fn container(view: &View, arguments: &Arguments) -> Result<u32, Box<Refusal>> {
    let addressed = arguments.address(&view.state.schema)?.is_some() || arguments.text("objectId")?.is_some();
    let read = view.state.schema.roles().read;
    if addressed {
        return view.object(arguments, read);
    }
    // Nothing is addressed: the listing leaves out what may not be read, be it everything.
    Ok(ROOT)
}

/// Who has what on the object; with `principal`, what these have on which objects, at and below the addressed one.
pub(super) fn access(view: &View, arguments: &Arguments) -> Reply {
    let identities = arguments.identities("principal")?;
    if identities.is_empty() {
        return who_has(view, arguments);
    }
    let state = view.state;
    let top = container(view, arguments)?;
    require_readable(view, &identities)?;
    let asked = asked_privilege(view, arguments)?;
    let held = state.access_where(&identities, top, asked, view.now).into_iter();
    let held = held.filter(|(object, _)| view.may_read(*object));
    let page = Page::new(arguments)?.cut(held.map(|held| (state.path(held.0), held)).collect());
    let objects = page.iter().map(|(path, (object, mask))| {
        state.object_head(*object).text("path", path).and(state.render_mask(*mask)).done()
    });
    Ok(Fields::default().list("object", objects.collect()))
}

/// The privilege that the listing is limited to; all where it is not.
fn asked_privilege(view: &View, arguments: &Arguments) -> Result<u32, Box<Refusal>> {
    arguments.text("privilege")?.map_or(Ok(u32::MAX), |name| view.state.privilege(name))
}

fn who_has(view: &View, arguments: &Arguments) -> Reply {
    let state = view.state;
    let object = view.object(arguments, state.schema.roles().read)?;
    let asked = asked_privilege(view, arguments)?;
    let held = state.access_to(object, view.now).into_iter().filter(|(_, mask)| mask & asked != 0);
    let holders = held.filter(|(identity, _)| view.may_ask_about(identity));
    let page = Page::new(arguments)?.cut_in_order(holders.map(|held| (held.0.to_string(), held)).collect())?;
    let principals = page.iter().map(|(_, (identity, mask))| {
        let name =
            Fields::default().text("principalType", identity.kind.as_str()).text("principalName", &identity.name);
        name.and(state.render_mask(*mask)).done()
    });
    Ok(Fields::default().list("principal", principals.collect()))
}

/// The objects at and below the addressed one, each after what it lies under, with their own lists.
pub(super) fn tree(view: &View, arguments: &Arguments) -> Reply {
    let state = view.state;
    let top = container(view, arguments)?;
    let mut rows = Vec::new();
    let mut todo = vec![(top, 0_usize)];
    while let Some((object, depth)) = todo.pop() {
        if view.may_read(object) {
            rows.push((state.path(object), (object, depth)));
        }
        let children = order::by_text(state.objects.children(object), |id| state.sort_key(*id));
        todo.extend(children.into_iter().rev().map(|id| (id, depth + 1)));
    }
    let page = Page::new(arguments)?.cut_in_order(rows)?;
    let objects = page.iter().map(|(path, (object, depth))| {
        state
            .object_head(*object)
            .text("path", path)
            .number("depth", *depth)
            .flag("breakInheritance", !state.acls.inheriting(&state.objects, *object))
            .list("aclEntry", state.render_acl(*object))
            .done()
    });
    Ok(Fields::default().list("object", objects.collect()))
}

/// A part of a list: what comes after a key, and at most so many.
struct Page {
    after: Option<String>,
    limit: usize,
}

impl Page {
    fn new(arguments: &Arguments) -> Result<Self, Box<Refusal>> {
        let after = arguments.text("after")?.map(str::to_owned);
        Ok(Self { after, limit: arguments.count("limit")?.unwrap_or(usize::MAX) })
    }

    /// Sorts by key first.
    fn cut<T>(self, all: Vec<(String, T)>) -> Vec<(String, T)> {
        let mut all = order::by_text(all, |(key, _)| key.clone());
        let start = self.after.as_ref().map_or(0, |after| all.partition_point(|(key, _)| key <= after));
        all.drain(start..).take(self.limit).collect()
    }

    /// Leaves the order as it is: what follows the key's own place.
    fn cut_in_order<T>(self, all: Vec<(String, T)>) -> Result<Vec<(String, T)>, Box<Refusal>> {
        let start = match &self.after {
            None => 0,
            Some(after) => match all.iter().position(|(key, _)| key == after) {
                Some(place) => place + 1,
                None => {
                    let after = crate::address::shorten(after);
                    return Err(Refusal::invalid(format_args!("`after` is `{after}`, which is not in the list")));
                }
            },
        };
        Ok(all.into_iter().skip(start).take(self.limit).collect())
    }
}

impl View<'_> {
    /// Whether the caller is the principal, or may look at its place in the directory.
    pub(crate) fn may_ask_about(&self, identity: &Identity) -> bool {
        self.caller.contains(identity)
            || self.may_read(self.state.directory_place(identity.kind, &identity.name).object)
    }
}

impl State {
    /// The object as answers begin it (`domain.md` §1, "Answers").
    pub(crate) fn object_head(&self, object: u32) -> Fields {
        Fields::default()
            .text("objectId", &self.object_id(object))
            .text("objectName", &self.display_name(object))
            .text("objectType", self.kind_name(object))
    }

    /// Each privilege, allowed or denied.
    fn render_mask(&self, allowed: u32) -> Fields {
        self.render_privileges(Fields::default(), |mask| if allowed & mask != 0 { "allow" } else { "deny" })
    }

    /// Each privilege with the word for its mask.
    fn render_privileges(&self, mut fields: Fields, word: impl Fn(u32) -> &'static str) -> Fields {
        for (bit, name) in self.schema.privileges().iter().enumerate() {
            fields = fields.text(&format!("{name}Privilege"), word(1 << bit));
        }
        fields
    }

    /// The object's own entries: groups, service accounts, users, each by name without case.
    fn render_acl(&self, object: u32) -> Vec<Json> {
        let Some(acl) = self.acls.of(&self.objects, object) else { return Vec::new() };
        let entries = order::by_text(acl.entries.iter().collect(), |entry| self.principal_sort_key(entry.principal));
        entries.into_iter().map(|entry| self.render_acl_entry(entry, acl.window(entry.id))).collect()
    }

    /// An entry in full.
    pub(crate) fn render_acl_entry(&self, entry: &Entry, window: Window) -> Json {
        let word = |mask: u32| match (entry.allow & mask, entry.deny & mask) {
            (0, 0) => "inherit",
            (0, _) => "deny",
            _ => "allow",
        };
        let named =
            Fields::default().text("aclEntryId", &self.entry_id(entry.id)).and(self.render_principal(entry.principal));
        self.render_privileges(named, word)
            .maybe("notBefore", window.not_before.map(to_iso))
            .maybe("notAfter", window.not_after.map(to_iso))
            .done()
    }

    /// Lists sort by type, then name without case (`domain.md` §1), and then by the name itself.
    pub(crate) fn principal_sort_key(&self, id: u32) -> String {
        let kind = self.principals.get(id).map_or("", |known| known.kind.as_str());
        format!("{kind}\0{}", order::name_key(self.principals.name(id)))
    }

    fn sort_key(&self, object: u32) -> String {
        format!("{}/{}", self.kind_name(object), self.objects.name(object))
    }

    /// What must be read to ask about a principal: its object, or the directory, in which one that is not registered is
    /// missing.
    fn directory_place(&self, kind: PrincipalType, name: &str) -> Located {
        if let Some(object) = self.principal_object(kind, name) {
            return Located { object, missing: Vec::new() };
        }
        let object = self.objects.system_object(DIRECTORY).unwrap_or(ROOT);
        let step = self.schema.type_by_name(kind.as_str()).map(|kind| (kind, name.to_owned()));
        Located { object, missing: step.into_iter().collect() }
    }

    /// A principal in a text, such as `user:j smith`.
    pub(crate) fn principal_label(&self, id: u32) -> String {
        let kind = self.principals.get(id).map_or("", |known| known.kind.as_str());
        format!("{kind}:{}", self.principals.name(id))
    }
}
