//! Users, groups, service accounts, and the personas that they have.

use crate::tree::{Tree, attributes, engines_answer, imports, missed, paths, skipped};
use portcullis_host::import::SkipReason;
use serde_json::{Value, json};

/// The forms in which the exporter writes them.
const EXPORT: [(&str, &str); 8] = [
    ("groups/dev/group.dsl", "\ngroup 'dev', {\n  persona = [\n    'QA',\n  ]\n  userName = [\n    'ann',\n  ]\n}\n"),
    (
        "personaCategories/testing/personaCategory.dsl",
        "\npersonaCategory 'testing', {\n  description = 'of tests'\n  personaPage = [\n    'runs',\n    'plans',\n  ]\n}\n",
    ),
    (
        "personaPages/plans/personaPage.dsl",
        "\npersonaPage 'plans', {\n  description = 'what to test'\n  url = 'https://example.org/plans'\n}\n",
    ),
    (
        "personas/QA/persona.dsl",
        "\npersona 'QA', {\n  description = 'tests'\n  homePageName = 'runs'\n  isDefault = '1'\n\n  personaDetail {\n    personaCategoryName = 'testing'\n    personaPage = [\n      'runs',\n    ]\n  }\n\n  personaDetail {\n    personaCategoryName = 'deployment'\n  }\n}\n",
    ),
    ("resources/r 1/resource.dsl", "resource 'r 1', {\n  description = 'a machine'\n  port = '7800'\n}\n"),
    ("serviceAccounts/ci/serviceAccount.dsl", "\nserviceAccount 'ci', {\n  description = ''\n}\n"),
    (
        "serviceAccounts/ci/acls/acl.dsl",
        "acl {\n  inheriting = '0'\n  aclEntry 'user', principalName: 'ann', {\n    modifyPrivilege = 'allow'\n  }\n}\n",
    ),
    (
        "users/ann/user.dsl",
        "\nuser 'ann', {\n  email = 'ann@example.org'\n  fullUserName = 'Ann Example'\n  persona = [\n    'QA',\n    'Global',\n  ]\n}\n",
    ),
];

/// Whether bytes hold a text.
fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// What an export in one file says of its objects, by path.
fn said(text: &str) -> Value {
    attributes(&Tree::new(&[("a.dsl", text)]).export())
}

/// The error of an export in one file.
fn error(text: &str) -> String {
    Tree::new(&[("a.dsl", text)]).error().replace("InvalidExport: a.dsl:", "")
}

#[test]
fn an_export_of_them_is_taken_with_all_that_the_policy_keeps() {
    let export = Tree::new(&EXPORT).export();
    assert_eq!(
        attributes(&export),
        json!({
            "/groups/dev": { "personas": ["QA"] },
            "/personaCategories/testing": { "description": "of tests", "personaPages": ["runs", "plans"] },
            "/personaPages/plans": { "description": "what to test", "url": "https://example.org/plans" },
            "/personas/QA": {
                "description": "tests", "homePageName": "runs", "isDefault": true,
                "personaDetails": [{ "personaCategory": "testing", "personaPages": ["runs"] }, { "personaCategory": "deployment" }],
            },
            "/users/ann": { "email": "ann@example.org", "fullUserName": "Ann Example", "personas": ["QA", "Global"] },
        })
    );
    let summary = &export.summary;
    let counts: Vec<(&str, u64)> = summary.objects.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    let expected = ["group", "persona", "personaCategory", "personaPage", "resource", "serviceAccount", "user"];
    assert_eq!(counts, expected.map(|kind| (kind, 1)));
    assert_eq!((summary.members, summary.assignments, summary.acls_taken), (1, 3, 1));
    assert_eq!(skipped(&export, SkipReason::NotKept), [("resource description", 1)]);
    assert_eq!(summary.skipped.len(), 1);
}

#[test]
fn the_engine_takes_them_and_a_second_time_nothing_changes() {
    let export = Tree::new(&EXPORT).export();
    let told = imports(&[&export, &export]).unwrap();
    let reply = |changes: u64| json!({ "import": { "objects": 7, "changes": changes, "leftOut": [] } });
    assert_eq!(told[0].0, reply(told[0].1.as_ref().unwrap().changes.changes.len() as u64));
    assert_eq!(told[1].0, reply(0));
    assert!(told[1].1.is_none());
}

#[test]
fn what_is_private_is_beside_the_change_set_and_not_in_it() {
    let export = Tree::new(&EXPORT).export();
    let told = imports(&[&export]).unwrap().remove(0);
    let proposed = told.1.unwrap();
    let (logged, private) = (proposed.changes.encode(), proposed.private.encode());
    for secret in ["ann@example.org", "Ann Example"] {
        assert!(!holds(&logged, secret), "{secret}");
        assert!(holds(&private, secret), "{secret}");
        assert!(!told.0.to_string().contains(secret) && !format!("{export:?}").contains(secret), "{secret}");
    }
    assert!(holds(&logged, "https://example.org/plans"), "what is not private is in the log");
}

