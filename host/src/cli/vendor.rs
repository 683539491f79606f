//! The vendor's command line tools, whose commands these are, and the options that stand before their commands.
//!
//! A script that was written for one of them runs as it is where that is safe. What only says how to reach a server is
//! passed over; what would make another answer right, such as another server or a dry run, is refused.

use std::ffi::OsStr;
use std::path::Path;

/// One of the tools: a line of the documents begins with its name, and the program may be called by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tool {
    /// The one of CloudBees CD/RO.
    Ectool,
    /// The one of the build accelerator.
    Cmtool,
}

/// What becomes of an option of theirs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// It names the form of the answer.
    Form,
    /// It asks for no answer.
    Silence,
    /// It asks for help.
    Help,
    /// It is passed over, with its value.
    Skipped,
    /// It is passed over; 0 or 1 may follow it.
    SkippedFlag,
    /// It is refused, because of this.
    Refused(&'static str),
}

impl Tool {
    /// Both.
    pub(super) const ALL: [Self; 2] = [Self::Ectool, Self::Cmtool];

    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ectool => "ectool",
            Self::Cmtool => "cmtool",
        }
    }

    /// The tool of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// The tool as which the program was called: by a link or a copy of that name, wherever it lies.
    pub(super) fn called(program: &OsStr) -> Option<Self> {
        let name = Path::new(program).file_name()?.to_str()?;
        Self::named(name.strip_suffix(".exe").unwrap_or(name))
    }

    /// The option of that name which may stand before its commands, besides those of every command.
    pub(super) fn option(self, name: &str) -> Option<(&'static str, Fate)> {
        self.options().find(|(known, _)| *known == name)
    }

    /// Every such option.
    pub(super) fn options(self) -> impl Iterator<Item = (&'static str, Fate)> {
        let own = match self {
            Self::Ectool => ECTOOL,
            Self::Cmtool => CMTOOL,
        };
        own.iter().chain(BOTH).copied()
    }
}

const SERVER: Fate = Fate::Refused("there is no server to speak to: the policy lies in a file, which `--store` names");

const BOTH: &[(&str, Fate)] = &[
    ("server", SERVER),
    ("port", SERVER),
    ("securePort", SERVER),
    ("secure", Fate::SkippedFlag),
    ("timeout", Fate::Skipped),
];

const ECTOOL: &[(&str, Fate)] = &[
    ("format", Fate::Form),
    ("silent", Fate::Silence),
    ("retry", Fate::SkippedFlag),
    ("retryTimeout", Fate::Skipped),
    ("user", Fate::Refused("it picks a session by its user: name the caller with `--as`")),
    ("service", Fate::Refused("there is no single sign-on: name the caller with `--as`")),
    ("dryRun", Fate::Refused("the command would be done")),
];

const CMTOOL: &[(&str, Fate)] = &[
    ("help-commands", Fate::Help),
    ("help-fields", Fate::Help),
    ("fields", Fate::Refused("every field is shown; `--output csv` has a header to choose columns by")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_link_tells_the_tool() {
        for (program, tool) in [
            ("ectool", Some(Tool::Ectool)),
            ("/usr/local/bin/cmtool", Some(Tool::Cmtool)),
            ("./ectool.exe", Some(Tool::Ectool)),
            ("/ectool/portcullis", None),
            ("ectool2", None),
            ("", None),
            ("..", None),
        ] {
            assert_eq!(Tool::called(OsStr::new(program)), tool, "{program}");
        }
    }
}
