//! A command's own words: arguments by place, and options by their names or any unambiguous beginning.

use super::failure::{Kind, UsageError};
use super::secret_input::{PASSWORD, PASSWORD_FILE, takes_password};
use super::text::nearest;
use super::words::{BOOLEANS, OptionWord};
use chrono::DateTime;
use portcullis_engine::{Argument, ArgumentKind, Command, Schema};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Arguments that address an object whatever the schema.
pub(super) const WHOLE: [&str; 3] = ["path", "objectId", "objectType"];
/// The end of the names of privilege arguments.
const PRIVILEGE: &str = "Privilege";
/// Who is asked about: as `user:NAME`, or as a name alone, which is a user's.
const PRINCIPAL: &str = "principal";

/// What a command takes.
pub(super) struct Syntax<'a> {
    /// The command.
    pub(super) command: &'a str,
    /// What may be given by place, in order.
    pub(super) places: &'a [&'a str],
    /// Every option: the command's own, then locators and privileges.
    pub(super) options: Vec<(Cow<'a, str>, ArgumentKind)>,
    /// How many of them are the command's own.
    own: usize,
    /// The command's own arguments.
    arguments: &'a [Argument],
}

/// How an option's name was understood.
type Found<'a> = (&'a str, ArgumentKind);

impl<'a> Syntax<'a> {
    /// What the command itself takes.
    pub(super) fn new(command: &'a str, places: &'a [&'a str], arguments: &'a [Argument]) -> Self {
        let own = arguments.iter().map(|argument| (Cow::Borrowed(argument.name), argument.kind));
        let file = takes_password(arguments).then_some((Cow::Borrowed(PASSWORD_FILE), ArgumentKind::Text));
        let options: Vec<_> = own.chain(file).collect();
        Self { command, places, own: options.len(), options, arguments }
    }

    /// What a command of the engine's table takes with this schema: its own arguments, and locators and privileges.
    pub(super) fn of(command: &'a Command, schema: &'a Schema) -> Self {
        let mut syntax = Self::new(command.name, command.positionals, command.arguments);
        let privileges = schema.privileges().iter().filter(|_| command.privileges);
        let locators = WHOLE.into_iter().chain(schema.locators()).filter(|_| command.locates);
        let more = locators.map(Cow::Borrowed).chain(privileges.map(|name| Cow::Owned(format!("{name}{PRIVILEGE}"))));
        syntax.options.extend(more.map(|name| (name, ArgumentKind::Text)));
        syntax
    }

    /// Whether every option among the words is written in full.
    pub(super) fn has_all(&self, words: &[String]) -> bool {
        let given = words.iter().take_while(|word| *word != "--").filter_map(|word| OptionWord::read(word));
        given.into_iter().all(|option| self.exactly(option.name).is_some())
    }

    /// The arguments that the words give: those that the command needs are there, and values are of their kinds.
    pub(super) fn parse(&self, words: &[String]) -> Result<Map<String, Value>, UsageError> {
        let mut reading = Reading { syntax: self, given: Map::new(), placed: 0, words, at: 0 };
        reading.read()?;
        let placed = self.places.get(..reading.placed).unwrap_or_default();
        let mut given = reading.given;
        self.address_by_path(&mut given, placed);
        self.check(&given)?;
        if let Some(principals) = given.get_mut(PRINCIPAL) {
            type_principals(principals);
        }
        Ok(given)
    }

    /// A path by place is the object's own, whatever its type, unless other arguments say where below it the object is.
    fn address_by_path(&self, given: &mut Map<String, Value>, placed: &[&str]) {
        let locators: Vec<&str> = self.locators().collect();
        if locators.is_empty() {
            return;
        }
        let is_locator = |name: &String| locators.contains(&name.as_str());
        let Some(place) = placed.last().filter(|_| given.keys().filter(|name| is_locator(name)).count() <= 1) else {
            return;
        };
        let is_path = given.get(*place).and_then(Value::as_str).is_some_and(|value| value.starts_with('/'));
        if is_path && let Some(path) = given.shift_remove(*place) {
            given.insert("path".into(), path);
        }
    }

    /// Every option that says which object.
    fn locators(&self) -> impl Iterator<Item = &str> {
        let names = self.shared().iter().map(|(known, _)| known.as_ref());
        names.filter(|known| !known.ends_with(PRIVILEGE))
    }

    /// The options that are not the command's own: locators and privileges.
    fn shared(&self) -> &[(Cow<'a, str>, ArgumentKind)] {
        self.options.get(self.own..).unwrap_or_default()
    }

    /// Refuses what no policy would take: an object by place where the schema has no such type, the lack of what the
    /// command needs, a value of another kind.
    fn check(&self, given: &Map<String, Value>) -> Result<(), UsageError> {
        if let Some((name, value)) = given.iter().find(|(name, _)| self.exactly(name).is_none()) {
            let locators = self.locators().filter(|known| !WHOLE.contains(known));
            return Err(UsageError::NoPlaceForObject {
                command: self.command.into(),
                place: name.clone(),
                word: value.as_str().unwrap_or_default().into(),
                locators: locators.map(|known| format!("--{known}")).collect(),
            });
        }
        // A password that is left out is asked for.
        let needed = |known: &&Argument| known.required && known.name != PASSWORD;
        let mut needed = self.arguments.iter().filter(needed);
        if let Some(missing) = needed.find(|known| !given.contains_key(known.name)) {
            let argument = format!("`{}`", missing.name);
            return Err(UsageError::MissingArgument { command: self.command.into(), argument });
        }
        let texts = self.arguments.iter().filter_map(|known| Some((known, given.get(known.name)?.as_str()?)));
        texts.into_iter().try_for_each(|(argument, text)| check_kind(argument, text))
    }

    fn exactly(&self, name: &str) -> Option<Found<'_>> {
        self.options.iter().find(|(known, _)| known == name).map(|(known, kind)| (known.as_ref(), *kind))
    }

    /// The option of that name; else `xName` for `x`; else the only one that begins so.
    fn find(&self, given: &str) -> Result<Found<'_>, UsageError> {
        if let Some(found) = self.exactly(given).or_else(|| self.exactly(&format!("{given}Name"))) {
            return Ok(found);
        }
        let begin = |known: &str| !given.is_empty() && known.starts_with(given);
        let candidates: Vec<_> = self.options.iter().filter(|(known, _)| begin(known)).collect();
        match candidates.as_slice() {
            [(known, kind)] => Ok((known, *kind)),
            [] => Err(self.unknown(format!("--{given}"), given)),
            several => {
                let candidates = several.iter().map(|(known, _)| format!("--{known}")).collect();
                Err(UsageError::AmbiguousOption { given: format!("--{given}"), candidates })
            }
        }
    }

