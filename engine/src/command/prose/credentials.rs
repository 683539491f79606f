//! Documentation of the commands on sessions and user access tokens.

use super::Prose;
use super::shape::Shape::{Instant, Object, Objects, Text};
use super::shape::{Field, always, maybe};
use super::shared::NOTHING;

pub(super) const CREDENTIALS: &[Prose] = &[
    Prose {
        command: "createSession",
        summary: "Makes a session for a service account, such as a webhook's.",
        details: "Its cookie is shown this once. It ends at its date, whether it is used or not. Needs modify on the service \
            account.",
        arguments: &[("expirationDate", "When it ends; 180 days from now unless it is said. It must be ahead.")],
        result: Object(&[always("sessionId", Text, "The session's cookie, `id.secret`: a secret.")]),
        example: "createSession --serviceAccountName ci-hook --expirationDate 2099-12-31 --timeZone Europe/Berlin",
    },
    Prose {
        command: "createUserAccessToken",
        summary: "Makes a token for the user who calls, to be shown in place of a password.",
        details: "It is shown this once. Whoever came by a token cannot make another.",
        arguments: &[
            ("description", "What the token is for."),
            ("expirationDays", "For how many days of 24 hours it is valid; 0, or left out, for ever."),
            ("userAccessTokenName", "The token's name, which the user has once; a new id if it is left out."),
        ],
        result: Object(&[
            always("userAccessToken", Object(TOKEN), "The token."),
            always("token", Text, "What proves it: a secret."),
        ]),
        example: "createUserAccessToken --userAccessTokenName laptop --expirationDays 30",
    },
    Prose {
        command: "deleteSession",
        summary: "Ends a session.",
        details: "One's own, or with modify on the user or service account another's.",
        arguments: &[("sessionId", "The session; the caller's own if it is left out.")],
        result: NOTHING,
        example: "deleteSession --sessionId 3f0c91d2-7a51-4a8e-0000-000400000001",
    },
    Prose {
        command: "getSessions",
        summary: "The sessions of a service account that have not ended.",
        details: "Without a name, those of every service account that the caller may modify.",
        arguments: &[],
        result: Object(&[always("session", Objects(SESSION), "In the order in which they were made.")]),
        example: "getSessions --serviceAccountName ci-hook",
    },
    Prose {
        command: "getUserAccessToken",
        summary: "A user access token, without its secret.",
        details: "One's own, or with modify on the user another's.",
        arguments: &[],
        result: Object(&[always("userAccessToken", Object(TOKEN), "The token.")]),
        example: "getUserAccessToken laptop --userName dora",
    },
    Prose {
        command: "getUserAccessTokenSessions",
        summary: "The sessions that a token was exchanged for and that have not ended.",
        details: "One's own, or with modify on the user another's.",
        arguments: &[],
        result: Object(&[always("session", Objects(SESSION), "In the order in which they were made.")]),
        example: "getUserAccessTokenSessions laptop",
    },
    Prose {
        command: "getUserAccessTokens",
        summary: "A user's tokens, without their secrets.",
        details: "One's own, or with modify on the user another's.",
        arguments: &[],
        result: Object(&[always("userAccessToken", Objects(TOKEN), "By name; those that have expired too.")]),
        example: "getUserAccessTokens --userName dora",
    },
    Prose {
        command: "login",
        summary: "Makes a session for a user, by a password or by a token.",
        details: "It ends when it has not been used for 3 days. One that was exchanged for a token ends with it at the latest, \
            and may make no tokens and change no passwords. The command line keeps its cookie in a file that only its owner \
            can read, and uses it from then on.",
        arguments: &[
            ("userName", "The user."),
            ("password", "The password; asked for if it and `token` are left out."),
            ("token", "A user access token, in place of user name and password."),
        ],
        result: Object(&[always("sessionId", Text, "The session's cookie, `id.secret`: a secret.")]),
        example: "login dora",
    },
    Prose {
        command: "loginSso",
        summary: "Makes a session by single sign-on: by a user access token.",
        details: "The other ways need an identity provider, and are refused as `NotConfigured`.",
        arguments: &[
            ("code", "An OAuth 2.0 authorization code; needs an identity provider."),
            ("samlResponse", "A SAML response; needs an identity provider."),
            ("state", "An OAuth 2.0 state; needs an identity provider."),
            ("token", "The user access token."),
        ],
        result: Object(&[always("sessionId", Text, "The session's cookie, `id.secret`: a secret.")]),
        example: "loginSso --token pct_…",
    },
    Prose {
        command: "logout",
        summary: "Ends the caller's session.",
        details: "",
        arguments: &[
            ("jwtToken", "Needs an identity provider."),
            ("sessionId", "Another session than the one of the call."),
            ("uiLogout", "Needs an identity provider."),
        ],
        result: NOTHING,
        example: "logout",
    },
    Prose {
        command: "modifySession",
        summary: "Gives a service account's session another end.",
        details: "What has ended is not revived. Needs modify on the service account.",
        arguments: &[
            ("expirationDate", "When it ends; it must be ahead."),
            ("sessionId", "The session, by its id or its cookie."),
        ],
        result: NOTHING,
        example: "modifySession --sessionId 3f0c91d2-7a51-4a8e-0000-000400000001 --expirationDate 2099-12-31",
    },
    Prose {
        command: "modifyUserAccessToken",
        summary: "Gives one's own token another name or description.",
        details: "Whoever came by a token cannot.",
        arguments: &[("description", "What the token is for."), ("newName", "Its new name.")],
        result: Object(&[always("userAccessToken", Object(TOKEN), "The token.")]),
        example: "modifyUserAccessToken laptop --newName \"old laptop\"",
    },
    Prose {
        command: "revokeUserAccessToken",
        summary: "Makes a token invalid, and ends the sessions that it was exchanged for.",
        details: "One's own, or with modify on the user another's.",
        arguments: &[],
        result: NOTHING,
        example: "revokeUserAccessToken laptop",
    },
    Prose {
        command: "revokeUserAccessTokens",
        summary: "Makes all tokens of a user invalid, and ends the sessions that they were exchanged for.",
        details: "One's own, or with modify on the user another's.",
        arguments: &[],
        result: NOTHING,
        example: "revokeUserAccessTokens --userName dora",
    },
];

const TOKEN: &[Field] = &[
    always("userAccessTokenId", Text, "Its id, which is no secret."),
    always("userAccessTokenName", Text, "Its name."),
    always("userName", Text, "Whose it is."),
    maybe("description", Text, "What it is for."),
    always("createTime", Instant, "When it was made."),
    maybe("expirationDate", Instant, "From when on it is not valid; not there if it is valid for ever."),
];

const SESSION: &[Field] = &[
    always("sessionId", Text, "Its id, which is no secret."),
    maybe("userName", Text, "Whose it is."),
    maybe("serviceAccountName", Text, "Whose it is."),
    always("createTime", Instant, "When it was made."),
    always("expirationDate", Instant, "From when on it is not valid, if it is not used before."),
];
