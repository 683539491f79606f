//! The judge of commands: whether a row of the table (`domain.md` §1) covers one that was let through, and whether its
//! answer shows nothing that the caller may not read.

use super::draw::{Drawn, Open, Steps, Target};
use super::model::{CHANGE, MODIFY, READ};
use super::records::Judge;
use portcullis_engine::PrincipalType::{self, Group, ServiceAccount, User};
use serde_json::Value;

impl Judge<'_> {
    /// Whether the row of the command's covers it.
    pub(super) fn covers(&self, drawn: &Drawn) -> bool {
        let name = drawn.command.name;
        let text = |argument: &str| drawn.arguments.get(argument).and_then(Value::as_str);
        let target = drawn.target.as_ref().and_then(|target| self.resolve(target));
        let on_target = |mask: u32| target.is_some_and(|object| self.has(mask, object));
        let modifies = |kind, argument| text(argument).is_some_and(|name| self.has_on_principal(MODIFY, kind, name));
        let reads = |kind, argument| text(argument).is_none_or(|name| self.knows(kind, name));
        if !drawn.command.asks() && !self.is_registered() {
            return false;
        }
        match name {
            "createAclEntry"
            | "modifyAclEntry"
            | "deleteAclEntry"
            | "breakAclInheritance"
            | "restoreAclInheritance" => on_target(CHANGE),
            "getAccess" | "getAclEntry" => on_target(READ),
            "getObjects" | "tree" => drawn.target.is_none() || on_target(READ),
            "access" => on_target(READ) && self.may_ask_about(drawn),
            "explain" => self.reads_place(drawn) && self.may_ask_about(drawn),
            "check" => {
                !drawn.arguments.contains_key("principal") || self.reads_place(drawn) && self.may_ask_about(drawn)
            }
            "checkAccess" | "getSchema" => true,
            "createObject" => self.container(drawn).is_some_and(|object| self.has(MODIFY, object)),
            "deleteObject" => target.is_some_and(|object| self.may_remove(object)),
            "moveObject" => target.is_some_and(|object| self.may_remove(object) && self.may_move(object, drawn)),
            "createUser" | "createGroup" => self.has_on(MODIFY, "directory"),
            "modifyUser" | "deleteUser" => modifies(User, "userName"),
            "modifyGroup" | "deleteGroup" | "addGroupMember" | "removeGroupMember" => modifies(Group, "groupName"),
            "getUser" | "getGroups" => reads(User, "userName"),
            "getGroupMembers" => reads(Group, "groupName"),
            "getPermissions" if text("principalType") == Some("group") => reads(Group, "entityName"),
            "getPermissions" => reads(User, "entityName"),
            "getUsers" | "getAccessEntries" | "getPersonaCategories" | "getPersonaPages" => true,
            "setPermissions" => self.has_on(CHANGE, "directory"),
            "getPersonas" => reads(User, "userName") && reads(Group, "groupName"),
            "getPersona" => self.reads_persona("persona", text("personaName")),
            "getPersonaCategory" => self.reads_persona("personaCategory", text("personaCategoryName")),
            "getPersonaPage" => self.reads_persona("personaPage", text("personaPageName")),
            _ if name.contains("Persona") => self.has_on(MODIFY, "personas"),
            "createSession" => modifies(ServiceAccount, "serviceAccountName"),
            "getSessions" => text("serviceAccountName").is_none() || modifies(ServiceAccount, "serviceAccountName"),
            // Whose session it is is in the records.
            "modifySession" | "deleteSession" | "logout" => true,
            "createUserAccessToken" | "modifyUserAccessToken" => self.is_user() && !self.caller.by_token,
            _ if name.contains("UserAccessToken") => match text("userName") {
                Some(name) => self.is_named(User, name) || modifies(User, "userName"),
                None => self.is_user(),
            },
            "changeOwnUser" => text("userName").is_some_and(|name| self.is_named(User, name)) && self.is_user(),
            "getUserSettings"
            | "setUserSettings"
            | "setBuildEndNotification"
            | "getEffectivePermissions"
            | "login"
            | "loginSso" => self.is_user(),
            // `import`, `setSchema`, `createPolicy`, `eraseUser`, and whatever has no row.
            _ => false,
        }
    }

    fn resolve(&self, target: &Target) -> Option<u32> {
        match target {
            Target::Path(steps) => self.follow(steps),
            Target::Id(id) => Some(*id).filter(|id| self.before.objects.contains_key(id)),
        }
    }

    /// Step by step, from the system object that the table says.
    fn follow(&self, steps: &[(&str, &str)]) -> Option<u32> {
        let mut at = None;
        for (kind, name) in steps {
            at = Some(match (at, *kind) {
                (None, "systemObject") => Some(self.before.system(name)).filter(|id| *id != 0)?,
                (None, kind) => self.before.child(self.before.system(place_of(kind)), kind, name)?,
                (Some(parent), kind) => self.before.child(parent, kind, name)?,
            });
        }
        at
    }

    fn container(&self, drawn: &Drawn) -> Option<u32> {
        match drawn.target.as_ref()? {
            Target::Path(steps) => match steps.as_slice() {
                [(kind, _)] => Some(self.before.system(place_of(kind))),
                [above @ .., _] => self.follow(above),
                [] => None,
            },
            Target::Id(_) => None,
        }
    }

    /// The object at a path, or the nearest above that is registered.
    fn nearest(&self, steps: &[(&str, &str)]) -> Option<u32> {
        let above = (1..=steps.len()).rev().find_map(|end| self.follow(&steps[..end]));
        above.or_else(|| steps.first().map(|(kind, _)| self.before.system(place_of(kind))))
    }

    /// What the caller may change at a place, or under what lies above it.
    pub(super) fn open(&self, steps: Steps) -> Option<Open> {
        let object = self.nearest(&steps)?;
        let is_there = self.follow(&steps).is_some();
        let (may_modify, may_change_permissions) = (self.has(MODIFY, object), self.has(CHANGE, object));
        (may_modify || may_change_permissions).then_some(Open { steps, is_there, may_modify, may_change_permissions })
    }

    /// “`read` on the object”: for one that is not registered, on the nearest above it that is.
    fn reads_place(&self, drawn: &Drawn) -> bool {
        let place = match drawn.target.as_ref() {
            Some(Target::Path(steps)) => self.nearest(steps),
            Some(target) => self.resolve(target),
            None => None,
        };
        place.is_some_and(|object| self.has(READ, object))
    }

    fn may_move(&self, object: u32, drawn: &Drawn) -> bool {
        let Some(steps) = &drawn.new_parent else { return true };
        let Some(parent) = self.follow(steps) else { return false };
        parent == self.before.objects[&object].parent || self.has(MODIFY, parent) && self.has(CHANGE, object)
    }

    /// “and on another principal asked about”; so on a group that somebody is put into.
    fn may_ask_about(&self, drawn: &Drawn) -> bool {
        match drawn.arguments.get("principal") {
            None => true,
            Some(Value::String(text)) => {
                let (kind, name) = text.split_once(':').unwrap();
                self.knows(PrincipalType::parse(kind).unwrap(), name)
            }
            Some(identity) => {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let kind = PrincipalType::parse(&text(&identity["type"])).unwrap();
                self.reads_principal(kind, &text(&identity["name"]))
                    && identity["groups"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .all(|name| self.reads_principal(Group, &text(name)))
            }
        }
    }

    /// “`read` on each; oneself always”
    fn knows(&self, kind: PrincipalType, name: &str) -> bool {
        self.is_named(kind, name) || self.reads_principal(kind, name)
    }

    /// On its object, or on the directory that it is missing from.
    fn reads_principal(&self, kind: PrincipalType, name: &str) -> bool {
        let home = self.before.principal(kind, name).and_then(|id| self.before.home(id));
        self.has(READ, home.unwrap_or(self.before.system("directory")))
    }

    fn has_on_principal(&self, mask: u32, kind: PrincipalType, name: &str) -> bool {
        let home = self.before.principal(kind, name).and_then(|id| self.before.home(id));
        home.is_some_and(|home| self.has(mask, home))
    }

    fn is_named(&self, kind: PrincipalType, name: &str) -> bool {
        (self.caller.kind, self.caller.name.as_str()) == (kind, name)
    }

    fn is_user(&self) -> bool {
        self.caller.kind == User && self.id().is_some_and(|id| self.before.home(id).is_some())
    }

    fn reads_persona(&self, kind: &str, name: Option<&str>) -> bool {
        let object = self.before.child(self.before.system("personas"), kind, name.unwrap_or_default());
        object.is_some_and(|object| self.has(READ, object))
    }

    /// “listings silently leave out what the caller may not read”: what an answer shows and should not.
    pub(super) fn shows_too_much(&self, drawn: &Drawn, reply: &Value) -> Vec<String> {
        let mut found = Vec::new();
        let rows = |list: &str| reply[list].as_array().cloned().unwrap_or_default();
        let name = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
        let mut look = |is_due: bool, row: &Value| {
            if !is_due {
                found.push(format!("shows {row}"));
            }
        };
        match drawn.command.name {
            "getObjects" | "tree" | "access" => {
                for row in rows("object") {
                    look(self.has(READ, number(&name(&row, "objectId"))), &row);
                }
                for row in rows("principal") {
                    let kind = PrincipalType::parse(&name(&row, "principalType")).unwrap();
                    look(self.knows(kind, &name(&row, "principalName")), &row);
                }
            }
            "getUsers" => rows("userInfo").iter().for_each(|row| look(self.knows(User, &name(row, "userName")), row)),
            "getGroups" => {
                rows("groupInfo").iter().for_each(|row| look(self.knows(Group, &name(row, "groupName")), row))
            }
            "getUser" => {
                let groups = reply["userInfo"]["groupName"].as_array().cloned().unwrap_or_default();
                groups.iter().for_each(|group| look(self.knows(Group, group.as_str().unwrap()), group));
            }
            "getGroupMembers" => {
                for row in rows("group") {
                    look(self.knows(Group, &name(&row, "groupName")), &row);
                    for (list, kind) in
                        [("userName", User), ("memberGroupName", Group), ("serviceAccountName", ServiceAccount)]
                    {
                        let members = row[list].as_array().cloned().unwrap_or_default();
                        members.iter().for_each(|member| look(self.knows(kind, member.as_str().unwrap()), member));
                    }
                }
            }
            "getAccessEntries" => {
                for row in rows("accessEntry") {
                    let kind = PrincipalType::parse(&name(&row, "principalType")).unwrap();
                    look(self.knows(kind, &name(&row, "entityName")), &row);
                }
            }
            "getPersonas" if drawn.arguments.get("merged") != Some(&true.into()) => {
                rows("persona")
                    .iter()
                    .for_each(|row| look(self.reads_persona("persona", row["personaName"].as_str()), row));
            }
            "getPersonaCategories" => {
                for row in rows("personaCategory") {
                    look(self.reads_persona("personaCategory", row["personaCategoryName"].as_str()), &row);
                }
            }
            "getPersonaPages" => {
                for row in rows("personaPage") {
                    look(self.reads_persona("personaPage", row["personaPageName"].as_str()), &row);
                }
            }
            "getSessions" => {
                for row in rows("session") {
                    look(self.has_on_principal(MODIFY, ServiceAccount, &name(&row, "serviceAccountName")), &row);
                }
            }
            _ => {}
        }
        found
    }
}

/// The record's number at the end of an object id.
pub(super) fn number(object_id: &str) -> u32 {
    u32::from_str_radix(&object_id[object_id.len() - 8..], 16).unwrap()
}

/// “artifact: `artifacts` …”: the system object that objects of a type lie under.
fn place_of(kind: &str) -> &'static str {
    match kind {
        "project" => "projects",
        "user" | "group" | "serviceAccount" => "directory",
        "resource" => "resources",
        "persona" | "personaCategory" | "personaPage" => "personas",
        _ => "server",
    }
}