    fn unknown(&self, given: String, name: &str) -> UsageError {
        let privileges = self.shared().iter().map(|(known, _)| known);
        let privileges = privileges.filter(|known| known.ends_with(PRIVILEGE)).map(|known| format!("--{known}"));
        let known: Vec<String> = privileges.collect();
        if name.ends_with(PRIVILEGE) && !known.is_empty() {
            return UsageError::UnknownPrivilege { given, known };
        }
        let known = self.options.iter().map(|(known, _)| known.as_ref());
        let near = nearest(name, known).into_iter().map(|name| format!("--{name}")).collect();
        UsageError::UnknownOption { command: Some(self.command.to_owned()), given, near }
    }
}

/// How far the words have been read.
struct Reading<'a> {
    syntax: &'a Syntax<'a>,
    given: Map<String, Value>,
    /// How many arguments were given by place.
    placed: usize,
    words: &'a [String],
    at: usize,
}

impl<'a> Reading<'a> {
    fn read(&mut self) -> Result<(), UsageError> {
        let mut only_places = false;
        while let Some(word) = self.next() {
            if only_places {
                self.place(word)?;
            } else if word == "--" {
                only_places = true;
            } else if let Some((found, value)) = self.option(word)? {
                self.take(found, value)?;
            } else {
                self.place(word)?;
            }
        }
        Ok(())
    }

    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn next(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        self.at += 1;
        Some(word)
    }

    /// The option that a word is, and the value that it brings along.
    fn option(&self, word: &'a str) -> Result<Option<(Found<'a>, Option<&'a str>)>, UsageError> {
        match OptionWord::read(word) {
            Some(option) => match self.syntax.find(option.name) {
                Ok(found) => Ok(Some((found, option.value))),
                Err(_) if !option.certain => Ok(None),
                Err(error) => Err(error),
            },
            None if word.len() > 1 && word.starts_with('-') => {
                Err(self.syntax.unknown(word.to_owned(), word.trim_start_matches('-')))
            }
            None => Ok(None),
        }
    }

    fn take(&mut self, (name, kind): Found, value: Option<&'a str>) -> Result<(), UsageError> {
        match (kind, value) {
            (_, Some(value)) => self.put(name, kind, value, false),
            (ArgumentKind::Boolean, None) => {
                let word = self.peek().filter(|word| BOOLEANS.contains(word));
                self.at += usize::from(word.is_some());
                self.put(name, kind, word.unwrap_or("1"), false)
            }
            (ArgumentKind::Texts, None) => self.take_several(name),
            (_, None) => {
                let value = self.value(name)?;
                self.put(name, kind, value, false)
            }
        }
    }

