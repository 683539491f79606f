//! Passwords that stand in no command line: out of a file, or asked for at the terminal.

use console::Term;
use portcullis_engine::Argument;
use serde_json::{Map, Value};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};

use super::text::quoted;

/// The argument that is a password.
pub(super) const PASSWORD: &str = "password";
/// The argument that takes its place.
const TOKEN: &str = "token";
/// The option that only the command line knows: the file that holds it.
pub(super) const PASSWORD_FILE: &str = "passwordFile";
/// No password is longer; what is, is no file of passwords.
const MOST_BYTES: u64 = 64 * 1024;

/// Why there is no password.
#[derive(Debug)]
pub(super) enum SecretError {
    /// It would have to be asked for, and there is nobody to ask.
    NoTerminal,
    /// Nobody is named whose it would be.
    NoUser,
    /// The terminal did not give an answer.
    Unanswered { reason: String },
    /// The answer is empty.
    EmptyAnswer,
    /// The file cannot be read.
    Unreadable { path: String, reason: String },
    /// The file's first line is empty.
    EmptyFile { path: String },
    /// The file's first line is not text, or has no end.
    NoText { path: String },
}

impl SecretError {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::NoTerminal | Self::NoUser => "MissingArgument",
            Self::Unreadable { .. } => "FileUnreadable",
            _ => "InvalidArgument",
        }
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTerminal => f.write_str(
                "`password` is missing, and there is no terminal to ask for it; \
                `--passwordFile` names a file that holds it, `-` for standard input",
            ),
            Self::NoUser => f.write_str("`userName` is missing, or a `token`"),
            Self::Unanswered { reason } => write!(f, "the terminal gave no password: {reason}"),
            Self::EmptyAnswer => f.write_str("the password that was typed is empty"),
            Self::Unreadable { path, reason } => write!(f, "cannot read the password file {}: {reason}", quoted(path)),
            Self::EmptyFile { path } => {
                write!(f, "the password file {} has nothing in its first line", quoted(path))
            }
            Self::NoText { path } => write!(
                f,
                "the first line of the password file {} is not UTF-8 text of at most {MOST_BYTES} bytes",
                quoted(path)
            ),
        }
    }
}

/// Whether a command with these arguments takes a password.
pub(super) fn takes_password(arguments: &[Argument]) -> bool {
    arguments.iter().any(|argument| argument.name == PASSWORD)
}

/// Puts the password among the given arguments: the file's, whatever else was given, or else, if the command needs one
/// and none was given, the one that `ask` gets. The file's name is not among them afterwards.
pub(super) fn complete(
    arguments: &[Argument],
    given: &mut Map<String, Value>,
    ask: impl FnOnce(&str) -> Result<String, SecretError>,
) -> Result<(), SecretError> {
    let find = |name| arguments.iter().find(|argument| argument.name == name);
    let Some(password) = find(PASSWORD) else { return Ok(()) };
    // A login needs one unless a token takes its place.
    let is_needed = password.required || (find(TOKEN).is_some() && !given.contains_key(TOKEN));
    let has_user = given.contains_key("userName");
    let found = match given.shift_remove(PASSWORD_FILE).as_ref().and_then(Value::as_str) {
        Some(path) => read_password_file(path)?,
        None if is_needed && !has_user => return Err(SecretError::NoUser),
        None if is_needed && !given.contains_key(PASSWORD) => ask("password: ")?,
        None => return Ok(()),
    };
    given.insert(PASSWORD.into(), found.into());
    Ok(())
}

/// Asks at the terminal, and shows nothing of the answer. The question goes to standard error, the answer comes from
/// the terminal even where standard input is something else.
///
/// # Errors
/// `NoTerminal` where standard error is none, or nobody could answer. An empty answer.
pub(super) fn read_password(question: &str) -> Result<String, SecretError> {
    let terminal = Term::stderr();
    if !terminal.is_term() {
        return Err(SecretError::NoTerminal);
    }
    let answer = terminal.write_str(question).and_then(|()| terminal.read_secure_line());
    match answer {
        Ok(answer) if answer.is_empty() => Err(SecretError::EmptyAnswer),
        Ok(answer) => Ok(answer),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(SecretError::Unanswered { reason: "what was typed is not UTF-8 text".into() })
        }
        Err(_) => Err(SecretError::NoTerminal),
    }
}

/// The first line of a file, without its end; `-` is standard input.
///
/// # Errors
/// A file that cannot be read, or whose first line is empty, too long or not UTF-8.
pub(super) fn read_password_file(path: &str) -> Result<String, SecretError> {
    let read = match path {
        "-" => first_line(io::stdin().lock()),
        _ => File::open(path).and_then(|file| first_line(BufReader::new(file))),
    };
    let line = read.map_err(|error| SecretError::Unreadable { path: path.into(), reason: error.to_string() })?;
    let line = line.ok_or_else(|| SecretError::NoText { path: path.into() })?;
    if line.is_empty() { Err(SecretError::EmptyFile { path: path.into() }) } else { Ok(line) }
}

