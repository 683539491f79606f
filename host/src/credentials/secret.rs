//! The secrets of sessions and tokens: how they are made, shown and read again.

use super::base62;
use super::error::{CredentialError, Fault};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// What every session's cookie looks like, as a regular expression for scanners: they find a leaked one by it. It is not
/// anchored, and holds for some texts whose checksum does not fit.
pub const SESSION_PATTERN: &str = r"[0-9a-f-]{1,64}\.pcs_[0-9A-Za-z]{49}";

/// What every token looks like, as [`SESSION_PATTERN`] for cookies.
pub const TOKEN_PATTERN: &str = r"pct_[0-9a-f-]{1,64}_[0-9A-Za-z]{49}";

/// The most characters of an id; a UUID has 36.
const MAX_ID_CHARS: usize = 64;
/// 62^43 is just above 2^256.
const SECRET_DIGITS: usize = 43;
/// 62^6 is above 2^32.
const CHECKSUM_DIGITS: usize = 6;
/// What follows the last separator.
const TAIL_DIGITS: usize = SECRET_DIGITS + CHECKSUM_DIGITS;
/// What stands between the id and the secret in a session's cookie.
const SESSION_MARK: &str = ".pcs_";
/// What begins a token.
const TOKEN_MARK: &str = "pct_";
/// The longest cookie, which is longer than the longest token: nothing longer is looked at.
const MAX_CHARS: usize = MAX_ID_CHARS + SESSION_MARK.len() + TAIL_DIGITS;

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// A session's, shown as its cookie: the id, `.pcs_`, the secret and the checksum.
    Session,
    /// A user access token's, shown as `pct_`, the id, `_`, the secret and the checksum.
    Token,
}

/// A new secret of 256 random bits. The id comes from the engine, which is given [`Secret::hash`] and never this.
///
/// It is wiped from memory when it goes.
pub struct Secret {
    kind: SecretKind,
    bytes: Zeroizing<[u8; 32]>,
}

/// What a cookie or a token that somebody shows says: whose it claims to be, and what proves it. Whether there is such a
/// session or token, and whether its hash is this one, is for the engine to say.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The session's or the token's id; public.
    pub id: String,
    /// The secret's hash, as [`Secret::hash`].
    pub hash: String,
}

impl Secret {
    /// Draws a new secret.
    ///
    /// # Errors
    /// [`CredentialError::NoEntropy`] where the system gives no random numbers.
    pub fn new(kind: SecretKind) -> Result<Self, CredentialError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *bytes).map_err(|error| CredentialError::NoEntropy(error.to_string()))?;
        Ok(Self { kind, bytes })
    }

    /// What is kept of it: SHA-256 over a tag of its kind and the secret, as 64 hexadecimal digits in lower case. A hash
    /// without salt or cost is enough, since nobody can try 256 random bits.
    #[must_use]
    pub fn hash(&self) -> String {
        let hash = Sha256::new().chain_update(self.kind.tag()).chain_update(*self.bytes).finalize();
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The text that is shown once: the cookie or the token. The id is one that the engine gave, of the characters `0`–`9`,
    /// `a`–`f` and `-`, at most 64 of them; with any other, nobody could read the text again.
    #[must_use]
    pub fn with_id(&self, id: &str) -> String {
        let mut text = String::with_capacity(MAX_CHARS);
        match self.kind {
            SecretKind::Session => text.extend([id, SESSION_MARK]),
            SecretKind::Token => text.extend([TOKEN_MARK, id, "_"]),
        }
        text.extend(base62::encode::<32, SECRET_DIGITS>(&self.bytes).iter().copied().map(char::from));
        let checksum = checksum(&text);
        text.extend(checksum.iter().copied().map(char::from));
        text
    }
}

impl Credential {
    /// Reads a cookie or a token; white space around it does not count. It is not looked up, and the work is the same small
    /// one for any text.
    ///
    /// # Errors
    /// [`CredentialError::Malformed`], which says what is wrong with the text and holds nothing of it.
    pub fn parse(kind: SecretKind, text: &str) -> Result<Self, CredentialError> {
        let (id, secret) = read(kind, text).map_err(|fault| CredentialError::Malformed { wanted: kind, fault })?;
        Ok(Self { id: id.to_owned(), hash: secret.hash() })
    }
}

