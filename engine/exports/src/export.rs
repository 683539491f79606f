//! What an export holds, as arguments of the engine's command `import`.

use crate::summary::Summary;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt;
use std::sync::Arc;

/// An export's objects. It serialises to the arguments of the engine's command `import`.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Export {
    /// Parents before children, each object once.
    pub objects: Vec<ImportedObject>,
    /// What was read and what was left out.
    #[serde(skip)]
    pub summary: Summary,
}

/// One object to register.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct ImportedObject {
    /// Its path; `%2F` and `%25` are the only escapes in it.
    pub path: String,
    /// The access control list that replaces the object's. None leaves what it has, or what creation gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl: Option<Acl>,
    /// What else there is to it. None where there is nothing.
    #[serde(flatten)]
    pub attributes: Option<Box<Attributes>>,
    /// For a group, the members to add.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
}

/// What there is to a user, a group, a persona, a category of personas or a page, as far as the export says so: what is
/// None stays as it is in the policy.
#[derive(Clone, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attributes {
    /// Of a persona, a category or a page. Empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Of a page. Empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A category's pages, in order; no page twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persona_pages: Option<Vec<String>>,
    /// What a persona shows, in the order of the export.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persona_details: Option<Vec<PersonaDetail>>,
    /// A persona's home page. Empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_page_name: Option<String>,
    /// Whether a persona is the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_default: Option<bool>,
    /// A user's full name, which is private. Empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_user_name: Option<String>,
    /// A user's e-mail address, which is private. Empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The personas that a user or a group has; no persona twice. They need not exist.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub personas: Vec<String>,
}

/// Without the private values.
impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attributes")
            .field("description", &self.description)
            .field("url", &self.url)
            .field("persona_pages", &self.persona_pages)
            .field("persona_details", &self.persona_details)
            .field("home_page_name", &self.home_page_name)
            .field("is_default", &self.is_default)
            .field("personas", &self.personas)
            .finish_non_exhaustive()
    }
}

/// A category that a persona shows.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PersonaDetail {
    /// Its name.
    pub persona_category: String,
    /// The pages of it that the persona shows; all that it has, where there is no list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persona_pages: Option<Vec<String>>,
}

/// An access control list.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Acl {
    /// Whether the walk goes on to the parent.
    pub inheriting: bool,
    /// In the order of the file; no principal twice.
    pub entries: Vec<Entry>,
}

/// One entry of an access control list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// `user`, `group` or `serviceAccount`.
    pub principal_type: String,
    /// Never empty. The principal need not exist.
    pub principal_name: String,
    /// The schema's privileges, shared by all entries of an export.
    pub privileges: Arc<[String]>,
    /// For each of `privileges` what the entry says; `Inherit` where the file says nothing.
    pub access: Vec<Access>,
}

/// What an entry says about one privilege.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// The privilege is granted.
    Allow,
    /// The privilege is refused.
    Deny,
    /// The entry does not count for the privilege.
    #[default]
    Inherit,
}

/// A member of a group.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// `user`: the exporter lists no others.
    pub member_type: &'static str,
    /// Never empty.
    pub member_name: String,
}

impl Acl {
    /// Whether both lists say the same, in whatever order.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let same = |entry: &Entry| other.entries.contains(entry);
        self.inheriting == other.inheriting
            && self.entries.len() == other.entries.len()
            && self.entries.iter().all(same)
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2 + self.access.len()))?;
        map.serialize_entry("principalType", &self.principal_type)?;
        map.serialize_entry("principalName", &self.principal_name)?;
        for (privilege, access) in self.privileges.iter().zip(&self.access) {
            map.serialize_entry(&format_args!("{privilege}Privilege"), access)?;
        }
        map.end()
    }
}