    /// The word after an option. A forgotten value must not swallow the next option.
    fn value(&mut self, name: &str) -> Result<&'a str, UsageError> {
        let missing =
            |next: Option<&str>| UsageError::MissingValue { option: name.into(), next: next.map(str::to_owned) };
        let word = self.next().ok_or_else(|| missing(None))?;
        if self.names_option(word) { Err(missing(Some(word))) } else { Ok(word) }
    }

    fn take_several(&mut self, name: &str) -> Result<(), UsageError> {
        let mut value = Some(self.value(name)?);
        while let Some(text) = value {
            self.put(name, ArgumentKind::Texts, text, false)?;
            value = self.peek().filter(|word| self.continues(name, word));
            self.at += usize::from(value.is_some());
        }
        Ok(())
    }

    /// Whether a word is one more value, and not an option or an argument by place. As long as a place is free, a name
    /// without its principal's type is taken for the object.
    fn continues(&self, name: &str, word: &str) -> bool {
        let is_place = self.placed < self.syntax.places.len() && name == PRINCIPAL && !is_typed(word);
        !is_place && !word.starts_with('-') && !self.names_option(word)
    }

    fn names_option(&self, word: &str) -> bool {
        OptionWord::read(word).is_some_and(|option| self.syntax.find(option.name).is_ok())
    }

    fn place(&mut self, word: &str) -> Result<(), UsageError> {
        let Some(name) = self.syntax.places.get(self.placed) else {
            // It may be a part of a password that was typed without quotes.
            let word = if takes_password(self.syntax.arguments) { "…" } else { word };
            return Err(UsageError::SuperfluousWord { command: self.syntax.command.into(), word: word.into() });
        };
        self.placed += 1;
        let kind = self.syntax.exactly(name).map_or(ArgumentKind::Text, |(_, kind)| kind);
        self.put(name, kind, word, true)
    }

    fn put(&mut self, name: &str, kind: ArgumentKind, value: &str, by_place: bool) -> Result<(), UsageError> {
        match (self.given.get_mut(name), kind) {
            (None, _) => {
                self.given.insert(name.into(), value.into());
            }
            (Some(Value::Array(values)), ArgumentKind::Texts) => values.push(value.into()),
            (Some(first), ArgumentKind::Texts) => *first = vec![first.take(), value.into()].into(),
            _ => return Err(UsageError::Repeated { option: name.into(), by_place }),
        }
        Ok(())
    }
}

/// Refuses a text that is no value of the argument's kind.
fn check_kind(argument: &Argument, text: &str) -> Result<(), UsageError> {
    let kind = match argument.kind {
        ArgumentKind::Boolean if !BOOLEANS.contains(&text) => Kind::Boolean,
        ArgumentKind::Count if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) => Kind::Count,
        // None at all takes an instant away.
        ArgumentKind::Instant if !text.is_empty() && DateTime::parse_from_rfc3339(text).is_err() => Kind::Instant,
        _ => return Ok(()),
    };
    Err(UsageError::WrongKind { option: argument.name, given: text.into(), kind })
}

/// A name without a type is a user's; `project: NAME` is a user's name with a colon in it.
fn type_principals(value: &mut Value) {
    match value {
        Value::String(name) if !is_typed(name) => *name = format!("user:{name}"),
        Value::Array(several) => several.iter_mut().for_each(type_principals),
        _ => {}
    }
}

