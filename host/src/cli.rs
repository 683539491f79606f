//! The command line: `portcullis [--store FILE] [--as USER] [--output FORM] <command> …`, also called as `ectool` or
//! `cmtool`.
//!
//! The commands are those of the engine's table, under the documents' names, and a few of the program's own. One run
//! opens the store, does one command and closes it again. The way of a command: `words` takes the line apart,
//! `options` reads the command's own words, `table` or `own` does it, `form` and `views` show the answer. `help`,
//! `manual` and `outline`, from which completions are made, describe the same tables.

mod caller;
mod failure;
mod form;
mod help;
mod manual;
mod options;
mod outline;
mod own;
mod paper;
mod place;
mod report;
mod secret_input;
mod session_file;
mod table;
mod text;
mod vendor;
mod views;
mod words;

use failure::{Failure, UsageError};
use form::{Form, rows};
use paper::Paper;
use serde_json::Value;
use std::ffi::OsString;
use std::process::ExitCode;
use views::View;
use words::Words;

/// What a command has to say.
enum Answer {
    /// Text that was asked for as such, whatever the form: help, completions.
    Text(String),
    /// A value, and how people see it.
    Value(Value, View),
}

/// Does what the line says, and gives what the process ends with: 0 done, 1 refused, 2 the words themselves are wrong,
/// 3 store or engine failure. Answers go to standard output, errors to standard error. The first word is the program's
/// own name, as which `ectool` and `cmtool` (of any folder) stand for `portcullis ectool` and `portcullis cmtool`.
pub fn run(line: impl IntoIterator<Item = OsString>) -> ExitCode {
    let (words, outcome) = Words::of_program(line);
    let done = outcome.map_err(Failure::from).and_then(|()| obey(&words));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            form::print_error(&failure, words.error_form());
            ExitCode::from(failure.exit_code())
        }
    }
}

fn obey(words: &Words) -> Result<(), Failure> {
    let form = words.form()?;
    form::note_skipped(&words.skipped);
    let text = match answer(words, form)? {
        Answer::Text(text) => text,
        Answer::Value(value, view) => written(&value, &view, form),
    };
    form::print(&text)
}

fn written(value: &Value, view: &View, form: Form) -> String {
    match form {
        Form::Json => form::to_json(value),
        Form::Xml => {
            if form::is_altered_in_xml(value) {
                form::note("note: XML cannot hold some of the characters; `--output json` can\n");
            }
            form::to_xml(value)
        }
        Form::Csv => rows::to_csv(value),
        Form::Simple => rows::to_simple(value),
        Form::Silent => String::new(),
        Form::Table => {
            let mut paper = Paper::for_stdout();
            view.draw(value, &mut paper);
            paper.into_text()
        }
    }
}

fn answer(words: &Words, form: Form) -> Result<Answer, Failure> {
    let command = match &words.command {
        _ if words.version => return Ok(Answer::Text(help::version())),
        None if words.help => return Ok(Answer::Text(help::overview())),
        None => return Err(UsageError::NoCommand.into()),
        Some(command) => command,
    };
    if words.help {
        return help::about(command).map(Answer::Text);
    }
    if let Some(own) = own::find(command) {
        return own.run(words, form);
    }
    match table::find(command) {
        Some(command) => table::run(command, words, form),
        None => Err(help::unknown(command).into()),
    }
}
