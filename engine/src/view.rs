//! What a command that asks sees, and what its caller may see of it.

use crate::address::{PROPERTIES, shorten};
use crate::arguments::Arguments;
use crate::change::PrincipalType;
use crate::decision::Identity;
use crate::locate::Located;
use crate::objects::ROOT;
use crate::principals::{ADMIN, PROJECT_PREFIX};
use crate::refusal::Refusal;
use crate::schema::{DIRECTORY, TypeId};
use crate::sessions::Via;
use crate::state::State;

/// What a command that asks sees.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) state: &'a State,
    pub(crate) caller: &'a [Identity],
    pub(crate) via: &'a Via,
    pub(crate) now: i64,
}

impl View<'_> {
    pub(crate) fn caller_name(&self) -> String {
        self.caller.iter().map(|identity| shorten(&identity.name).to_string()).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn is_admin(&self) -> bool {
        let is_admin = |identity: &Identity| self.state.principals.find(identity.kind, &identity.name) == Some(ADMIN);
        self.caller.iter().any(is_admin)
    }

    pub(crate) fn require_admin(&self, what: &str) -> Result<(), Box<Refusal>> {
        if self.is_admin() {
            return Ok(());
        }
        Err(Refusal::AdminOnly { principal: self.caller_name(), what: what.into() }.into())
    }

    pub(crate) fn may(&self, mask: u32, object: u32) -> bool {
        self.state.allowed(self.caller, object, mask, self.now) == mask && self.may_touch_admin(mask, object)
    }

    /// Only `admin` changes `admin`, and what hangs on it; whoever may read it may read it, unless the schema has one
    /// privilege for both.
    fn may_touch_admin(&self, mask: u32, object: u32) -> bool {
        let roles = self.state.schema.roles();
        if mask & (roles.modify | roles.change_permissions) == 0 {
            return true;
        }
        let admin = self.state.principal_object(PrincipalType::User, self.state.principals.name(ADMIN));
        !self.state.objects.ancestry(object).any(|above| Some(above) == admin) || self.is_admin()
    }

    pub(crate) fn may_read(&self, object: u32) -> bool {
        self.may(self.state.schema.roles().read, object)
    }

    /// Refuses a caller that lacks the privilege on the object.
    pub(crate) fn require(&self, mask: u32, object: u32) -> Result<(), Box<Refusal>> {
        if self.may(mask, object) { Ok(()) } else { Err(self.denied_on(mask, object)) }
    }

    /// The denial on a missing step of what was located, or else on the object.
    fn denied_at(&self, mask: u32, located: &Located, step: Option<&(TypeId, String)>) -> Box<Refusal> {
        let Some((kind, name)) = step else { return self.denied_on(mask, located.object) };
        let known = self.state.schema.object_type(*kind);
        let place = located.missing.iter().position(|missing| Some(missing) == step).unwrap_or_default();
        let above = place.checked_sub(1).and_then(|above| located.missing.get(above));
        let above = above.map_or_else(|| self.state.objects.name(located.object), |(_, name)| name.as_str());
        match known.qualified {
            Some(separator) => self.denied(mask, &known.name, &format!("{above}{separator}{name}")),
            None => self.denied(mask, &known.name, name),
        }
    }

    fn denied_on(&self, mask: u32, object: u32) -> Box<Refusal> {
        self.denied(mask, self.state.kind_name(object), &self.state.display_name(object))
    }

    fn denied(&self, mask: u32, kind: &str, name: &str) -> Box<Refusal> {
        Box::new(Refusal::AccessDenied {
            principal: self.caller_name(),
            privilege: self.state.privilege_names(mask).collect::<Vec<_>>().join(", "),
            kind: kind.to_owned(),
            name: shorten(name).to_string(),
        })
    }

    /// What the arguments address, registered or not.
    pub(crate) fn locate(&self, arguments: &Arguments) -> Result<Located, Box<Refusal>> {
        let address = arguments.address(&self.state.schema)?;
        let located = match (arguments.text("objectId")?, address) {
            (Some(_), Some(_)) => {
                return Err(Refusal::invalid(format_args!(
                    "`objectId` and another argument both say which object: give one of them"
                )));
            }
            (Some(id), None) => Located { object: self.object_of_id(arguments, id)?, missing: Vec::new() },
            (None, Some(address)) if address.sheet => self.hide_sheet(self.state.locate(&address)),
            (None, Some(address)) => self.state.locate(&address),
            (None, None) => return Err(missing_object(arguments)),
        };
        self.check_object_type(arguments, &located)?;
        Ok(located)
    }

    /// `objectType` beside another locator must be the type of what that addresses.
    fn check_object_type(&self, arguments: &Arguments, located: &Located) -> Result<(), Box<Refusal>> {
        let Some(wanted) = arguments.text("objectType")?.filter(|_| arguments.command().name != "getObjects") else {
            return Ok(());
        };
        let kind = located
            .missing
            .last()
            .map(|(kind, _)| *kind)
            .or_else(|| Some(self.state.objects.get(located.object)?.kind()));
        let found = kind.map_or("", |kind| &self.state.schema.object_type(kind).name);
        if self.state.schema.type_by_name(wanted).is_none() {
            return Err(Refusal::InvalidObjectType(shorten(wanted).to_string()).into());
        }
        if found == wanted {
            return Ok(());
        }
        Err(Refusal::invalid(format_args!("`objectType` is `{wanted}`, and what is addressed is a {found}")))
    }

    /// The registered object that the arguments address, on which the caller needs the privileges of `mask`.
    pub(crate) fn object(&self, arguments: &Arguments, mask: u32) -> Result<u32, Box<Refusal>> {
        let located = self.locate(arguments)?;
        self.require_registered(&located, located.missing.last(), mask)?;
        self.require(mask, located.object)?;
        Ok(located.object)
    }

    /// The object of an id. What may not be read is not told by it, for ids can be counted through; but what the
    /// caller itself may do needs nothing.
    fn object_of_id(&self, arguments: &Arguments, id: &str) -> Result<u32, Box<Refusal>> {
        let object = self.state.object_by_id(id)?;
        if self.may_read(object) || arguments.command().name == "checkAccess" {
            return Ok(object);
        }
        let kind = self.state.kind_name(object).to_owned();
        Err(Refusal::NoSuchObject { kind, name: shorten(id).to_string() }.into())
    }

    /// A property's path does not tell whether there is a sheet that may not be read.
    fn hide_sheet(&self, located: Located) -> Located {
        if !located.missing.is_empty() || self.may_read(located.object) {
            return located;
        }
        let sheet = self.state.objects.get(located.object).map(|known| (known.kind(), known.parent()));
        sheet.map_or(located, |(kind, owner)| Located { object: owner, missing: vec![(kind, PROPERTIES.to_owned())] })
    }

    /// Refuses a caller that lacks the privilege on what was located, be it there or not: both are told alike.
    pub(crate) fn require_on(&self, mask: u32, located: &Located) -> Result<(), Box<Refusal>> {
        if self.may(mask, located.object) {
            return Ok(());
        }
        Err(self.denied_at(mask, located, located.missing.last()))
    }

    /// Refuses what is not registered. Where the caller may not even look at what it would lie under, the denial is
    /// that of an object that is there: `checked` is what would be looked at first, the located one if nothing, and
    /// `mask` what for.
    pub(crate) fn require_registered(
        &self,
        located: &Located,
        checked: Option<&(TypeId, String)>,
        mask: u32,
    ) -> Result<(), Box<Refusal>> {
        let Some((kind, name)) = located.missing.first() else { return Ok(()) };
        if !self.may_read(located.object) {
            return Err(self.denied_at(mask, located, checked));
        }
        let kind = self.state.schema.object_type(*kind).name.clone();
        Err(Refusal::NoSuchObject { kind, name: shorten(name).to_string() }.into())
    }

    /// A registered principal. Where the caller may not look at the directory, who is missing there is denied in the very
    /// words that one who is there would be: `mask` is what will be required of that one.
    pub(crate) fn registered(&self, kind: PrincipalType, name: &str, mask: u32) -> Result<Registered, Box<Refusal>> {
        let object = self.state.principal_object(kind, name);
        if let Some((object, id)) = object.zip(self.state.principals.find(kind, name)) {
            return Ok(Registered { id, object });
        }
        let object = self.state.objects.system_object(DIRECTORY).unwrap_or(ROOT);
        let step = self.state.schema.type_by_name(kind.as_str()).map(|kind| (kind, name.to_owned()));
        let located = Located { object, missing: step.into_iter().collect() };
        self.require_registered(&located, located.missing.last(), mask)?;
        Err(Refusal::NoSuchObject { kind: kind.as_str().into(), name: shorten(name).to_string() }.into())
    }

    /// The principal of that name, which the caller must be or be allowed to read.
    pub(crate) fn known(&self, kind: PrincipalType, name: &str) -> Result<Registered, Box<Refusal>> {
        let read = self.state.schema.roles().read;
        let principal = self.registered(kind, name, read)?;
        if !self.is_caller(principal.id) {
            self.require(read, principal.object)?;
        }
        Ok(principal)
    }

    /// The principal of that name, which the caller must be allowed to modify.
    pub(crate) fn modifiable(&self, kind: PrincipalType, name: &str) -> Result<Registered, Box<Refusal>> {
        let modify = self.state.schema.roles().modify;
        let principal = self.registered(kind, name, modify)?;
        self.require(modify, principal.object)?;
        Ok(principal)
    }

    /// The user who calls, for what is a user's own.
    pub(crate) fn own_user(&self) -> Result<Registered, Box<Refusal>> {
        let own = self.caller.first().filter(|identity| identity.kind == PrincipalType::User).and_then(|identity| {
            let object = self.state.principal_object(identity.kind, &identity.name)?;
            Some(Registered { id: self.state.principals.find(identity.kind, &identity.name)?, object })
        });
        own.ok_or_else(|| {
            let caller = self.caller_name();
            Refusal::told(
                Refusal::NotPermitted,
                format_args!("Principal '{caller}' is not a registered user, whose own this is"),
            )
        })
    }

    /// Whether the caller is the principal, or may read it.
    pub(crate) fn may_know(&self, principal: &Registered) -> bool {
        self.is_caller(principal.id) || self.may_read(principal.object)
    }

    /// Whether the caller is the principal.
    pub(crate) fn is_caller(&self, principal: u32) -> bool {
        let is_it = |identity: &Identity| self.state.principals.find(identity.kind, &identity.name) == Some(principal);
        self.caller.iter().any(is_it)
    }

    /// Refuses a caller who came with a token, or with a session that was exchanged for one (`domain.md` §3).
    pub(crate) fn require_no_token(&self, what: &str) -> Result<(), Box<Refusal>> {
        if !self.via.is_token() {
            return Ok(());
        }
        Err(Refusal::told(
            Refusal::NotPermitted,
            format_args!("whoever logged in by a user access token may not {what}: log in by password"),
        ))
    }

    /// Whether the caller may command: who is not registered may only ask.
    pub(crate) fn require_registered_caller(&self) -> Result<(), Box<Refusal>> {
        let known = |identity: &Identity| {
            let id = self.state.principals.find(identity.kind, &identity.name);
            let registered = id.and_then(|id| self.state.principals.get(id)).is_some_and(|known| known.registered);
            registered || identity.groups.is_some() || self.is_project_principal(identity)
        };
        if self.caller.iter().any(known) {
            return Ok(());
        }
        Err(Refusal::Unregistered(self.caller_name()).into())
    }

    /// A project's principal is as registered as its project.
    fn is_project_principal(&self, identity: &Identity) -> bool {
        let name = identity.name.strip_prefix(PROJECT_PREFIX).filter(|_| identity.kind == PrincipalType::User);
        let mut kinds =
            self.state.schema.types().filter(|(_, kind)| kind.principal_prefix.as_deref() == Some(PROJECT_PREFIX));
        name.is_some_and(|name| {
            kinds.any(|(kind, _)| {
                let parent = self.state.objects.system_parent(&self.state.schema, kind);
                parent.is_some_and(|parent| self.state.objects.child(parent, kind, name.as_bytes()).is_some())
            })
        })
    }
}

/// A principal that is registered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Registered {
    pub(crate) id: u32,
    /// Its object in the directory.
    pub(crate) object: u32,
}

fn missing_object(arguments: &Arguments) -> Box<Refusal> {
    let name = arguments.command().name;
    Refusal::told(
        Refusal::MissingArgument,
        format_args!("`{name}` needs an object: locator arguments such as `projectName`, or `path`"),
    )
}