/// The id of a session that is given by its id or by its whole cookie, which people paste as well; what comes of this may be
/// logged.
///
/// # Errors
/// As [`Credential::parse`] for a session, where the text is no id either.
///
/// ```
/// use portcullis_host::credentials::{Secret, SecretKind, session_id};
///
/// let cookie = Secret::new(SecretKind::Session)?.with_id("4f-07");
/// assert_eq!(session_id(&cookie), Ok("4f-07"));
/// assert_eq!(session_id(" 4f-07\n"), Ok("4f-07"));
/// assert_eq!(session_id("pct_4f-07").unwrap_err().code(), "InvalidSessionId");
/// # Ok::<(), portcullis_host::credentials::CredentialError>(())
/// ```
pub fn session_id(text: &str) -> Result<&str, CredentialError> {
    match read(SecretKind::Session, text) {
        Ok((id, _)) => Ok(id),
        Err(Fault::IdOnly) => Ok(text.trim()),
        Err(fault) => Err(CredentialError::Malformed { wanted: SecretKind::Session, fault }),
    }
}

/// Takes a cookie or a token apart, into its id and its secret.
fn read(kind: SecretKind, text: &str) -> Result<(&str, Secret), Fault> {
    let text = text.trim();
    let (id, tail) = split(kind, text)?;
    check_tail(tail)?;
    // The tail is digits alone, so both texts can be divided before any of them.
    let (body, sum) = text.split_at(text.len() - CHECKSUM_DIGITS);
    if sum.as_bytes() != *checksum(body) {
        return Err(Fault::Checksum);
    }
    let (digits, _) = tail.split_at(SECRET_DIGITS);
    let bytes = base62::decode(digits).ok_or(Fault::Range)?;
    Ok((id, Secret { kind, bytes }))
}

/// The id, and what follows the last separator.
fn split(kind: SecretKind, text: &str) -> Result<(&str, &str), Fault> {
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    if text.len() > MAX_CHARS {
        return Err(Fault::TooLong);
    }
    if is_id(text) {
        return Err(Fault::IdOnly);
    }
    match kind.split(text) {
        Some((id, tail)) if is_id(id) => Ok((id, tail)),
        _ if kind.other().claims(text) => Err(Fault::OtherKind(kind.other())),
        _ => Err(Fault::Form),
    }
}

fn check_tail(tail: &str) -> Result<(), Fault> {
    if !tail.bytes().all(base62::is_digit) {
        return Err(Fault::Character);
    }
    match tail.len() {
        ..TAIL_DIGITS => Err(Fault::TooShort),
        TAIL_DIGITS => Ok(()),
        _ => Err(Fault::TooLong),
    }
}

