//! A log of version 1, as bytes. It must replay for ever, to what it meant when it was written.
//!
//! Checked by hand against the binary form: a version byte; revision and time; caller; the commands' count and names;
//! the changes' count and the changes, a row each. A change begins with its kind: 01 policy, 02 object, 03 principal,
//! 04 member, 05 entry; with 80 added it deletes. Numbers are little-endian; a text is its length and its UTF-8. White
//! space is for the eye. Never edit a line: a new version of the form gets a log of its own.

use crate::policy::Answers;
use portcullis_engine::{ChangeSet, Handle, Identity, State};
use serde_json::{Value, json};

const VERSION_1: [&str; 13] = [
    // createPolicy: the schema, four system objects, Everyone, admin and default.
    "01 0100000000000000 0000000000000000 0a000000 757365723a61646d696e 01000000 0c000000
     637265617465506f6c696379 0b000000
     01 010102030405060708090a0b0c0d0e0f 8b000000
     7b226e616d65223a2273222c2270726976696c65676573223a5b2272222c2277225d2c22726f6c6573223a7b2272656164223a22
     72222c226d6f64696679223a2277222c226368616e67655065726d697373696f6e73223a2277227d2c227479706573223a5b7b22
     6e616d65223a22626f78222c22636f6c6c656374696f6e223a22626f786573227d5d7d
     02 01000000 0c000000 73797374656d4f626a656374 00000000 06000000 736572766572 01
     02 02000000 0c000000 73797374656d4f626a656374 01000000 09000000 6469726563746f7279 01
     02 03000000 0c000000 73797374656d4f626a656374 01000000 08000000 706572736f6e6173 01
     02 04000000 0c000000 73797374656d4f626a656374 01000000 07000000 73657373696f6e 01
     03 01000000 00 08000000 45766572796f6e65
     02 05000000 05000000 67726f7570 02000000 08000000 45766572796f6e65 01
     03 02000000 02 05000000 61646d696e
     02 06000000 04000000 75736572 02000000 05000000 61646d696e 01
     03 03000000 02 07000000 64656661756c74
     02 07000000 04000000 75736572 02000000 07000000 64656661756c74 01",
    // createObject /boxes/a: object 8, under 1.
    "01 0200000000000000 0000000000000000 0a000000 757365723a61646d696e 01000000 0c000000
     6372656174654f626a656374 01000000
     02 08000000 03000000 626f78 01000000 01000000 61 01",
    // createObject /boxes/gone: object 9.
    "01 0300000000000000 0000000000000000 0a000000 757365723a61646d696e 01000000 0c000000
     6372656174654f626a656374 01000000
     02 09000000 03000000 626f78 01000000 04000000 676f6e65 01",
    // createObject /users/ann: principal 4, a user, and object 10 under 2.
    "01 0400000000000000 0000000000000000 0a000000 757365723a61646d696e 01000000 0c000000
     6372656174654f626a656374 02000000
     03 04000000 02 03000000 616e6e
     02 0a000000 04000000 75736572 02000000 03000000 616e6e 01",
    // createObject /groups/G: principal 5, a group, and object 11.
    "01 0500000000000000 0000000000000000 0a000000 757365723a61646d696e 01000000 0c000000
     6372656174654f626a656374 02000000
     03 05000000 00 01000000 47
     02 0b000000 05000000 67726f7570 02000000 01000000 47 01",
    // addGroupMember: group 5 holds 4.
    "01 0600000000000000 0000000000000000 0a000000 757365723a61646d696e 01000000 0e000000
     61646447726f75704d656d626572 01000000
     04 05000000 04000000",
    // createAclEntry on object 8 for 5: entry 1 allows bit 0.
    "01 0700000000000000 0000000000000000 0a000000 757365723a61646d696e 01000000 0e000000
     63726561746541636c456e747279 01000000
     05 08000000 05000000 00000000 01000000 01000000 00000000 00000000 0000000000000000 00000000
     0000000000000000",
    // createAclEntry on object 8 for 4: entry 2 denies bit 1 in [1000, 2000).
    "01 0800000000000000 0000000000000000 0a000000 757365723a61646d696e 01000000 0e000000
     63726561746541636c456e747279 01000000
     05 08000000 04000000 00000000 02000000 00000000 02000000 01000000 e803000000000000 01000000
     d007000000000000",
    // createAclEntry on object 9 for user x, who is principal 6: entry 3 denies bit 0.
    "01 0900000000000000 0000000000000000 0a000000 757365723a61646d696e 01000000 0e000000
     63726561746541636c456e747279 02000000
     03 06000000 02 01000000 78
     05 09000000 06000000 00000000 03000000 00000000 01000000 00000000 0000000000000000 00000000
     0000000000000000",
    // breakAclInheritance on object 8.
    "01 0a00000000000000 0000000000000000 0a000000 757365723a61646d696e 01000000 13000000
     627265616b41636c496e6865726974616e6365 01000000
     02 08000000 03000000 626f78 01000000 01000000 61 00",
    // deleteObject /boxes/gone: its entry, the principal that nothing refers to any more, the object.
    "01 0b00000000000000 0000000000000000 0a000000 757365723a61646d696e 01000000 0c000000
     64656c6574654f626a656374 03000000
     85 09000000 06000000 00000000
     83 06000000
     82 09000000",
    // removeGroupMember.
    "01 0c00000000000000 0000000000000000 0a000000 757365723a61646d696e 01000000 11000000
     72656d6f766547726f75704d656d626572 01000000
     84 05000000 04000000",
    // addGroupMember again.
    "01 0d00000000000000 0000000000000000 0a000000 757365723a61646d696e 01000000 0e000000
     61646447726f75704d656d626572 01000000
     04 05000000 04000000",
];

