//! Passwords: what may be one, what is kept of it, and how one that somebody types is compared.

use super::error::CredentialError;
use argon2::password_hash::phc::{ParamsString, PasswordHash};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::fmt;
use std::hint::black_box;
use std::sync::{Mutex, PoisonError};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The most bytes, in UTF-8 and as given, that a password may have.
pub const MAX_PASSWORD_BYTES: usize = 1024;

// The cost of a hash: the second of the equally strong settings for Argon2id in OWASP's Password Storage Cheat Sheet,
// https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// 128 and 256 bits, as RFC 9106, section 4, recommends.
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

// What a kept hash may cost at most: room to raise the above, and none for one that was put there to take all memory.
const MAX_MEMORY_KIB: u32 = 65_536;
const MAX_PASSES: u32 = 8;
const MAX_LANES: u32 = 4;

/// What [`Password::verify_nothing`] compares with: a hash of today's cost, whose bits are all zero. Nobody knows a password
/// for it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Taken while an Argon2 runs. Each takes 19 MiB and some 27 ms of a core, so those who guess passwords at many logins at
/// once shall wait for each other rather than take the memory of the process.
static TURN: Mutex<()> = Mutex::new(());

/// A password that somebody types. It is wiped from memory when it goes.
///
/// Passwords are compared in Unicode's normal form C, as RFC 8265 has it: some keyboards and systems write `é` as one
/// character and others as two, and it is the same password on both. Compatibility forms (NFKC) would also make `2` of `²`,
/// and so one password of several that look different. Nothing else is changed: case, blanks at the ends and control
/// characters count.
///
/// ```
/// use portcullis_host::credentials::Password;
///
/// let password = Password::new("correct horse")?;
/// let kept = password.hash()?;
/// assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
/// assert!(password.verify(&kept));
/// assert!(!Password::new("Correct horse")?.verify(&kept));
/// # Ok::<(), portcullis_host::credentials::CredentialError>(())
/// ```
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password as it was typed. White space belongs to it, so whoever reads it from a line removes the line's end.
    ///
    /// # Errors
    /// [`CredentialError::NoPassword`] for an empty one, [`CredentialError::PasswordTooLong`] for one of more than
    /// [`MAX_PASSWORD_BYTES`].
    pub fn new(typed: &str) -> Result<Self, CredentialError> {
        match typed.len() {
            0 => Err(CredentialError::NoPassword),
            1..=MAX_PASSWORD_BYTES => Ok(Self(normalised(typed))),
            bytes => Err(CredentialError::PasswordTooLong { bytes }),
        }
    }

    /// What is kept: Argon2id with a new salt, as a PHC string, which also says the cost. It waits for its turn, and then
    /// takes some 27 ms and 19 MiB.
    ///
    /// # Errors
    /// [`CredentialError::NoEntropy`] where the system gives no random numbers for the salt.
    pub fn hash(&self) -> Result<String, CredentialError> {
        let failed = |error: &dyn fmt::Display| CredentialError::NoEntropy(error.to_string());
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|error| failed(&error))?;
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).map_err(|error| failed(&error))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash = in_turn(|| argon2.hash_password_with_salt(self.0.as_bytes(), &salt));
        hash.map(|hash| hash.to_string()).map_err(|error| failed(&error))
    }

    /// Whether `phc` was made of this password. It waits for its turn, and then costs what `phc` says.
    ///
    /// What is no PHC string of Argon2id, version 19, or one of more than 64 MiB, 8 passes or 4 lanes, is no password's; to
    /// say so takes as long as for a wrong password.
    #[must_use]
    pub fn verify(&self, phc: &str) -> bool {
        match kept(phc) {
            Some(hash) => self.matches(&hash),
            None => {
                self.verify_nothing();
                false
            }
        }
    }

    /// Does the work of [`Password::verify`], and tells nothing: for a user who does not exist or has no password, so that
    /// the time that an answer takes does not tell who does.
    pub fn verify_nothing(&self) {
        if let Some(hash) = kept(NOBODY) {
            black_box(self.matches(&hash));
        }
    }

    fn matches(&self, hash: &PasswordHash) -> bool {
        // In constant time: the hashes are compared by the library.
        in_turn(|| Argon2::default().verify_password(self.0.as_bytes(), hash)).is_ok()
    }
}

