//! Names in folders, in paths and of collections.

use std::borrow::Cow;

/// The codes after a `%` that the exporter writes into a folder's name, and what they stand for. The list is closed:
/// every other `%` stands for itself, and `%25` is not in it.
const ESCAPES: [(&str, char); 13] = [
    ("2F", '/'),
    ("5C", '\\'),
    ("3A", ':'),
    ("2A", '*'),
    ("3F", '?'),
    ("22", '"'),
    ("3C", '<'),
    ("3E", '>'),
    ("7C", '|'),
    ("24", '$'),
    ("2E", '.'),
    ("28", '('),
    ("29", ')'),
];

/// The object's name that a folder's name stands for.
pub(crate) fn from_folder(folder: &str) -> Cow<'_, str> {
    if !folder.contains('%') {
        return Cow::Borrowed(folder);
    }
    let mut pieces = folder.split('%');
    let mut name = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match escaped(piece) {
            Some((character, rest)) => {
                name.push(character);
                name.push_str(rest);
            }
            None => {
                name.push('%');
                name.push_str(piece);
            }
        }
    }
    Cow::Owned(name)
}

/// The character that the two digits after a `%` stand for, and what follows them.
fn escaped(piece: &str) -> Option<(char, &str)> {
    ESCAPES.iter().find_map(|(code, character)| Some((*character, piece.strip_prefix(code)?)))
}

/// Appends a name to a path, as one segment.
pub(crate) fn push_segment(path: &mut String, name: &str) {
    path.push('/');
    for character in name.chars() {
        match character {
            '/' => path.push_str("%2F"),
            '%' => path.push_str("%25"),
            other => path.push(other),
        }
    }
}

/// The name in a path's last segment.
pub(crate) fn of_path(path: &str) -> String {
    let segment = path.rsplit('/').next().unwrap_or_default();
    segment.replace("%2F", "/").replace("%25", "%")
}

/// The collection that the exporter puts objects with this keyword into: `process` in `processes`.
pub(crate) fn collection(keyword: &str) -> String {
    match keyword.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if keyword.ends_with('s') => format!("{keyword}es"),
        _ => format!("{keyword}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_name_escapes_exactly_thirteen_characters() {
        let escaped = "%2F%5C%3A%2A%3F%22%3C%3E%7C%24%2E%28%29";
        assert_eq!(from_folder(escaped), "/\\:*?\"<>|$.()");
    }

    #[test]
    fn any_other_per_cent_sign_stands_for_itself() {
        for name in ["%41", "100%", "%", "%%", "%2f", "%25", "%252F%", "%2", "a%é"] {
            assert_eq!(from_folder(name), name);
        }
        assert_eq!(from_folder("%%2F"), "%/");
    }

    #[test]
    fn blanks_at_an_end_belong_to_the_name() {
        assert_eq!(from_folder(" a%3F "), " a? ");
        assert_eq!(from_folder(" a "), " a ");
    }

    #[test]
    fn a_path_escapes_the_slash_and_the_per_cent_sign_only() {
        let mut path = String::from("/projects");
        push_segment(&mut path, "a/b %41.?");
        assert_eq!(path, "/projects/a%2Fb %2541.?");
    }

    #[test]
    fn a_path_gives_its_last_name_back() {
        for name in ["a", "a/b", "%2F", "%/25", "100%"] {
            let mut path = String::from("/users");
            push_segment(&mut path, name);
            assert_eq!(of_path(&path), name);
        }
    }

    #[test]
    fn a_collection_is_the_plural_of_its_keyword() {
        let pairs = [
            ("project", "projects"),
            ("process", "processes"),
            ("personaCategory", "personaCategories"),
            ("gateway", "gateways"),
            ("repository", "repositories"),
            ("emailNotifier", "emailNotifiers"),
        ];
        for (keyword, plural) in pairs {
            assert_eq!(collection(keyword), plural);
        }
    }
}