fn bytes(hex: &str) -> Vec<u8> {
    let digits: String = hex.split_whitespace().collect();
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect()
}

fn replayed() -> State {
    let mut state = State::new().unwrap();
    for hex in VERSION_1 {
        let set = ChangeSet::decode(&bytes(hex)).unwrap();
        state.apply(&set).unwrap();
    }
    state
}

fn ask(state: &mut State, command: &str, arguments: Value) -> Value {
    let request =
        json!({"request": "ask", "caller": "user:admin", "now": 0, "command": command, "arguments": arguments});
    state.answered(request.to_string().as_bytes()).answer["reply"].clone()
}

#[test]
fn a_log_of_version_1_is_written_as_it_was_read() {
    for hex in VERSION_1 {
        assert_eq!(ChangeSet::decode(&bytes(hex)).unwrap().encode(), bytes(hex));
    }
}

#[test]
fn a_log_of_version_1_still_means_the_same_tree_and_lists() {
    let mut state = replayed();
    assert_eq!(state.revision(), 13);
    let tree = ask(&mut state, "tree", json!({}));
    let rows: Vec<String> = tree["object"].as_array().unwrap().iter().map(row).collect();
    let expected = [
        "server-01010203-0405-8607-8809-0a0b00000001 /systemObjects/server",
        "box-01010203-0405-8607-8809-0a0b00000008 /boxes/a broken: group:G r allow, user:ann w deny [1, 2)",
        "systemObject-01010203-0405-8607-8809-0a0b00000002 /systemObjects/directory",
        "group-01010203-0405-8607-8809-0a0b00000005 /groups/Everyone",
        "group-01010203-0405-8607-8809-0a0b0000000b /groups/G",
        "user-01010203-0405-8607-8809-0a0b00000006 /users/admin",
        "user-01010203-0405-8607-8809-0a0b0000000a /users/ann",
        "user-01010203-0405-8607-8809-0a0b00000007 /users/default",
        "systemObject-01010203-0405-8607-8809-0a0b00000003 /systemObjects/personas",
        "systemObject-01010203-0405-8607-8809-0a0b00000004 /systemObjects/session",
    ];
    assert_eq!(rows, expected.map(|row| row.replace("server-", "systemObject-")));
}

/// A row of the tree in a line.
fn row(object: &Value) -> String {
    let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    let second = |instant: String| instant.get(17..19).map(|digits| digits.trim_start_matches('0').to_owned());
    let entry = |entry: &Value| {
        let says = ["r", "w"].map(|privilege| (privilege, text(entry, &format!("{privilege}Privilege"))));
        let says =
            says.iter().filter(|(_, word)| word != "inherit").map(|(privilege, word)| format!(" {privilege} {word}"));
        let window = match (second(text(entry, "notBefore")), second(text(entry, "notAfter"))) {
            (Some(first), Some(end)) => format!(" [{first}, {end})"),
            _ => String::new(),
        };
        format!("{}:{}{}{window}", text(entry, "principalType"), text(entry, "principalName"), says.collect::<String>())
    };
    let entries: Vec<String> = object["aclEntry"].as_array().unwrap().iter().map(entry).collect();
    let broken = if object["breakInheritance"] == "1" { " broken" } else { "" };
    let list = if entries.is_empty() { String::new() } else { format!(": {}", entries.join(", ")) };
    format!("{} {}{broken}{list}", text(object, "objectId"), text(object, "path"))
}

#[test]
fn a_log_of_version_1_still_decides_the_same() {
    let state = replayed();
    let ann = state.principal(&Identity::parse("user:ann").unwrap());
    let Handle { object, stamp } = state.resolve("/boxes/a").unwrap();
    assert_eq!((ann, object, stamp), (4, 8, 0));
    let may = |privilege: u32, now: i64| state.check(ann, Handle { object, stamp }, privilege, now);
    assert!(may(1, 0), "through group G");
    assert!(!may(2, 1_500), "denied in the window, and broken above");
}

#[test]
fn ids_go_on_where_a_log_of_version_1_ended() {
    let mut state = replayed();
    let request = json!({"request": "propose", "caller": "user:admin", "now": 0, "seed": "0".repeat(32), "commands": [
        {"command": "createObject", "arguments": {"path": "/boxes/gone"}}]});
    let answer = state.answered(request.to_string().as_bytes()).answer;
    assert_eq!(answer["replies"][0]["object"]["objectId"], "box-01010203-0405-8607-8809-0a0b0000000c");
}
