//! Refusals: what may not or cannot be done, each with a code that never changes.

use std::borrow::Cow;
use std::fmt;

/// A command that may not or cannot be done. A denial of a check is not one: it is an answer.
///
/// Codes are those of `domain.md` §1, "Errors".
///
/// ```
/// use portcullis_engine::Refusal;
///
/// let refusal = Refusal::NoSuchObject { kind: "project".into(), name: "Defualt".into() };
/// assert_eq!(refusal.code(), "NoSuchProject");
/// assert_eq!(refusal.to_string(), "no project `Defualt` exists");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// The principal lacks the privilege on the object.
    AccessDenied {
        /// Who was refused, such as `j smith`.
        principal: String,
        /// What is lacking, such as `modify`.
        privilege: String,
        /// The object's type.
        kind: String,
        /// The object's name.
        name: String,
    },
    /// Only the built-in user `admin` may.
    AdminOnly {
        /// Who was refused.
        principal: String,
        /// What was attempted, as in `import`.
        what: String,
    },
    /// A caller that is not registered may ask, not command.
    Unregistered(String),
    /// What the caller may not do for a reason other than a lack of privilege; the text says which.
    NotPermitted(String),
    /// A session's id or secret that is none of this policy's.
    InvalidSessionId(String),
    /// A session that has ended.
    ExpiredSession(String),
    /// A user name, password or token that does not let in.
    InvalidCredentials(String),
    /// A user who is not to log in.
    LoginDisabled(String),
    /// What needs a host or a server that has not been set up.
    NotConfigured(String),
    /// A text that is longer than what is kept.
    ValueTooLong {
        /// The argument.
        name: String,
        /// How many characters it has.
        chars: usize,
        /// How many fit.
        limit: usize,
    },
    /// No object of that type and name is registered.
    NoSuchObject {
        /// The object's type.
        kind: String,
        /// The name as given.
        name: String,
    },
    /// An object of that type and name exists already.
    DuplicateObject {
        /// The object's type.
        kind: String,
        /// The name as given.
        name: String,
    },
    /// The object's access control list has no entry for the principal.
    NoSuchAclEntry {
        /// The principal, such as `user:j smith`.
        principal: String,
        /// The object, such as `project 'Default'`.
        object: String,
    },
    /// The object's access control list already has an entry for the principal.
    DuplicateAclEntry {
        /// The principal, such as `user:j smith`.
        principal: String,
        /// The object, such as `project 'Default'`.
        object: String,
    },
    /// A name that no principal may have.
    InvalidPrincipalName(String),
    /// Neither `user` nor `group` nor `serviceAccount`, or one that does not fit the command; the text says which do.
    InvalidPrincipalType(String),
    /// Not a privilege, or not `allow`, `deny` or `inherit`.
    InvalidPrivilege(String),
    /// Not a system object of the schema.
    InvalidSystemObject(String),
    /// Not an object type of the schema.
    InvalidObjectType(String),
    /// Not an object id of this policy.
    InvalidObjectId(String),
    /// Not `0`, `1`, `true` or `false`.
    InvalidBoolean(String),
    /// Not an integer in range.
    InvalidInteger(String),
    /// Not the name of a command.
    InvalidRequestName(String),
    /// An argument that is needed is not there.
    MissingArgument(String),
    /// An argument that cannot be used; the text names it and the way out.
    InvalidArgument(String),
    /// A name of more than [`MAX_NAME_CHARS`](crate::MAX_NAME_CHARS) characters.
    NameTooLong {
        /// The name's first characters.
        name: String,
        /// How many characters it has.
        chars: usize,
    },
    /// The policy would have more records than numeric ids, or more names than addresses.
    StateTooLarge(String),
    /// A question about somebody else than the principal that a projection is for.
    NotInProjection(String),
    /// A snapshot, a projection or a change set that is damaged, foreign or newer.
    Damaged(String),
}

impl Refusal {
    /// An argument that cannot be used.
    #[cold]
    pub(crate) fn invalid(text: fmt::Arguments) -> Box<Self> {
        Self::told(Self::InvalidArgument, text)
    }

    /// A refusal that is its text. The one place where texts are put together: they are many.
    #[cold]
    pub(crate) fn told(kind: fn(String) -> Self, text: fmt::Arguments) -> Box<Self> {
        Box::new(kind(text.to_string()))
    }