/// Nothing of the password is printed, not even its length.
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

fn normalised(typed: &str) -> Zeroizing<String> {
    // Normal form C has at most three times the bytes. With room for them nothing is moved, and so no copy left behind.
    let mut text = Zeroizing::new(String::with_capacity(typed.len() * 3));
    text.extend(typed.nfc());
    text
}

/// Reads a PHC string; None unless it is one of Argon2id's, complete, of its present version and of a bearable cost.
fn kept(phc: &str) -> Option<PasswordHash> {
    let hash = PasswordHash::new(phc).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let bearable = params.m_cost() <= MAX_MEMORY_KIB && params.t_cost() <= MAX_PASSES && params.p_cost() <= MAX_LANES;
    // The library takes its defaults for parameters that are not there.
    let stated = ParamsString::try_from(&params).is_ok_and(|params| params == hash.params);
    let complete = stated && hash.salt.is_some() && hash.hash.is_some();
    let known = hash.algorithm == ARGON2ID_IDENT && hash.version == Some(Version::V0x13.into());
    (bearable && complete && known).then_some(hash)
}

/// Runs an Argon2 when no other runs.
fn in_turn<T>(argon2: impl FnOnce() -> T) -> T {
    // The lock guards no data, so a panic under it leaves nothing half done.
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    #[cfg(test)]
    tests::RUNS.set(tests::RUNS.get() + 1);
    argon2()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::cell::Cell;
    use std::sync::mpsc;
    use std::time::Duration;

    thread_local! {
        /// How many Argon2 this thread has run.
        pub(super) static RUNS: Cell<usize> = const { Cell::new(0) };
    }

    /// Of `correct horse`, by the reference implementation in C, at a cost that tests can bear.
    const CHEAP: &str =
        "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MjZP1+1U9JUbDWvDvtLyEsZiNXOKEUxfi6O2oe46uxA";

    fn password(typed: &str) -> Password {
        Password::new(typed).unwrap()
    }

    /// How many Argon2 the work runs.
    fn runs(work: impl FnOnce()) -> usize {
        let before = RUNS.get();
        work();
        RUNS.get() - before
    }

    #[test]
    fn a_password_is_kept_at_the_stated_cost_with_a_salt_of_its_own() {
        let (one, other) = (password("é²x").hash().unwrap(), password("é²x").hash().unwrap());
        assert_ne!(one, other);
        let hash = PasswordHash::new(&one).unwrap();
        assert_eq!(hash.algorithm, ARGON2ID_IDENT);
        assert_eq!(Params::try_from(&hash).unwrap(), Params::new(19_456, 2, 1, Some(32)).unwrap());
        assert_eq!((hash.salt.unwrap().len(), hash.hash.unwrap().len()), (16, 32));
        assert!(password("é²x").verify(&one));
        assert!(!password("é2x").verify(&one));
    }

    #[test]
    fn a_hash_of_another_implementation_is_understood() {
        assert!(password("correct horse").verify(CHEAP));
        assert!(!password("correct horsf").verify(CHEAP));
        assert!(!password("correct horse ").verify(CHEAP));
        assert!(!password("Correct horse").verify(CHEAP));
    }

    #[test]
    fn one_text_in_two_encodings_is_one_password_and_compatible_characters_are_others() {
        let form = |typed| password(typed).0.to_string();
        assert_eq!(form("e\u{301}"), form("\u{e9}"));
        assert_eq!(form("\u{212b}"), form("\u{c5}"));
        assert_ne!(form("x²"), form("x2"));
        assert_ne!(form("ﬁ"), form("fi"));
        assert_eq!(form(" a\0\t"), " a\0\t");
    }

    #[test]
    fn normalising_moves_nothing() {
        // U+1D160 has the greatest growth in normal form C: from 4 bytes to 12.
        let typed = "\u{1d160}".repeat(MAX_PASSWORD_BYTES / 4);
        let text = normalised(&typed);
        assert_eq!(text.len(), 3 * typed.len());
        assert_eq!(text.capacity(), 3 * typed.len());
    }

    #[test]
    fn an_empty_password_and_one_of_1025_bytes_are_refused() {
        assert_eq!(Password::new("").unwrap_err().code(), "InvalidArgument");
        assert!(Password::new(&"é".repeat(512)).is_ok());
        let error = Password::new(&"x".repeat(1025)).unwrap_err();
        assert_eq!(error.code(), "ValueTooLong");
        assert_eq!(error.to_string(), "the password has 1025 bytes, where 1024 fit");
    }

    #[test]
    fn where_there_is_no_user_argon2_runs_all_the_same() {
        let someone = password("x");
        assert_eq!(runs(|| someone.verify_nothing()), 1);
        assert_eq!(runs(|| assert!(!someone.verify(CHEAP))), 1);
        assert_eq!(runs(|| assert!(!someone.verify("damaged"))), 1);
    }

    #[test]
    fn where_there_is_no_user_the_cost_is_that_of_a_new_hash() {
        let params = |hash: &PasswordHash| (Params::try_from(hash).unwrap(), hash.salt.unwrap().len(), hash.version);
        let new = PasswordHash::new(&password("x").hash().unwrap()).unwrap();
        assert_eq!(params(&kept(NOBODY).unwrap()), params(&new));
    }

    #[test]
    fn what_is_not_a_complete_hash_of_argon2id_is_none() {
        assert!(kept(CHEAP).is_some());
        let parts: Vec<&str> = CHEAP.split('$').collect();
        for missing in 1..parts.len() {
            let rest: Vec<&str> =
                parts.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, part)| *part).collect();
            assert!(kept(&rest.join("$")).is_none(), "{rest:?}");
        }
        for (part, other) in
            [("argon2id", "argon2i"), ("argon2id", "argon2d"), ("argon2id", "scrypt"), ("v=19", "v=16")]
        {
            assert!(kept(&CHEAP.replace(part, other)).is_none(), "{other}");
        }
        for garbage in
            ["", "$", "$$$$$$", "plain", "$2b$12$abcdefghijklmnopqrstuv", "\u{0}", "$argon2id$é", &"$".repeat(10_000)]
        {
            assert!(kept(garbage).is_none(), "{garbage}");
        }
    }

    #[test]
    fn every_cut_of_a_hash_is_no_password_s_and_nothing_panics() {
        for end in 0..CHEAP.len() {
            let cut = CHEAP.split_at(end).0;
            // A shorter output is a whole PHC string, if another one.
            assert!(kept(cut).is_none_or(|hash| !password("correct horse").matches(&hash)), "{cut}");
        }
    }

    #[test]
    fn a_hash_that_would_take_too_much_is_not_tried() {
        let cost = |m: u32, t: u32, p: u32| kept(&CHEAP.replace("m=64,t=1,p=1", &format!("m={m},t={t},p={p}")));
        assert!(cost(65_536, 8, 4).is_some());
        for (m, t, p) in
            [(65_537, 1, 1), (u32::MAX, 1, 1), (64, 9, 1), (64, u32::MAX, 1), (64, 1, 5), (64, 1, 0), (7, 1, 1)]
        {
            assert!(cost(m, t, p).is_none(), "m={m},t={t},p={p}");
        }
        assert!(cost(65_536, 1, 16_777_216).is_none());
    }

    #[test]
    fn one_argon2_waits_for_another() {
        let (sender, receiver) = mpsc::channel();
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let other = std::thread::spawn(move || sender.send(password("correct horse").verify(CHEAP)));
        assert_eq!(receiver.recv_timeout(Duration::from_millis(200)), Err(mpsc::RecvTimeoutError::Timeout));
        drop(turn);
        assert_eq!(receiver.recv(), Ok(true));
        other.join().unwrap().unwrap();
    }

    #[test]
    fn a_password_is_not_printed() {
        assert_eq!(format!("{:?}", password("swordfish")), "Password(..)");
        let error = Password::new(&"swordfish".repeat(200)).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("fish"));
    }
}