fn is_id(text: &str) -> bool {
    (1..=MAX_ID_CHARS).contains(&text.len()) && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

/// The checksum of all that stands before it: CRC-32, as in Ethernet and gzip, so that anybody can check it.
fn checksum(body: &str) -> Zeroizing<[u8; CHECKSUM_DIGITS]> {
    base62::encode(&crc32fast::hash(body.as_bytes()).to_be_bytes())
}

impl SecretKind {
    /// What a secret of the kind is called, with its article.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Session => "a session's cookie",
            Self::Token => "a token",
        }
    }

    /// Its form, in words.
    pub(super) const fn form(self) -> &'static str {
        match self {
            Self::Session => "an id, `.pcs_` and 49 letters and digits",
            Self::Token => "`pct_`, an id, `_` and 49 letters and digits",
        }
    }

    /// Keeps the hashes of one kind apart from those of the other, and from all other SHA-256 that Portcullis makes. Frozen
    /// for ever, as every session and token that is kept has it.
    const fn tag(self) -> &'static [u8] {
        match self {
            Self::Session => b"portcullis session 1\0",
            Self::Token => b"portcullis token 1\0",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Session => Self::Token,
            Self::Token => Self::Session,
        }
    }

    /// What may be the id, and what follows the last separator.
    fn split(self, text: &str) -> Option<(&str, &str)> {
        match self {
            Self::Session => text.split_once(SESSION_MARK),
            Self::Token => text.strip_prefix(TOKEN_MARK)?.split_once('_'),
        }
    }

    /// Whether the text is meant to be of this kind, if perhaps not all of it was copied.
    fn claims(self, text: &str) -> bool {
        match self {
            Self::Session => text.contains("pcs_"),
            Self::Token => text.starts_with(TOKEN_MARK),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The hash is left out as well: it is a private record.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use SecretKind::{Session, Token};
    use regex_lite::Regex;

    const ID: &str = "3f0c91d2-7a51-4a8e-9b1e-0c5f2a6d8e4b";
    /// A known cookie and token, and their hashes: what was shown once is read for ever.
    const COOKIE: &str = "3f0c91d2-7a51-4a8e-9b1e-0c5f2a6d8e4b.pcs_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf10y7FK";
    const COOKIE_HASH: &str = "dd351faecd793a245b6bfb1a4c65aff24fa6bb8d3486d02fb47af6e98d835419";
    const TOKEN: &str = "pct_3f0c91d2-7a51-4a8e-9b1e-0c5f2a6d8e4b_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2zsznw";
    const TOKEN_HASH: &str = "ba0301991e10b0759d95e2a62b0a1dfff83c6c767e21312ded84020e8a950161";

    /// The secret of 32 bytes from 0 to 31: with a leading zero digit.
    fn known(kind: SecretKind) -> Secret {
        Secret { kind, bytes: Zeroizing::new(std::array::from_fn(|place| place as u8)) }
    }

    fn shown(kind: SecretKind) -> &'static str {
        match kind {
            Session => COOKIE,
            Token => TOKEN,
        }
    }

    fn fault(kind: SecretKind, text: &str) -> Fault {
        match Credential::parse(kind, text).unwrap_err() {
            CredentialError::Malformed { wanted, fault } if wanted == kind => fault,
            error => panic!("{error:?}"),
        }
    }

    /// The text with its checksum made to fit.
    fn resealed(body: &str) -> String {
        format!("{body}{}", std::str::from_utf8(&*checksum(body)).unwrap())
    }

    fn body(text: &str) -> &str {
        text.split_at(text.len() - CHECKSUM_DIGITS).0
    }

    #[test]
    fn the_forms_and_hashes_are_frozen() {
        assert_eq!(known(Session).with_id(ID), COOKIE);
        assert_eq!(known(Session).hash(), COOKIE_HASH);
        assert_eq!(known(Token).with_id(ID), TOKEN);
        assert_eq!(known(Token).hash(), TOKEN_HASH);
    }

    #[test]
    fn what_is_shown_is_read_again_with_white_space_around_it() {
        let cookie = Credential { id: ID.into(), hash: COOKIE_HASH.into() };
        assert_eq!(Credential::parse(Session, COOKIE), Ok(cookie.clone()));
        assert_eq!(Credential::parse(Session, &format!("\t {COOKIE}\r\n")), Ok(cookie));
        let token = Credential { id: ID.into(), hash: TOKEN_HASH.into() };
        assert_eq!(Credential::parse(Token, &format!("{TOKEN}\n")), Ok(token));
    }

    #[test]
    fn new_secrets_differ_and_each_is_read_again() {
        let mut hashes = std::collections::BTreeSet::new();
        for kind in [Session, Token].into_iter().cycle().take(400) {
            let secret = Secret::new(kind).unwrap();
            let credential = Credential::parse(kind, &secret.with_id(ID)).unwrap();
            assert_eq!(credential.hash, secret.hash());
            assert_eq!(credential.hash.len(), 64);
            assert!(hashes.insert(credential.hash));
        }
    }

    #[test]
    fn a_typo_anywhere_is_noticed() {
        for kind in [Session, Token] {
            for place in 0..shown(kind).len() {
                for typo in "0Zaf-._".chars() {
                    let text = shown(kind);
                    let typed: String =
                        text.chars().enumerate().map(|(at, c)| if at == place { typo } else { c }).collect();
                    assert!(typed == text || Credential::parse(kind, &typed).is_err(), "{typed}");
                }
            }
        }
    }

    #[test]
    fn characters_changed_about_are_noticed_by_the_checksum() {
        let changed = COOKIE.replace("3f0c", "f30c");
        assert_eq!(fault(Session, &changed), Fault::Checksum);
        let other = known(Token).with_id("4f").replace("_4f_", "_4e_");
        assert_eq!(fault(Token, &other), Fault::Checksum);
    }

    #[test]
    fn another_kind_of_secret_is_told() {
        assert_eq!(fault(Session, TOKEN), Fault::OtherKind(Token));
        assert_eq!(fault(Token, COOKIE), Fault::OtherKind(Session));
        assert_eq!(fault(Token, "pcs_abc"), Fault::OtherKind(Session));
        let error = Credential::parse(Session, TOKEN).unwrap_err();
        assert_eq!(error.to_string(), "this is not a session's cookie: it is a token");
        assert_eq!(error.code(), "InvalidSessionId");
        assert_eq!(Credential::parse(Token, COOKIE).unwrap_err().code(), "InvalidCredentials");
    }

    #[test]
    fn what_is_not_whole_or_more_than_whole_is_told() {
        for kind in [Session, Token] {
            assert_eq!(fault(kind, " \n"), Fault::Empty);
            assert_eq!(fault(kind, ID), Fault::IdOnly);
            assert_eq!(fault(kind, body(shown(kind))), Fault::TooShort);
            assert_eq!(fault(kind, &format!("{}0", shown(kind))), Fault::TooLong);
            assert_eq!(fault(kind, &"0".repeat(1_000_000)), Fault::TooLong);
            assert_eq!(fault(kind, "swordfish"), Fault::Form);
        }
    }

    #[test]
    fn an_id_or_a_secret_of_other_characters_is_told() {
        assert_eq!(fault(Session, &resealed(&body(COOKIE).replace("3f0c", "3F0C"))), Fault::Form);
        assert_eq!(fault(Session, &resealed(&body(COOKIE).replace(ID, ""))), Fault::Form);
        assert_eq!(fault(Session, &resealed(&body(COOKIE).replace(ID, &"0".repeat(65)))), Fault::TooLong);
        assert_eq!(fault(Token, &resealed(&body(TOKEN).replace(ID, &"0".repeat(65)))), Fault::TooLong);
        for character in ["-", "_", " ", "é"] {
            let secret = format!("pct_{ID}_0{character}0");
            assert_eq!(fault(Token, &secret), Fault::Character, "{character:?}");
        }
    }

    #[test]
    fn an_id_may_have_64_characters() {
        let id = "0-af".repeat(16);
        for kind in [Session, Token] {
            assert_eq!(Credential::parse(kind, &known(kind).with_id(&id)).unwrap().id, id);
        }
    }

    #[test]
    fn a_secret_of_more_than_256_bits_is_refused_although_its_checksum_fits() {
        assert_eq!(fault(Token, &resealed(&format!("pct_{ID}_{}", "z".repeat(SECRET_DIGITS)))), Fault::Range);
        let greatest = Secret { kind: Token, bytes: Zeroizing::new([0xff; 32]) };
        assert_eq!(Credential::parse(Token, &greatest.with_id(ID)).unwrap().hash, greatest.hash());
    }

    #[test]
    fn the_id_of_a_session_is_taken_from_its_cookie_too() {
        assert_eq!(session_id(ID), Ok(ID));
        assert_eq!(session_id(&format!(" {ID}\n")), Ok(ID));
        assert_eq!(session_id(COOKIE), Ok(ID));
        assert_eq!(session_id(&format!(" {COOKIE}\n")), Ok(ID));
        for text in ["", TOKEN, "nobody's", body(COOKIE)] {
            assert_eq!(session_id(text).unwrap_err().code(), "InvalidSessionId", "{text}");
        }
    }

    #[test]
    fn nothing_secret_is_printed() {
        let secrets = [body(COOKIE), body(TOKEN)].map(|text| text.split_at(text.len() - SECRET_DIGITS).1);
        let mut printed = format!("{:?} {:?} {:?}", known(Session), known(Token), Credential::parse(Session, COOKIE));
        for (kind, text) in [(Session, COOKIE), (Session, TOKEN), (Token, TOKEN), (Token, COOKIE)] {
            for end in 0..text.len() {
                for wrong in [text[..end].to_owned(), format!("{}!{}", &text[..end], &text[end..])] {
                    let error = Credential::parse(kind, &wrong).unwrap_err();
                    printed.push_str(&format!("{error} {error:?} {:?}\n", session_id(&wrong).err()));
                }
            }
        }
        for part in secrets.iter().flat_map(|secret| (0..SECRET_DIGITS - 5).map(move |at| &secret[at..at + 5])) {
            assert!(!printed.contains(part), "{part}");
        }
        assert!(!printed.contains(COOKIE_HASH));
    }

    #[test]
    fn the_published_patterns_find_what_is_made() {
        for (kind, pattern) in [(Session, SESSION_PATTERN), (Token, TOKEN_PATTERN)] {
            let regex = Regex::new(pattern).unwrap();
            let text = Secret::new(kind).unwrap().with_id(ID);
            let line = format!("GET / sessionId={text}; path=/");
            assert_eq!(regex.find(&line).unwrap().as_str(), text);
            assert!(!regex.is_match(&text[..text.len() - 1]));
            assert!(!regex.is_match(ID));
        }
        assert!(!Regex::new(SESSION_PATTERN).unwrap().is_match(TOKEN));
        assert!(!Regex::new(TOKEN_PATTERN).unwrap().is_match(COOKIE));
    }
}