    /// The stable code, in the vendor's words where it has some.
    #[must_use]
    pub fn code(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::AccessDenied { .. } | Self::AdminOnly { .. } | Self::Unregistered(_) | Self::NotPermitted(_) => {
                "AccessDenied"
            }
            Self::InvalidSessionId(_) => "InvalidSessionId",
            Self::ExpiredSession(_) => "ExpiredSession",
            Self::InvalidCredentials(_) => "InvalidCredentials",
            Self::LoginDisabled(_) => "LoginDisabled",
            Self::NotConfigured(_) => "NotConfigured",
            Self::ValueTooLong { .. } => "ValueTooLong",
            Self::NoSuchObject { kind, .. } => return Cow::Owned(format!("NoSuch{}", capitalised(kind))),
            Self::DuplicateObject { kind, .. } => return Cow::Owned(duplicate_code(kind)),
            Self::NoSuchAclEntry { .. } => "NoSuchAclEntry",
            Self::DuplicateAclEntry { .. } => "DuplicateAclEntry",
            Self::InvalidPrincipalName(_) => "InvalidPrincipalName",
            Self::InvalidPrincipalType(_) => "InvalidPrincipalType",
            Self::InvalidPrivilege(_) => "InvalidPrivilege",
            Self::InvalidSystemObject(_) => "InvalidSystemObject",
            Self::InvalidObjectType(_) => "InvalidObjectType",
            Self::InvalidObjectId(_) => "InvalidObjectId",
            Self::InvalidBoolean(_) => "InvalidBoolean",
            Self::InvalidInteger(_) => "InvalidInteger",
            Self::InvalidRequestName(_) => "InvalidRequestName",
            Self::MissingArgument(_) => "MissingArgument",
            Self::InvalidArgument(_) => "InvalidArgument",
            Self::NameTooLong { .. } => "NameTooLong",
            Self::StateTooLarge(_) => "StateTooLarge",
            Self::NotInProjection(_) => "NotInProjection",
            Self::Damaged(_) => "Damaged",
        })
    }
}

/// The vendor says `DuplicateUserName` and `DuplicateGroupName`; the other types follow the plain pattern.
fn duplicate_code(kind: &str) -> String {
    let suffix = if kind == "user" || kind == "group" { "Name" } else { "" };
    format!("Duplicate{}{suffix}", capitalised(kind))
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AccessDenied { principal, privilege, kind, name } => {
                write!(f, "Principal '{principal}' does not have {privilege} privilege on {kind} '{name}'")
            }
            Self::AdminOnly { principal, what } => {
                write!(f, "Principal '{principal}' may not {what}: only the user `admin` may")
            }
            Self::Unregistered(principal) => write!(
                f,
                "Principal '{principal}' is not registered: it may ask, not command; `createObject --userName` registers a user"
            ),
            Self::NoSuchObject { kind, name } => write!(f, "no {kind} `{name}` exists"),
            Self::DuplicateObject { kind, name } => write!(f, "a {kind} `{name}` exists already"),
            Self::NoSuchAclEntry { principal, object } => {
                write!(
                    f,
                    "the access control list of {object} has no entry for `{principal}`; `createAclEntry` makes one"
                )
            }
            Self::DuplicateAclEntry { principal, object } => write!(
                f,
                "the access control list of {object} already has an entry for `{principal}`; `modifyAclEntry` changes it"
            ),
            Self::NameTooLong { name, chars } => {
                write!(f, "the name `{name}…` has {chars} characters, where {} fit", crate::MAX_NAME_CHARS)
            }
            Self::NotInProjection(given) => {
                write!(
                    f,
                    "`{given}` is not the principal that the projection was made for; only the whole policy knows"
                )
            }
            Self::InvalidBoolean(given) => write!(f, "`{given}` is not a boolean: it is 0, 1, true or false"),
            Self::InvalidRequestName(given) => write!(f, "`{given}` is not a command"),
            Self::InvalidObjectId(given) => {
                write!(f, "`{given}` is not an object id of this policy; `getObjects` and `getAccess` give them")
            }
            Self::InvalidObjectType(given) => write!(f, "`{given}` is not an object type of the schema"),
            Self::InvalidSystemObject(given) => {
                write!(f, "`{given}` is not a system object; `getObjects --systemObjectName server` lists them")
            }
            Self::ValueTooLong { name, chars, limit } => {
                write!(f, "`{name}` has {chars} characters, where {limit} fit")
            }
            Self::InvalidPrincipalName(text)
            | Self::InvalidPrincipalType(text)
            | Self::NotPermitted(text)
            | Self::InvalidSessionId(text)
            | Self::ExpiredSession(text)
            | Self::InvalidCredentials(text)
            | Self::LoginDisabled(text)
            | Self::NotConfigured(text)
            | Self::InvalidPrivilege(text)
            | Self::InvalidInteger(text)
            | Self::MissingArgument(text)
            | Self::InvalidArgument(text)
            | Self::StateTooLarge(text)
            | Self::Damaged(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Refusal {}