fn is_typed(principal: &str) -> bool {
    principal.contains(':') && !principal.starts_with("project:")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    fn parse(command: &str, words: &[&str]) -> Result<Value, String> {
        let schema = Schema::cdro();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let parsed = Syntax::of(portcullis_engine::command(command).unwrap(), &schema).parse(&words);
        parsed.map(Value::Object).map_err(|error| error.to_string())
    }

    #[test]
    fn arguments_stand_by_place_and_by_name() {
        let given = parse("createAclEntry", &["user", "j smith", "--projectName", "Default", "--readPrivilege=allow"]);
        let wanted = json!({"principalType": "user", "principalName": "j smith", "projectName": "Default", "readPrivilege": "allow"});
        assert_eq!(given, Ok(wanted));
    }

    #[test]
    fn the_short_name_of_a_locator_comes_before_longer_names() {
        assert_eq!(parse("tree", &["--pipeline", "P"]), Ok(json!({"pipelineName": "P"})));
        assert_eq!(parse("tree", &["--state", "S"]), Ok(json!({"stateName": "S"})));
        assert_eq!(parse("tree", &["--pipe", "P"]), Ok(json!({"pipelineName": "P"})));
        let ambiguous = parse("tree", &["--pro", "P"]).unwrap_err();
        assert!(ambiguous.contains("`--procedureName`") && ambiguous.contains("`--projectName`"), "{ambiguous}");
    }

    #[test]
    fn longer_dashes_count_only_before_an_options_name() {
        assert_eq!(parse("checkAccess", &["–-projectName", "P"]), Ok(json!({"projectName": "P"})));
        assert_eq!(parse("checkAccess", &["—project=P"]), Ok(json!({"projectName": "P"})));
        assert_eq!(parse("checkAccess", &["– Draft –"]), Ok(json!({"projectName": "– Draft –"})));
        assert_eq!(parse("checkAccess", &["--projectName", "–Draft"]), Ok(json!({"projectName": "–Draft"})));
    }

    #[test]
    fn a_path_by_place_is_any_objects() {
        let path = "/projects/Shop/pipelines/Release";
        assert_eq!(parse("tree", &[path]), Ok(json!({"path": path})));
        let below = json!({"projectName": "/projects/Shop", "pipelineName": "P"});
        assert_eq!(parse("tree", &["/projects/Shop", "--pipeline", "P"]), Ok(below));
    }

    #[test]
    fn a_boolean_stands_alone_or_with_its_value() {
        let flag = "--emulateRestoreInheritance";
        assert_eq!(parse("getAccess", &[flag, "P"]), Ok(json!({"emulateRestoreInheritance": "1", "projectName": "P"})));
        assert_eq!(parse("getAccess", &[flag, "false"]), Ok(json!({"emulateRestoreInheritance": "false"})));
    }

    #[test]
    fn one_option_takes_several_values_or_is_repeated_where_it_may_be() {
        let both = json!({"principal": ["user:a", "group:b"]});
        assert_eq!(parse("access", &["--principal", "a", "group:b"]), Ok(both.clone()));
        assert_eq!(parse("access", &["--principal", "a", "--principal", "group:b"]), Ok(both));
        let object = json!({"principal": "user:project: P", "projectName": "Shop"});
        assert_eq!(parse("access", &["--principal", "project: P", "Shop"]), Ok(object));
        assert!(parse("tree", &["--limit", "1", "--limit", "2"]).unwrap_err().contains("given twice"));
        assert!(parse("tree", &["P", "--projectName", "Q"]).unwrap_err().contains("given twice"));
    }

    #[test]
    fn a_value_may_begin_with_a_dash_and_a_forgotten_one_is_noticed() {
        assert_eq!(parse("tree", &["--projectName", "-x"]), Ok(json!({"projectName": "-x"})));
        assert_eq!(parse("tree", &["--projectName", "--x"]), Ok(json!({"projectName": "--x"})));
        assert_eq!(parse("tree", &["--projectName=--path"]), Ok(json!({"projectName": "--path"})));
        assert_eq!(parse("tree", &["--", "-x"]), Ok(json!({"projectName": "-x"})));
        assert!(parse("tree", &["--projectName", "--path"]).unwrap_err().contains("`--projectName` needs a value"));
        assert!(parse("tree", &["--projectName"]).unwrap_err().contains("needs a value"));
    }

    #[test]
    fn a_password_may_be_left_out_and_come_from_a_file() {
        let text = |name, required| Argument { name, kind: ArgumentKind::Text, required };
        let arguments = [text("userName", true), text("password", true)];
        let syntax = Syntax::new("login", &["userName", "password"], &arguments);
        let parse = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            syntax.parse(&words).map(Value::Object).map_err(|error| error.to_string())
        };
        assert_eq!(parse(&["una"]), Ok(json!({"userName": "una"})));
        assert_eq!(parse(&["una", "/x"]), Ok(json!({"userName": "una", "password": "/x"})));
        assert_eq!(parse(&["una", "--passwordF=f"]), Ok(json!({"userName": "una", "passwordFile": "f"})));
        assert!(parse(&["--password", "x"]).unwrap_err().contains("needs `userName`"));
        assert!(super::tests::parse("tree", &["--passwordFile", "f"]).unwrap_err().contains("no option"));
    }

    #[test]
    fn what_the_command_does_not_take_is_named() {
        let unknown = parse("tree", &["--projetcName", "P"]).unwrap_err();
        assert!(unknown.contains("`tree` has no option `--projetcName`; did you mean `--projectName`"), "{unknown}");
        assert!(parse("tree", &["-projectName", "P"]).unwrap_err().contains("did you mean `--projectName`"));
        assert!(parse("tree", &["P", "Q"]).unwrap_err().contains("no place for `Q`"));
    }
}
