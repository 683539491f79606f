//! The permission flags of `cmtool` (`seeds/003…`, `domain.md` §4): they allow only, and gate no command here.

use crate::address::shorten;
use crate::principals::ADMIN;
use crate::refusal::Refusal;
use crate::state::State;

/// The flags; each one's place is its bit in [`Account::permissions`](crate::Account::permissions).
pub const PERMISSIONS: [&str; 25] = [
    "AgentsDelete",
    "AgentsRead",
    "AgentsWrite",
    "BuildsDelete",
    "BuildsRead",
    "BuildsWrite",
    "ClassesDelete",
    "ClassesRead",
    "ClassesWrite",
    "EMakeImpersonate",
    "EMakeInvoke",
    "MaintenanceDelete",
    "MaintenanceRead",
    "MaintenanceWrite",
    "MessageLogDelete",
    "MessageLogRead",
    "MessageLogWrite",
    "ReportsDelete",
    "ReportsRead",
    "ReportsWrite",
    "ResourcesDelete",
    "ResourcesRead",
    "ResourcesWrite",
    "ServerAccess",
    "UserModify",
];

/// Every flag.
pub(crate) const ALL: u64 = (1 << PERMISSIONS.len()) - 1;

/// The flags that a text names, with white space between them.
pub(crate) fn parse(text: &str) -> Result<u64, Box<Refusal>> {
    text.split_whitespace().try_fold(0, |all, name| {
        let bit = PERMISSIONS.iter().position(|known| *known == name);
        let unknown = || {
            Refusal::InvalidArgument(format!(
                "`{}` is not a permission: there are {}",
                shorten(name),
                PERMISSIONS.map(|known| format!("`{known}`")).join(", ")
            ))
        };
        bit.map(|bit| all | 1 << bit).ok_or_else(|| Box::new(unknown()))
    })
}

/// The names of the flags, with a blank between them, as `setPermissions` takes them.
pub(crate) fn to_text(flags: u64) -> String {
    let names = PERMISSIONS.iter().enumerate().filter(|(bit, _)| flags >> bit & 1 == 1);
    names.map(|(_, name)| *name).collect::<Vec<_>>().join(" ")
}

impl State {
    /// The flags of a user's or a group's own; `admin` has all.
    pub(crate) fn permissions(&self, principal: u32) -> u64 {
        let known = self.principals.get(principal);
        let object = known.and_then(|known| self.principal_object(known.kind, self.principals.name(principal)));
        if principal == ADMIN { ALL } else { object.map_or(0, |object| self.account(object).permissions) }
    }

    /// The flags of several principals together: of a user and of every group that holds the user, they are what the
    /// user effectively has.
    pub(crate) fn united_permissions(&self, principals: &[u32]) -> u64 {
        principals.iter().fold(0, |all, principal| all | self.permissions(*principal))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(to_text(parse(" BuildsRead\tAgentsRead ").unwrap()), "AgentsRead BuildsRead");
        assert_eq!(parse(&to_text(ALL)), Ok(ALL));
    }

    #[test]
    fn an_unknown_flag_is_named() {
        let refusal = parse("AgentsRead agentsread").unwrap_err();
        assert_eq!(refusal.code(), "InvalidArgument");
        assert!(refusal.to_string().contains("`agentsread` is not a permission"), "{refusal}");
    }
}
