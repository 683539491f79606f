//! The attributes of users, groups and personas: which there are, under which names, and what they may hold.

use crate::error::ImportError;
use crate::export::{Attributes, PersonaDetail};
use crate::principals;
use crate::source::Source;
use crate::statement::Value;

/// An attribute that is taken.
#[derive(Clone, Copy)]
pub(crate) enum Attribute {
    /// A text that is kept as it is.
    Text(TextField),
    /// Whether a persona is the default.
    IsDefault,
    /// A category's pages.
    Pages,
    /// A persona's details, as JSON.
    Details,
    /// The personas of a user or a group.
    Personas,
    /// A group's members.
    Members,
    /// The groups that a user is in.
    Groups,
    /// Taken note of, and never more.
    Password,
}

/// The place of a text.
type TextField = fn(&mut Attributes) -> &mut Option<String>;

/// The attribute that a type of object has under a name.
pub(crate) fn find(kind: &str, name: &str) -> Option<Attribute> {
    Some(match (kind, name) {
        ("persona" | "personaCategory" | "personaPage", "description") => Attribute::Text(|to| &mut to.description),
        ("personaPage", "url") => Attribute::Text(|to| &mut to.url),
        ("persona", "homePageName") => Attribute::Text(|to| &mut to.home_page_name),
        ("persona", "isDefault") => Attribute::IsDefault,
        ("persona", "personaDetails") => Attribute::Details,
        ("personaCategory", "personaPage" | "personaPages") => Attribute::Pages,
        ("user", "email") => Attribute::Text(|to| &mut to.email),
        ("user", "fullUserName") => Attribute::Text(|to| &mut to.full_user_name),
        ("user", "groupName" | "groupNames") => Attribute::Groups,
        ("user", "password" | "sessionPassword") => Attribute::Password,
        ("user" | "group", "persona" | "personas") => Attribute::Personas,
        ("group", "userName" | "userNames") => Attribute::Members,
        _ => return None,
    })
}

/// Whether it is told that an object's attribute, which is not taken, was left out. What has nothing to do with access
/// or accounts is passed over, or a summary would be all of that.
pub(crate) fn is_told(kind: &str, name: &str, value: &Value<'_>) -> bool {
    let says_something = !matches!(value, Value::Null) && !matches!(value, Value::Text(text) if text.is_empty());
    says_something
        && match kind {
            "user" | "group" | "persona" | "personaCategory" | "personaPage" => {
                name != "name" && !is_locator(kind, name)
            }
            "serviceAccount" | "resource" | "resourcePool" => name == "description",
            _ => false,
        }
}

/// Whether this is how the object itself is named.
fn is_locator(kind: &str, name: &str) -> bool {
    name.strip_suffix("Name") == Some(kind)
}

/// A text; a number as it is written.
pub(crate) fn text(value: &Value<'_>, at: usize, source: &Source<'_>) -> Result<String, ImportError> {
    match value {
        Value::Text(text) => Ok(text.clone().into_owned()),
        Value::Number(number) => Ok((*number).to_owned()),
        other => Err(source.error(at, "text", other.found(at, source))),
    }
}

/// `'1'` or `'0'`, in any of the forms that these have.
pub(crate) fn flag(name: &str, value: &Value<'_>, at: usize, source: &Source<'_>) -> Result<bool, ImportError> {
    value.flag().ok_or_else(|| source.error(at, format!("`'1'` or `'0'` for `{name}`"), value.found(at, source)))
}

/// A persona's details from their JSON.
pub(crate) fn details(value: &Value<'_>, at: usize, source: &Source<'_>) -> Result<Vec<PersonaDetail>, ImportError> {
    let expected = "JSON such as `[{\"personaCategory\": \"deployment\", \"personaPages\": [\"application\"]}]`";
    let json = serde_json::from_str(&text(value, at, source)?);
    json.map_err(|_| source.error(at, expected, value.found(at, source)))
}

/// One of several names: never empty, and no longer than names may be. None if code computes it.
pub(crate) fn name(
    named: &str,
    value: &Value<'_>,
    at: usize,
    source: &Source<'_>,
) -> Result<Option<String>, ImportError> {
    match value {
        Value::Computed => Ok(None),
        Value::Text(name) if !name.is_empty() => match principals::check_length(name) {
            Ok(()) => Ok(Some(name.clone().into_owned())),
            Err(wrong) => Err(source.error(at, wrong.expected, wrong.found)),
        },
        _ => Err(source.error(at, format!("names of {named} as text"), "something else among them")),
    }
}
