//! A log of version 1, as bytes. It must replay for ever, to what it meant when it was written.
//!
//! Checked by hand against the wire format: a version byte; then, in postcard's encoding, revision, time, caller,
//! commands, and the changes: `00` puts a record (`00` policy, `01` object, `02` principal, `03` member, `04` entry),
//! `01` deletes a key (same numbers). Never edit a line; a new version of the format gets a log of its own.

use portcullis_engine::{ChangeSet, Handle, Identity, State};
use serde_json::{Value, json};

const VERSION_1: [&str; 13] = [
    // createPolicy: the schema, four system objects, Everyone, admin and default.
    "0101000a757365723a61646d696e010c637265617465506f6c6963790b0000010102030405060708090a0b0c0d0e0f8b017b226e616d65223a\
     2273222c2270726976696c65676573223a5b2272222c2277225d2c22726f6c6573223a7b2272656164223a2272222c226d6f64696679223a22\
     77222c226368616e67655065726d697373696f6e73223a2277227d2c227479706573223a5b7b226e616d65223a22626f78222c22636f6c6c65\
     6374696f6e223a22626f786573227d5d7d0001010c73797374656d4f626a6563740006736572766572010001020c73797374656d4f626a6563\
     7401096469726563746f7279010001030c73797374656d4f626a6563740108706572736f6e6173010001040c73797374656d4f626a65637401\
     0773657373696f6e01000201000845766572796f6e650001050567726f7570020845766572796f6e6501000202020561646d696e0001060475\
     736572020561646d696e01000203020764656661756c740001070475736572020764656661756c7401",
    // createObject /boxes/a, then /boxes/gone: object 8, then 9, under 1.
    "0102000a757365723a61646d696e010c6372656174654f626a6563740100010803626f7801016101",
    "0103000a757365723a61646d696e010c6372656174654f626a6563740100010903626f780104676f6e6501",
    // createObject /users/ann, then /groups/G: a principal and its object.
    "0104000a757365723a61646d696e010c6372656174654f626a656374020002040203616e6e00010a04757365720203616e6e01",
    "0105000a757365723a61646d696e010c6372656174654f626a6563740200020500014700010b0567726f757002014701",
    // addGroupMember: group 5 holds 4.
    "0106000a757365723a61646d696e010e61646447726f75704d656d6265720100030504",
    // createAclEntry on object 8: for 5, allow 1; for 4, deny 2 in [1000, 2000).
    "0107000a757365723a61646d696e010e63726561746541636c456e7472790100040805000101000000",
    "0108000a757365723a61646d696e010e63726561746541636c456e74727901000408040002000201d00f01a01f",
    // createAclEntry on object 9 for user x, who is principal 6: deny 1.
    "0109000a757365723a61646d696e010e63726561746541636c456e7472790200020602017800040906000300010000",
    // breakAclInheritance on object 8.
    "010a000a757365723a61646d696e0113627265616b41636c496e6865726974616e63650100010803626f7801016100",
    // deleteObject /boxes/gone: its entry, the principal that nothing refers to any more, the object.
    "010b000a757365723a61646d696e010c64656c6574654f626a656374030104090600010206010109",
    // removeGroupMember, and addGroupMember again.
    "010c000a757365723a61646d696e011172656d6f766547726f75704d656d6265720101030504",
    "010d000a757365723a61646d696e010e61646447726f75704d656d6265720100030504",
];

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
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
    state.call(request.to_string().as_bytes()).0["reply"].clone()
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
    let (answer, _) = state.call(request.to_string().as_bytes());
    assert_eq!(answer["replies"][0]["object"]["objectId"], "box-01010203-0405-8607-8809-0a0b0000000c");
}
#[test]
fn print_golden() {
    for set in &crate::damage::small_policy().log {
        println!("HEX {}", set.encode().iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }
}
