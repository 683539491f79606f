//! Decisions: the answer to a check, with the reasons that made it.

use crate::acl::{Acl, Entry};
use crate::arguments::check_principal_name;
use crate::change::PrincipalType;
use crate::evaluate::{Nobody, Witness};
use crate::locate::{Handle, Located};
use crate::principals::{ADMIN, PROJECT_PREFIX, STRANGER};
use crate::refusal::Refusal;
use crate::schema::known_mask;
use crate::state::State;
use std::borrow::Cow;

/// Who is asked about, or asks: a principal by type and name.
///
/// ```
/// use portcullis_engine::{Identity, PrincipalType};
///
/// let identity = Identity::parse("user:project: Default")?;
/// assert_eq!((identity.kind, identity.name.as_str()), (PrincipalType::User, "project: Default"));
/// # Ok::<(), Box<portcullis_engine::Refusal>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// Its type.
    pub kind: PrincipalType,
    /// Its name.
    pub name: String,
    /// The groups that the request vouches for; `None` where membership is what the policy says.
    pub groups: Option<Vec<String>>,
}

impl Identity {
    /// Reads `user:NAME`, `group:NAME` or `serviceAccount:NAME`.
    ///
    /// # Errors
    ///
    /// `InvalidPrincipalType` for another type, `InvalidPrincipalName` where the name is missing.
    pub fn parse(text: &str) -> Result<Self, Box<Refusal>> {
        let Some((kind, name)) = text.split_once(':') else {
            let given = crate::address::shorten(text);
            return Err(Refusal::told(
                Refusal::InvalidPrincipalName,
                format_args!("`{given}` names no principal: write `user:NAME`, `group:NAME` or `serviceAccount:NAME`"),
            ));
        };
        let kind = PrincipalType::parse(kind)?;
        check_principal_name(kind, name)?;
        Ok(Self { kind, name: name.into(), groups: None })
    }
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.name)
    }
}

/// Why a decision is what it is. The codes never change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The built-in user `admin` may everything.
    Admin,
    /// The nearest list that says something allows, and does not deny.
    EntryAllows,
    /// The nearest list that says something denies.
    EntryDenies,
    /// No list up to the root says anything.
    NoEntryMatches,
    /// No list up to broken inheritance says anything.
    InheritanceBroken,
}

impl Reason {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::EntryAllows => "EntryAllows",
            Self::EntryDenies => "EntryDenies",
            Self::NoEntryMatches => "NoEntryMatches",
            Self::InheritanceBroken => "InheritanceBroken",
        }
    }
}

/// The answer to one question, with everything that the walk saw.
#[derive(Clone, Debug)]
pub struct Decision {
    pub(crate) privilege: u32,
    pub(crate) located: Located,
    pub(crate) walks: Vec<Walk>,
    /// The walk that decided: the first that allows, else the first.
    pub(crate) deciding: usize,
    pub(crate) valid_until: Option<i64>,
}

/// What the walk for one principal saw.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    pub(crate) identity: Identity,
    pub(crate) id: Option<u32>,
    pub(crate) registered: bool,
    pub(crate) reason: Reason,
    pub(crate) lists: Vec<SeenList>,
}

/// A list that the walk came to, and its entries that match.
#[derive(Clone, Debug)]
pub(crate) struct SeenList {
    pub(crate) object: u32,
    pub(crate) entries: Vec<(Entry, bool)>,
}

impl Decision {
    /// Whether it is allowed.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self.reason(), Reason::Admin | Reason::EntryAllows)
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.walks.get(self.deciding).map_or(Reason::NoEntryMatches, |walk| walk.reason)
    }

    /// The instant from which the decision may be another, if no change is made before: milliseconds since 1970,
    /// UTC. The least boundary after now among the matching entries, up to the deciding list.
    #[must_use]
    pub fn valid_until_ms(&self) -> Option<i64> {
        self.valid_until
    }
}

/// Writes down what a walk sees.
#[derive(Default)]
struct Notes(Vec<SeenList>);

