#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
use portcullis_engine::State;
use serde_json::{Value, json};

fn propose(state: &mut State, caller: &str, commands: Value) -> Value {
    let request = json!({"request":"propose","caller":format!("user:{caller}"),"now":1000,"seed":"00112233445566778899aabbccddeeff","commands":commands});
    let (answer, changes) = state.call(request.to_string().as_bytes());
    let before = state.snapshot();
    if let Some(set) = changes {
        let back = portcullis_engine::ChangeSet::decode(&set.encode()).unwrap();
        assert_eq!(back, set);
        state.apply(&set).unwrap();
    }
    let _ = before;
    let bytes = state.snapshot();
    assert_eq!(State::restore(&bytes).unwrap().snapshot(), bytes);
    answer
}
fn ask(state: &mut State, caller: &str, command: &str, arguments: Value) -> Value {
    let request =
        json!({"request":"ask","caller":format!("user:{caller}"),"now":1000,"command":command,"arguments":arguments});
    state.call(request.to_string().as_bytes()).0
}

#[test]
fn smoke() {
    let mut state = State::new().unwrap();
    let s = &mut state;
    println!("{}", propose(s, "admin", json!([{"command":"createPolicy"}])));
    println!(
        "{}",
        propose(
            s,
            "admin",
            json!([
                {"command":"createObject","arguments":{"projectName":"Default"}},
                {"command":"createObject","arguments":{"projectName":"Default","pipelineName":"p"}},
                {"command":"createObject","arguments":{"userName":"dev"}},
                {"command":"createObject","arguments":{"groupName":"Devs"}},
                {"command":"addGroupMember","arguments":{"groupName":"Devs","userName":"dev"}},
                {"command":"createAclEntry","arguments":{"principalType":"group","principalName":"Devs","projectName":"Default","pipelineName":"p","modifyPrivilege":"allow"}},
                {"command":"getAccess","arguments":{"projectName":"Default","pipelineName":"p"}},
            ])
        )
    );
    println!("{}", ask(s, "dev", "checkAccess", json!({"projectName":"Default","pipelineName":"p"})));
    println!(
        "{}",
        ask(
            s,
            "admin",
            "explain",
            json!({"projectName":"Default","pipelineName":"p","principal":"user:dev","privilege":"modify"})
        )
    );
    println!(
        "{}",
        ask(
            s,
            "admin",
            "explain",
            json!({"path":"/projects/Default/pipelines/p/stages/x","principal":"user:dev","privilege":"changePermissions"})
        )
    );
    println!("{}", ask(s, "admin", "access", json!({"projectName":"Default","pipelineName":"p"})));
    println!("{}", ask(s, "admin", "access", json!({"principal":"user:dev"})));
    println!("{}", ask(s, "admin", "getObjects", json!({"projectName":"Default"})));
    println!("{}", ask(s, "admin", "tree", json!({"projectName":"Default"})));
    println!(
        "{}",
        propose(
            s,
            "dev",
            json!([{"command":"createObject","arguments":{"projectName":"Default","procedureName":"x"}}])
        )
    );
    println!("{}", propose(s, "admin", json!([{"command":"createObject","arguments":{"stageName":"x"}}])));
    println!(
        "{}",
        propose(s, "admin", json!([{"command":"createObject","arguments":{"stageName":"x","procedureName":"y"}}]))
    );
    println!(
        "{}",
        propose(s, "admin", json!([{"command":"moveObject","arguments":{"projectName":"Default","newName":"New"}}]))
    );
    println!("{}", propose(s, "admin", json!([{"command":"deleteObject","arguments":{"userName":"dev"}}])));
    println!("{}", ask(s, "admin", "tree", json!({"path":"/projects/New"})));
    println!("{}", propose(s, "admin", json!([{"command":"deleteObject","arguments":{"projectName":"New"}}])));
    println!("{}", propose(s, "admin", json!([{"command":"createObject","arguments":{"projectName":"New"}}])));
    println!(
        "{}",
        propose(
            s,
            "admin",
            json!([{"command":"createObject","arguments":{"artifactName":"a:b"}},{"command":"createObject","arguments":{"artifactVersionName":"a:b:1.0"}}])
        )
    );
    println!(
        "{}",
        propose(
            s,
            "admin",
            json!([{"command":"setSchema","arguments":{"schema":{"name":"h","privileges":["view","edit"],"roles":{"read":"view","modify":"edit","changePermissions":"edit"},"types":[{"name":"department"}]}}}])
        )
    );
}
