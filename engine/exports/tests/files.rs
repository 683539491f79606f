//! Exports in memory: where their root is, what their paths may be, and how long reading takes.
//!
//! What an export means is tested where the host reads it from a disk, with each tree from memory too.

#![expect(clippy::unwrap_used, reason = "tests")]

use portcullis_engine::Schema;
use portcullis_exports::{Export, Files, ImportError, SkipReason};
use std::time::{Duration, Instant};

const LIST: &str = "acl { inheriting = '0' }";

fn files(files: &[(&str, &str)]) -> Files {
    let mut tree = Files::default();
    for (path, text) in files {
        tree.add(path, text.as_bytes().to_vec()).unwrap();
    }
    tree
}

fn export(tree: &[(&str, &str)]) -> Result<Export, ImportError> {
    files(tree).export(&Schema::cdro())
}

fn error(tree: &[(&str, &str)]) -> String {
    let error = export(tree).unwrap_err();
    format!("{}: {error}", error.code())
}

fn paths(export: &Export) -> Vec<&str> {
    export.objects.iter().map(|object| object.path.as_str()).collect()
}

const NONE: &str =
    "InvalidExport: expected a collection of an export, such as `projects`, or a `.dsl` file, found none";

#[test]
fn the_root_may_lie_at_any_depth_of_one_folder_in_another() {
    let expected = export(&[("projects/p/acls/acl.dsl", LIST), ("users/u/user.dsl", "def x = 1")]).unwrap();
    assert_eq!(paths(&expected), ["/projects/p", "/users/u"]);
    for around in ["/", "./", "my-export/", "/a//b b/c%2F/"] {
        let [project, user] = ["projects/p/acls/acl.dsl", "users/u/user.dsl"].map(|path| format!("{around}{path}"));
        assert_eq!(export(&[(&project, LIST), (&user, "def x = 1")]).unwrap(), expected, "{around}");
    }
}

#[test]
fn a_single_file_makes_its_folder_the_root() {
    let read = export(&[("a/b/export.dsl", "project 'p'"), ("a/b/c/projects/q/project.dsl", "")]).unwrap();
    assert_eq!(paths(&read), ["/projects/p"]);
}

#[test]
fn what_lies_beside_the_way_to_the_root_is_no_part_of_the_export() {
    let beside = [("data/README.md", "x"), ("data/.git/HEAD", "x"), ("data/.DS_Store", "x")];
    let read = export(&[&beside[..], &[("data/export/zones/z/acls/acl.dsl", LIST)]].concat()).unwrap();
    assert_eq!(paths(&read), ["/zones/z"]);
    assert!(read.summary.skipped.is_empty());
}

#[test]
fn what_is_hidden_or_foreign_in_the_root_is_counted_and_named() {
    let read = export(&[("e/users/u/user.dsl", ""), ("e/.DS_Store", "x"), ("e/notes/a.txt", "x")]).unwrap();
    let skipped: Vec<_> = read.summary.skipped.iter().map(|known| (known.reason, known.name.as_str())).collect();
    assert_eq!(skipped, [(SkipReason::UnknownCollection, "notes"), (SkipReason::Hidden, ".DS_Store")]);
}

#[test]
fn what_is_no_export_is_refused_with_the_folder_where_the_way_ends() {
    assert_eq!(error(&[]), NONE);
    assert_eq!(error(&[("a.txt", "")]), NONE);
    assert_eq!(error(&[("photos/2026/a.jpg", "")]), format!("{NONE} in `photos/2026`"));
    assert_eq!(
        error(&[("all/one/users/u/user.dsl", ""), ("all/two/users/u/user.dsl", "")]),
        format!("{NONE} in `all`")
    );
}

#[test]
fn an_error_names_the_path_that_was_given_and_a_summary_the_one_in_the_export() {
    let text = "acl {\n  rights\n}";
    let message = "expected `inheriting` or `aclEntry`, found `rights`";
    let path = "my-export/projects/p/acls/acl.dsl";
    assert_eq!(error(&[(path, text)]), format!("InvalidExport: {path}:2:3: {message}"));
    let read = export(&[(path, "def x = 1\nacl { }")]).unwrap();
    let places: Vec<String> = read.summary.skipped.iter().map(|skipped| skipped.first.to_string()).collect();
    assert_eq!(places, ["projects/p/acls/acl.dsl:1:1"]);
}

#[test]
fn a_path_has_names_and_leads_nowhere_else() {
    let mut tree = Files::default();
    for path in ["", "/", "./", "../projects/p/project.dsl", "projects/../users/u/user.dsl", &"a/".repeat(20_000)] {
        let error = tree.add(path, Vec::new()).unwrap_err();
        assert_eq!(error.code(), "InvalidExport");
        assert!(
            error.to_string().starts_with("expected a file's path such as `projects/Default/project.dsl`, found `")
        );
    }
    tree.add("projects/a..b/project.dsl", Vec::new()).unwrap();
    assert_eq!(paths(&tree.export(&Schema::cdro()).unwrap()), ["/projects/a..b"]);
}

#[test]
fn an_empty_folder_is_an_object_like_others() {
    assert_eq!(paths(&export(&[("e/projects/p/", ""), ("e/users/", "")]).unwrap()), ["/projects/p"]);
}

#[test]
fn a_file_that_is_added_again_is_replaced() {
    let read = export(&[("a.dsl", "user 'old'"), ("/a.dsl", "user 'new'")]).unwrap();
    assert_eq!(paths(&read), ["/users/new"]);
}

#[test]
fn thousands_of_folders_may_lie_in_each_other() {
    let folder = format!("projects/p/pipelines/P/stages/S{}", "/tasks/t".repeat(2_000));
    let read = export(&[(&format!("{folder}/task.dsl"), "task 't', { acl { } }")]).unwrap();
    assert_eq!((read.summary.objects.get("task"), read.summary.acls), (Some(&2_000), 1));
}

#[test]
fn time_is_linear_in_the_length_of_a_file() {
    let pieces = [
        "x = / ",
        "a \\/ ",
        "'a': ",
        "x = a.b('c')\n",
        "x\n\n\n\n",
        "f 'x', a: 'y', { z = 1 }\n",
        "/*a*/ ",
        "$/ ",
        "\"$a\" ",
    ];
    for piece in pieces {
        let start = Instant::now();
        let _ = export(&[("a.dsl", &piece.repeat(50_000))]);
        assert!(start.elapsed() < Duration::from_secs(10), "{piece:?} took {:?}", start.elapsed());
    }
}

#[test]
fn time_is_linear_in_the_empty_lines_before_a_line_that_goes_on() {
    for (begin, end) in [("x = 1 +", "2"), ("x = a", ".b")] {
        let start = Instant::now();
        let text = format!("{begin}{}{end}", "\n ".repeat(200_000));
        let _ = export(&[("a.dsl", &text)]);
        assert!(start.elapsed() < Duration::from_secs(10), "{begin:?} took {:?}", start.elapsed());
    }
}
