//! What was read from an export, what was left out, and why.

use crate::source::Place;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::collections::BTreeMap;

/// What was read and what was left out. Plain data; how it is shown is the command line's affair.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// DSL files read.
    pub files: u64,
    /// Objects by type, such as `pipeline`: 15. Users, groups and service accounts are among them.
    pub objects: BTreeMap<String, u64>,
    /// Objects that get an access control list.
    pub acls: u64,
    /// Entries in these lists.
    pub entries: u64,
    /// Members of groups.
    pub members: u64,
    /// Personas given to users and groups. Those that do not exist are among them: only the policy knows.
    pub assignments: u64,
    /// Access control lists found, as a file under `acls` or as a block in another file.
    pub acls_found: u64,
    /// How many of those were taken. The others are `missed_acls`.
    pub acls_taken: u64,
    /// Every access control list that was found and not taken.
    pub missed_acls: Vec<MissedAcl>,
    /// Everything else that was left out, by reason and name.
    pub skipped: Vec<Skipped>,
}

/// An access control list that was found and not taken.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct MissedAcl {
    /// The file; the line is that of its `acl` block, or 1.
    pub place: Place,
    /// Why, as a clause.
    pub why: String,
}

/// Things of one name that were left out for one reason. It serialises with the reason's clause beside it, as `why`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skipped {
    /// Why.
    pub reason: SkipReason,
    /// What: a collection's name, a block's keyword, an attribute's name and so on.
    pub name: String,
    /// How often.
    pub count: u64,
    /// Where it was first met.
    pub first: Place,
}

/// Why something was left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum SkipReason {
    /// A folder that is no collection which the schema knows there. The count is of what lies directly in it.
    UnknownCollection,
    /// A name that the schema does not allow, such as a gate other than `PRE` and `POST`.
    UnknownName,
    /// A block that is no object which the schema knows there.
    UnknownBlock,
    /// Code outside an access control list.
    Code,
    /// A value that only running the code would give.
    ComputedValue,
    /// An entry of an access control list whose principal, or what it says about a privilege, code computes.
    ComputedEntry,
    /// Not left out, but of note: an `inheriting` that code computes. Its list inherits nothing.
    ComputedInheriting,
    /// A setting of an entry that says nothing about access.
    UnknownSetting,
    /// Something said of a user, a group, a persona or the like for which the policy has no place.
    NotKept,
    /// A password, which is never imported.
    Password,
    /// A user, group or service account with the name of a built-in one of another type.
    BuiltInName,
    /// Members of the group `Everyone`. They are registered, and so in it.
    MemberOfEveryone,
    /// An `aclEntry` outside an `acl` block, which would be added to some object's list by a script.
    EntryOutsideAcl,
    /// Not left out, but of note: an entry whose `systemObjectName` is not the object's in whose list it stands.
    EntryNamesOther,
    /// A file that is no DSL file of the object in whose folder it lies.
    OtherFile,
    /// A symbolic link.
    SymbolicLink,
    /// A file or folder beside the collections whose name begins with a full stop, such as `.git`.
    Hidden,
}

impl SkipReason {
    /// The reason as a clause that follows the name and the count.
    #[must_use]
    pub fn clause(self) -> &'static str {
        match self {
            Self::UnknownCollection => "collection not known to the schema",
            Self::UnknownName => "name not known to the schema",
            Self::UnknownBlock => "block not known to the schema",
            Self::Code => "code, not executed",
            Self::ComputedValue => "value computed by code",
            Self::ComputedEntry => "not taken: a value in it is computed by code",
            Self::ComputedInheriting => "computed by code, taken as '0': nothing is inherited",
            Self::UnknownSetting => "not known in an entry",
            Self::NotKept => "not kept: the policy has no place for it",
            Self::Password => "passwords are never imported",
            Self::BuiltInName => "a built-in name",
            Self::MemberOfEveryone => "`Everyone` holds all users by itself",
            Self::EntryOutsideAcl => "outside an `acl` block",
            Self::EntryNamesOther => "names another object, taken for the one in whose list it stands",
            Self::OtherFile => "not a DSL file of its object",
            Self::SymbolicLink => "symbolic link, not followed",
            Self::Hidden => "hidden",
        }
    }
}

impl Serialize for Skipped {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Skipped", 5)?;
        fields.serialize_field("reason", &self.reason)?;
        fields.serialize_field("name", &self.name)?;
        fields.serialize_field("count", &self.count)?;
        fields.serialize_field("why", self.reason.clause())?;
        fields.serialize_field("first", &self.first)?;
        fields.end()
    }
}

/// Counts what is left out.
#[derive(Default)]
pub(crate) struct Skips(BTreeMap<(SkipReason, String), (u64, Place)>);

impl Skips {
    pub(crate) fn add(&mut self, reason: SkipReason, name: &str, count: u64, place: impl FnOnce() -> Place) {
        match self.0.get_mut(&(reason, name.to_owned())) {
            Some((sum, _)) => *sum += count,
            None => {
                self.0.insert((reason, name.to_owned()), (count, place()));
            }
        }
    }

    /// Ordered by reason and name.
    pub(crate) fn into_list(self) -> Vec<Skipped> {
        let skipped = |((reason, name), (count, first))| Skipped { reason, name, count, first };
        self.0.into_iter().map(skipped).collect()
    }
}