/// The first line, if it is a text.
fn first_line(input: impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    input.take(MOST_BYTES + 2).read_until(b'\n', &mut line)?;
    let ended = line.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let line = ended.unwrap_or(&line);
    let is_whole = u64::try_from(line.len()).is_ok_and(|length| length <= MOST_BYTES);
    Ok(std::str::from_utf8(line).ok().filter(|_| is_whole).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use portcullis_engine::ArgumentKind;
    use serde_json::json;
    use std::process::Command;

    const LOGIN: [Argument; 2] = [text("userName", true), text(PASSWORD, true)];
    const MODIFY: [Argument; 2] = [text("userName", true), text(PASSWORD, false)];

    const fn text(name: &'static str, required: bool) -> Argument {
        Argument { name, kind: ArgumentKind::Text, required }
    }

    fn completed(
        arguments: &[Argument],
        given: Value,
        ask: impl FnOnce(&str) -> Result<String, SecretError>,
    ) -> Result<Value, SecretError> {
        let mut given = given.as_object().unwrap().clone();
        complete(arguments, &mut given, ask).map(|()| Value::Object(given))
    }

    fn nobody(_: &str) -> Result<String, SecretError> {
        panic!("nobody is to be asked")
    }

    #[test]
    fn the_files_password_overrides_the_lines() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pw");
        std::fs::write(&file, "from the file\r\nmore\n").unwrap();
        let both = json!({ "userName": "una", "password": "of the line", "passwordFile": file });
        let wanted = json!({ "userName": "una", "password": "from the file" });
        assert_eq!(completed(&LOGIN, both.clone(), nobody).unwrap(), wanted);
        assert_eq!(completed(&MODIFY, both, nobody).unwrap(), wanted);
    }

    #[test]
    fn only_a_needed_password_that_is_not_given_is_asked_for() {
        let given = json!({ "userName": "una" });
        let asked = completed(&LOGIN, given.clone(), |_| Ok("typed".into())).unwrap();
        assert_eq!(asked, json!({ "userName": "una", "password": "typed" }));
        assert_eq!(completed(&MODIFY, given.clone(), nobody).unwrap(), given);
        let whole = json!({ "userName": "una", "password": "" });
        assert_eq!(completed(&LOGIN, whole.clone(), nobody).unwrap(), whole);
        let other = json!({ "passwordFile": "no password here" });
        assert_eq!(completed(&[text("path", true)], other.clone(), nobody).unwrap(), other);
        let error = completed(&LOGIN, given, |_| Err(SecretError::NoTerminal)).unwrap_err();
        assert_eq!(error.code(), "MissingArgument");
        assert!(error.to_string().contains("`password`") && error.to_string().contains("`--passwordFile`"));
    }

    #[test]
    fn a_password_is_the_first_line_of_its_file_without_the_end() {
        for (content, wanted) in [
            (&b"one"[..], Some("one")),
            (b"one\n", Some("one")),
            (b"one\r\ntwo\r\n", Some("one")),
            (b" one \r", Some(" one \r")),
            (b"", Some("")),
            (b"\nsecond", Some("")),
            (b"\xff\n", None),
        ] {
            assert_eq!(first_line(content).unwrap().as_deref(), wanted, "{content:?}");
        }
        let (most, more) = (vec![b'x'; 64 * 1024], vec![b'x'; 64 * 1024 + 1]);
        assert!(first_line(&most[..]).unwrap().is_some());
        assert_eq!(first_line(&more[..]).unwrap(), None);
    }

    #[test]
    fn a_password_file_with_nothing_is_refused_by_name_and_its_content_is_never_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pw");
        let path = path.to_str().unwrap();
        let refused = |code| {
            let error = read_password_file(path).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(error.code() == code && shown.contains("pw") && !shown.contains("secret"), "{shown}");
        };
        refused("FileUnreadable");
        std::fs::write(path, "\nsecret").unwrap();
        refused("InvalidArgument");
        std::fs::write(path, b"secret\xff").unwrap();
        refused("InvalidArgument");
    }

    /// Set for the run of this test in a terminal of its own.
    const CHILD: &str = "PORTCULLIS_TEST_ASKS";

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_typed_at_the_terminal_is_not_shown() {
        use std::io::{Read, Write};
        use std::process::Stdio;

        if std::env::var_os(CHILD).is_some() {
            let password = read_password("password: ").map(|password| password.replace("hunter", "HUNTER"));
            println!("the answer is {password:?}");
            return;
        }
        let this = "cli::secret_input::tests::what_is_typed_at_the_terminal_is_not_shown";
        let line = format!("'{}' --exact --nocapture {this}", std::env::current_exe().unwrap().display());
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).env(CHILD, "1").stdin(Stdio::piped()).stdout(Stdio::piped());
        let Ok(mut script) = script.spawn() else {
            eprintln!("skipped: what_is_typed_at_the_terminal_is_not_shown: there is no `script`");
            return;
        };
        let mut shown = String::new();
        let mut output = BufReader::new(script.stdout.take().unwrap());
        while !shown.contains("password: ") {
            let mut byte = [0];
            output.read_exact(&mut byte).unwrap();
            shown.push(char::from(byte[0]));
        }
        // What is typed before the echo is off would be thrown away.
        std::thread::sleep(std::time::Duration::from_secs(1));
        script.stdin.take().unwrap().write_all(b"hunter2\n").unwrap();
        output.read_to_string(&mut shown).unwrap();
        script.wait().unwrap();
        assert!(shown.contains("the answer is Ok(\"HUNTER2\")"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn without_a_terminal_nobody_is_asked() {
        if std::env::var_os(CHILD).is_some() {
            println!("the answer is {:?}", read_password("password: "));
            return;
        }
        let this = "cli::secret_input::tests::without_a_terminal_nobody_is_asked";
        let mut child = Command::new(std::env::current_exe().unwrap());
        let output = child.args(["--exact", "--nocapture", this]).env(CHILD, "1").output().unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(shown.contains("the answer is Err(NoTerminal)"), "{shown}");
        assert!(!String::from_utf8(output.stderr).unwrap().contains("password:"));
    }
}