impl Witness for Notes {
    fn list(&mut self, acl: &Acl) {
        self.0.push(SeenList { object: acl.object, entries: Vec::new() });
    }

    fn entry(&mut self, entry: &Entry, holds: bool) {
        if let Some(list) = self.0.last_mut() {
            list.entries.push((*entry, holds));
        }
    }
}

impl State {
    /// Whether the principal may do what `privilege` (one bit) says to the object, at `now_ms`. The fastest way to
    /// ask; a stale handle and an unknown principal are denied.
    ///
    /// ```
    /// # use portcullis_engine::{State, Identity};
    /// # let mut state = State::new()?;
    /// # let request = portcullis_engine::Request::parse(br#"{"request":"propose","now":0,
    /// #     "caller":{"type":"user","name":"admin"},"seed":"00112233445566778899aabbccddeeff",
    /// #     "commands":[{"command":"createPolicy"}]}"#)?;
    /// # let proposal = state.propose(&request)?;
    /// # state.apply(&proposal.changes.ok_or("no changes")?)?;
    /// let everyone = state.principal(&Identity::parse("group:Everyone")?);
    /// let server = state.resolve("/systemObjects/server")?;
    /// let read = state.schema().privilege("read").ok_or("no read")?;
    /// let modify = state.schema().privilege("modify").ok_or("no modify")?;
    /// assert!(state.check(everyone, server, read, 0));
    /// assert!(!state.check(everyone, server, modify, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn check(&self, principal: u32, object: Handle, privilege: u32, now_ms: i64) -> bool {
        let Some(object) = self.follow(object) else { return false };
        self.is_allowed(principal, object, privilege, now_ms)
    }

    /// Whether the handle no longer stands for anything.
    #[must_use]
    pub fn is_stale(&self, object: Handle) -> bool {
        self.follow(object).is_none()
    }

    /// The principal's handle for [`State::check`]. One that nobody knows has a handle as well, by which it is what
    /// it is now: no entry matches it, or those for Everyone where the schema says so.
    #[must_use]
    pub fn principal(&self, identity: &Identity) -> u32 {
        let stranger = identity.kind == PrincipalType::User && !identity.name.starts_with(PROJECT_PREFIX);
        let unknown = if stranger { STRANGER } else { 0 };
        self.principals.find(identity.kind, &identity.name).unwrap_or(unknown)
    }

    /// Like [`State::check`], on the object's path.
    ///
    /// # Errors
    ///
    /// As [`crate::Address::parse`].
    #[inline]
    pub fn check_path(&self, principal: u32, privilege: u32, path: &str, now_ms: i64) -> Result<bool, Box<Refusal>> {
        let (object, _) = self.find_path(path)?;
        Ok(self.is_allowed(principal, object, privilege, now_ms))
    }

    /// Like [`State::check`], on names: the principal as `user:NAME`, the privilege's name, the object's path.
    ///
    /// # Errors
    ///
    /// As [`Identity::parse`] and [`crate::Address::parse`]; `InvalidPrivilege`.
    #[inline]
    pub fn check_names(&self, principal: &str, privilege: &str, path: &str, now_ms: i64) -> Result<bool, Box<Refusal>> {
        let wanted = self.privilege(privilege)?;
        let (object, _) = self.find_path(path)?;
        match self.principals.find_text(principal) {
            Some(id) => Ok(self.is_allowed(id, object, wanted, now_ms)),
            None => {
                let closure = self.closure_of_name(principal)?;
                Ok(self.walk(&closure, object, wanted, now_ms, &mut Nobody).allowed == wanted)
            }
        }
    }

    /// The instant from which the answer of [`State::check_names`] may be another, if nothing is changed before;
    /// `None` for never. Milliseconds since 1970, UTC.
    ///
    /// # Errors
    ///
    /// As [`State::check_names`].
    pub fn valid_until(
        &self,
        principal: &str,
        privilege: &str,
        path: &str,
        now_ms: i64,
    ) -> Result<Option<i64>, Box<Refusal>> {
        let wanted = self.privilege(privilege)?;
        let (object, _) = self.find_path(path)?;
        let closure = self.closure_of_name(principal)?;
        Ok(self.walk(&closure, object, wanted, now_ms, &mut Nobody).valid_until)
    }

    /// What entries match the principal of that name (`user:NAME`).
    #[inline]
    pub(crate) fn closure_of_name(&self, principal: &str) -> Result<Cow<'_, [u32]>, Box<Refusal>> {
        match self.principals.find_text(principal) {
            Some(id) => Ok(Cow::Borrowed(self.principals.closure(id))),
            None => Identity::parse(principal).map(|identity| Cow::Owned(self.closure_of(&identity).into_owned())),
        }
    }

    /// The mask of a privilege by its name.
    pub(crate) fn privilege(&self, name: &str) -> Result<u32, Box<Refusal>> {
        known_mask(self.schema.privileges(), name)
    }

    /// The principal that an identity is, unless the request vouches for other groups than it is in.
    fn known(&self, identity: &Identity) -> Option<u32> {
        if identity.groups.is_some() { None } else { self.principals.find(identity.kind, &identity.name) }
    }

    /// What entries match an identity.
    pub(crate) fn closure_of(&self, identity: &Identity) -> Cow<'_, [u32]> {
        let id = self.principals.find(identity.kind, &identity.name);
        if let (None, Some(id)) = (&identity.groups, id) {
            return Cow::Borrowed(self.principals.closure(id));
        }
        let groups = identity.groups.iter().flatten();
        let groups = groups.filter_map(|group| self.principals.find(PrincipalType::Group, group));
        let start: Vec<u32> = id.into_iter().chain(groups).collect();
        let vouched = identity.groups.is_some();
        Cow::Owned(self.principals.closure_from(&start, identity.kind, &identity.name, vouched).to_vec())
    }

    /// The masks of everything that any of the identities may do to the object.
    pub(crate) fn allowed(&self, identities: &[Identity], object: u32, wanted: u32, now: i64) -> u32 {
        let masks = identities.iter().map(|identity| match self.known(identity) {
            Some(id) => self.walk_as(self.principals.party(id), object, wanted, now, &mut Nobody).allowed,
            None => self.walk(&self.closure_of(identity), object, wanted, now, &mut Nobody).allowed,
        });
        masks.fold(0, |all, mask| all | mask)
    }

    /// The decision on one privilege, with its reasons. Of several identities each is evaluated on its own, and what
    /// any one of them is allowed is allowed.
    pub(crate) fn decide(&self, identities: &[Identity], privilege: u32, located: Located, now: i64) -> Decision {
        let mut valid_until = None;
        let mut walks = Vec::new();
        for identity in identities {
            let mut notes = Notes::default();
            let closure = self.closure_of(identity);
            let verdict = self.walk(&closure, located.object, privilege, now, &mut notes);
            valid_until = [valid_until, verdict.valid_until].into_iter().flatten().min();
            let id = self.principals.find(identity.kind, &identity.name);
            // Of the last list only: the walk ends at the first that has an entry in effect.
            let said = || notes.0.last().is_some_and(|list| list.entries.iter().any(|(_, holds)| *holds));
            let reason = match () {
                () if id == Some(ADMIN) && verdict.allowed == privilege => Reason::Admin,
                () if verdict.allowed == privilege => Reason::EntryAllows,
                () if said() => Reason::EntryDenies,
                () if verdict.broken => Reason::InheritanceBroken,
                () => Reason::NoEntryMatches,
            };
            let registered = id.and_then(|id| self.principals.get(id)).is_some_and(|known| known.registered);
            walks.push(Walk { identity: identity.clone(), id, registered, reason, lists: notes.0 });
        }
        let allows = |walk: &Walk| matches!(walk.reason, Reason::Admin | Reason::EntryAllows);
        let deciding = walks.iter().position(allows).unwrap_or(0);
        Decision { privilege, located, walks, deciding, valid_until }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const SCHEMA: &str = r#"{"name":"small","privileges":["view","edit"],
        "roles":{"read":"view","modify":"edit","changePermissions":"edit"},
        "types":[{"name":"folder","parents":["folder"],"systemObject":"server"}]}"#;
    /// Entries for `/folders/a`.
    const ENTRIES: [&str; 4] = [
        r#""principalName":"ann","viewPrivilege":"allow","editPrivilege":"deny""#,
        r#""principalName":"bob","viewPrivilege":"allow""#,
        r#""principalName":"old","viewPrivilege":"deny","notAfter":"1970-01-01T00:00:01Z""#,
        r#""principalName":"new","viewPrivilege":"allow","notBefore":"1970-01-01T00:00:04Z""#,
    ];

    /// `/folders/a` with its entries, and `/folders/b`, where inheritance is broken.
    fn policy() -> State {
        let mut state = State::new().unwrap();
        run(&mut state, "createPolicy", &format!(r#""schema":{SCHEMA}"#));
        run(&mut state, "createObject", r#""path":"/folders/a""#);
        run(&mut state, "createObject", r#""path":"/folders/b""#);
        run(&mut state, "breakAclInheritance", r#""path":"/folders/b""#);
        for entry in ENTRIES {
            run(&mut state, "createAclEntry", &format!(r#""path":"/folders/a","principalType":"user",{entry}"#));
        }
        state
    }

    fn run(state: &mut State, command: &str, arguments: &str) {
        let seed = "0".repeat(32);
        let request = format!(
            r#"{{"request":"propose","caller":"user:admin","now":0,"seed":"{seed}",
            "commands":[{{"command":"{command}","arguments":{{{arguments}}}}}]}}"#
        );
        let changes = state.call(request.as_bytes()).changes.unwrap();
        state.apply(&changes).unwrap();
    }

    fn decide(state: &State, user: &str, privilege: &str, path: &str) -> (&'static str, bool, Option<i64>) {
        let located = Located { object: state.find_path(path).unwrap().0, missing: Vec::new() };
        let identity = Identity::parse(user).unwrap();
        let decision = state.decide(&[identity], state.privilege(privilege).unwrap(), located, 2000);
        (decision.reason().code(), decision.is_allowed(), decision.valid_until_ms())
    }

    #[test]
    fn each_reason_is_told_where_it_is_the_reason() {
        let state = policy();
        for (user, privilege, path, reason, allowed) in [
            ("user:admin", "view", "/folders/b", "Admin", true),
            ("user:ann", "view", "/folders/a", "EntryAllows", true),
            ("user:ann", "edit", "/folders/a", "EntryDenies", false),
            ("user:bob", "edit", "/folders/a", "NoEntryMatches", false),
            ("user:old", "view", "/folders/a", "NoEntryMatches", false),
            ("user:bob", "view", "/folders/b", "InheritanceBroken", false),
        ] {
            assert_eq!(decide(&state, user, privilege, path), (reason, allowed, None), "{user} {privilege} {path}");
        }
    }

    #[test]
    fn it_is_told_from_when_on_a_decision_may_be_another() {
        let state = policy();
        assert_eq!(decide(&state, "user:new", "view", "/folders/a"), ("NoEntryMatches", false, Some(4000)));
        let until = |user, now| state.valid_until(user, "view", "/folders/a", now).unwrap();
        assert_eq!((until("user:new", 2000), until("user:new", 4000)), (Some(4000), None));
        assert_eq!((until("user:old", 999), until("user:stranger", 0)), (Some(1000), None));
    }

    #[test]
    fn what_two_may_they_may_together() {
        let (state, everything) = (policy(), 3);
        let identities = ["user:ann", "user:bob", "user:old"].map(|user| Identity::parse(user).unwrap());
        let object = state.find_path("/folders/a").unwrap().0;
        assert_eq!(state.allowed(&identities, object, everything, 0), state.privilege("view").unwrap());
    }
}