#[test]
fn what_the_policy_cannot_take_over_is_told_by_name_and_does_not_lose_the_rest() {
    let export = Tree::new(&[
        ("personas/Global/persona.dsl", "persona 'Global', {\n  description = 'all of it'\n}"),
        ("personas/Bare/persona.dsl", "persona 'Bare', {\n  isDefault = '1'\n}"),
        ("users/ann/user.dsl", "user 'ann', {\n  persona = ['Ghost', 'Bare']\n}"),
        ("users/bob/user.dsl", "user 'bob', {\n  persona = ['Ghost']\n}"),
    ])
    .export();
    let reply = imports(&[&export]).unwrap().remove(0).0;
    let rows: Vec<String> = reply["import"]["leftOut"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{}× {} ({})", row["count"], row["name"].as_str().unwrap(), row["first"].as_str().unwrap()))
        .collect();
    let expected = [
        "1× isDefault of persona Bare (/personas/Bare)",
        "2× persona Ghost (/users/ann)",
        "1× persona Global (/personas/Global)",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn the_plurals_that_commands_have_are_taken_and_lists_add_up() {
    let text = "user 'u', {\n personas = ['a', 'b']\n persona = 'b'\n persona 'c'\n}\n\
                group 'g', personas: ['a'], {\n userNames = ['x']\n userName = 'y'\n userName 'z'\n}\n\
                personaCategory 'c', { personaPages = ['p', 'q']; personaPage 'r'; personaPage = 'p' }";
    let export = Tree::new(&[("a.dsl", text)]).export();
    assert_eq!(
        attributes(&export),
        json!({
            "/users/u": { "personas": ["a", "b", "c"] },
            "/groups/g": { "personas": ["a"] },
            "/personaCategories/c": { "personaPages": ["p", "q", "r"] },
        })
    );
    assert_eq!((export.summary.members, export.summary.assignments), (3, 4));
    assert!(export.summary.skipped.is_empty());
}

#[test]
fn a_users_block_may_name_its_groups() {
    let text = "user 'a/b %', {\n groupName = ['g', 'Everyone', 'admin']\n}\nuser 'c', groupNames: 'g'";
    let export = Tree::new(&[("a.dsl", text)]).export();
    assert_eq!(paths(&export), ["/users/a%2Fb %25", "/groups/g", "/groups/Everyone", "/users/c"]);
    let members: Vec<&str> = export.objects[1].members.iter().map(|member| member.member_name.as_str()).collect();
    assert_eq!(members, ["a/b %", "c"]);
    assert_eq!(skipped(&export, SkipReason::BuiltInName), [("group admin", 1)]);
    assert_eq!(skipped(&export, SkipReason::MemberOfEveryone), [("userName of group Everyone", 1)]);
    assert_eq!(engines_answer(&export), Ok(()));
}

#[test]
fn a_detail_has_its_category_by_place_or_by_name_and_its_pages_in_a_list_or_alone() {
    for detail in [
        "personaDetail 'c', { personaPage = ['p', 'q'] }",
        "personaDetail { personaCategory = 'c'; personaPages = ['p', 'q'] }",
        "personaDetail(personaCategoryName: 'c') { personaPage 'p'; personaPage 'q' }",
        "personaDetail personaCategoryName: 'c', personaPage: ['p', 'q', 'p']",
        "personaDetails = '[{\"personaCategory\": \"c\", \"personaPages\": [\"p\", \"q\"]}]'",
    ] {
        let expected =
            json!({ "/personas/P": { "personaDetails": [{ "personaCategory": "c", "personaPages": ["p", "q"] }] } });
        assert_eq!(said(&format!("persona 'P', {{\n {detail}\n}}")), expected, "{detail}");
    }
    let none = said("persona 'P', {\n personaDetail 'c', { personaPage = [] }\n}");
    assert_eq!(none["/personas/P"]["personaDetails"], json!([{ "personaCategory": "c", "personaPages": [] }]));
}

#[test]
fn an_empty_text_is_kept_since_it_unsets_and_null_is_not() {
    let expected = json!({ "/users/u": { "email": "", "fullUserName": "7" } });
    assert_eq!(said("user 'u', {\n email = ''\n fullUserName = 7\n persona = ''\n}"), expected);
    assert_eq!(said("user 'u', {\n email = null\n}"), json!({}));
    assert_eq!(said("persona 'P', { isDefault = false }"), json!({ "/personas/P": { "isDefault": false } }));
}

#[test]
fn a_later_text_counts_as_it_would_if_the_code_ran() {
    let tree = Tree::new(&[("users/u/user.dsl", "user 'u', {\n email = 'old'\n email = 'new'\n}")]);
    tree.write("z.dsl", b"user 'u', { fullUserName = 'U' }");
    assert_eq!(attributes(&tree.export()), json!({ "/users/u": { "email": "new", "fullUserName": "U" } }));
}

#[test]
fn passwords_are_never_read_and_named() {
    let text = "user 'u', {\n password = 'geheim1'\n sessionPassword 'geheim2'\n}\nuser 'v', password: secret";
    let export = Tree::new(&[("a.dsl", text)]).export();
    assert_eq!(skipped(&export, SkipReason::Password), [("password", 2), ("sessionPassword", 1)]);
    assert_eq!(SkipReason::Password.clause(), "passwords are never imported");
    let told = imports(&[&export]).unwrap().remove(0);
    let proposed = told.1.unwrap();
    let arguments = serde_json::to_vec(&export).unwrap();
    for bytes in [&arguments, &proposed.changes.encode(), &proposed.private.encode(), format!("{export:?}").as_bytes()]
    {
        assert!(!holds(bytes, "geheim"));
    }
    assert_eq!(attributes(&export), json!({}));
}

#[test]
fn what_else_they_have_is_counted_and_named() {
    let text = "user 'u', {\n userName = 'u'\n clearPersonas = '1'\n property 'p', { }\n}\nuser userName: 'v', { }\n\
                personaPage 'p', {\n subpages = ['q']\n newName = ''\n}\npersonaCategory 'c', { enabled = '0' }\n\
                persona 'P', {\n personaDetail 'c', {\n  index = 1\n  if (x) { }\n }\n}\n\
                serviceAccount 's', { description = 'a' }\nresourcePool 't', {\n description = 'b'\n autoDelete = '0'\n}";
    let export = Tree::new(&[("a.dsl", text)]).export();
    assert_eq!(
        skipped(&export, SkipReason::NotKept),
        [
            ("personaCategory enabled", 1),
            ("personaDetail index", 1),
            ("personaPage subpages", 1),
            ("resourcePool description", 1),
            ("serviceAccount description", 1),
            ("user clearPersonas", 1),
        ]
    );
    assert_eq!(skipped(&export, SkipReason::UnknownBlock), [("property", 1)]);
    assert_eq!(skipped(&export, SkipReason::Code), [("if", 1)]);
    assert!(missed(&export).is_empty());
    assert_eq!(engines_answer(&export), Ok(()));
}

#[test]
fn computed_values_are_left_out_counted_and_named() {
    let text = "user 'u', {\n email = mail\n persona = ['a', b]\n}\ngroup 'g', { persona = all }\n\
                persona 'P', {\n homePageName = home\n personaDetail 'c', { personaPage = all }\n personaDetail { personaCategoryName = c }\n}";
    let export = Tree::new(&[("a.dsl", text)]).export();
    assert_eq!(attributes(&export), json!({ "/users/u": { "personas": ["a"] } }));
    assert_eq!(
        skipped(&export, SkipReason::ComputedValue),
        [("email", 1), ("homePageName", 1), ("persona", 2), ("personaDetail", 2)]
    );
}

#[test]
fn a_value_of_another_form_is_an_error_with_its_place() {
    assert_eq!(error("user 'u', {\n email = ['a']\n}"), "2:10: expected text, found a list");
    assert_eq!(
        error("user 'u', {\n persona = ['a',\n  '']\n}"),
        "3:3: expected names of personas as text, found something else among them"
    );
    assert_eq!(
        error("persona 'P', {\n isDefault = 'maybe'\n}"),
        "2:14: expected `'1'` or `'0'` for `isDefault`, found `'maybe'`"
    );
    assert_eq!(
        error("persona 'P', {\n personaDetail { personaPage = ['p'] }\n}"),
        "2:2: expected a `personaCategoryName`, found a `personaDetail` without it"
    );
    assert_eq!(
        error("persona 'P', {\n personaDetails = '{'\n}"),
        "2:19: expected JSON such as `[{\"personaCategory\": \"deployment\", \"personaPages\": [\"application\"]}]`, found `'{'`"
    );
    let long = "é".repeat(256);
    let expected = format!("expected a name of at most 255 characters, found one of 256, `{}…`", "é".repeat(40));
    assert_eq!(error(&format!("personaCategory 'c', {{\n personaPage = ['{long}']\n}}")), format!("2:17: {expected}"));
    assert_eq!(error(&format!("persona 'P', {{\n personaDetail '{long}', {{ }}\n}}")), format!("2:16: {expected}"));
    assert_eq!(error(&format!("user 'u', {{\n groupName = '{long}'\n}}")), format!("2:14: {expected}"));
}

#[test]
fn the_words_mean_nothing_within_other_objects() {
    let text =
        "project 'p', {\n email = 'x'\n procedure 'q', { description = 'y'; persona = ['z']; password = 'w' }\n}";
    let export = Tree::new(&[("a.dsl", text)]).export();
    assert_eq!(attributes(&export), json!({}));
    assert!(export.summary.skipped.is_empty());
}
