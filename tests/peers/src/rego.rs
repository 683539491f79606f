//! `regorus`, by its virtual machine, which is faster than its interpreter. Rego has no walk up a tree, since a rule may not
//! call itself. What it can express is: of the lines of an object's levels, the nearest first and denials before
//! allowances, the first that is for the user decides.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, Result, anyhow};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use regorus::{Engine, Value};

use crate::contest::{Contestant, timed};
use crate::estate::{Estate, Question, Tree};

/// The object's lines in the input, which the application has found.
const OF_INPUT: &str = "
    package peers
    allow := [line[1] | some line in input.lines; input.matched[line[0]]][0]
";

/// The lines of all objects in the data.
const OF_DATA: &str = "
    package peers
    allow := [line[1] |
        matched := data.matched[input.principal]
        some line in data.objects[input.object][input.privilege]
        matched[line[0]]
    ][0]
";

const RULE: &str = "data.peers.allow";

/// Asked with the lines of the object in the input, made beforehand; and with the whole estate as data, by inputs made
/// beforehand or from strings.
pub(crate) fn contestants(estate: &Estate, few: usize) -> Result<Vec<Contestant<'_>>> {
    let asked = estate.questions.get(..few).unwrap_or(&estate.questions);
    let slices = || Ok((machine(OF_INPUT, Value::new_object())?, slices(estate, asked)?));
    let ((sliced, slices), slices_ready) = timed("regorus slices", slices)?;
    let ((data, whole), ready) = timed("regorus", || {
        let data = data(estate);
        Ok((data.clone(), machine(OF_DATA, data)?))
    })?;
    let mut other = machine(OF_DATA, data)?;
    let by_names =
        move |number| asked.get(number).is_some_and(|question: &Question| allows(&mut other, input(question)));
    let count = asked.len();
    Ok(vec![
        Contestant::new("regorus slices", count, slices_ready, asked_by(sliced, slices)),
        Contestant::new("regorus handle", count, ready, asked_by(whole, asked.iter().map(input).collect())),
        Contestant::new("regorus names", count, ready, by_names),
    ])
}

/// A machine with that policy compiled.
fn machine(policy: &str, data: Value) -> Result<RegoVM> {
    let mut engine = Engine::new();
    engine.add_policy("peers.rego".to_owned(), policy.to_owned())?;
    let compiled = engine.compile_with_entrypoint(&RULE.into())?;
    let mut vm = RegoVM::new();
    vm.load_program(Compiler::compile_from_policy(&compiled, &[RULE]).map_err(|error| anyhow!("{error:?}"))?);
    vm.set_data(data)?;
    Ok(vm)
}

fn asked_by(mut vm: RegoVM, inputs: Vec<Value>) -> impl FnMut(usize) -> bool {
    move |number| inputs.get(number).is_some_and(|input| allows(&mut vm, input.clone()))
}

/// Nothing that matches is undefined, and so not allowed.
fn allows(vm: &mut RegoVM, input: Value) -> bool {
    vm.set_input(input);
    vm.execute_entry_point_by_index(0).is_ok_and(|answer| matches!(answer, Value::Bool(true)))
}

/// A question in words.
fn input(question: &Question) -> Value {
    let Question { principal, privilege, path, .. } = question;
    record([("principal", text(principal)), ("privilege", text(privilege)), ("object", text(path))])
}

/// What these questions are about, and nothing else.
fn slices(estate: &Estate, asked: &[Question]) -> Result<Vec<Value>> {
    let tree = estate.tree();
    let sets: HashMap<u32, Value> = estate.matched().into_iter().map(|(id, all)| (id, numbers(&all))).collect();
    let slice = |question: &Question| {
        let matched = sets.get(&question.principal_id).context("nobody")?.clone();
        Ok(record([("matched", matched), ("lines", lines(&tree, question.object_id, question.bit))]))
    };
    asked.iter().map(slice).collect()
}

/// The whole estate. Objects without entries of their own share their lines with the next above them that has some.
fn data(estate: &Estate) -> Value {
    let (tree, matched) = (estate.tree(), estate.matched());
    let mut shared: HashMap<Option<u32>, Value> = HashMap::new();
    let mut lines = |object| {
        let nearest = tree.scope(object).find(|above| tree.has_list(*above));
        shared.entry(nearest).or_insert_with(|| by_privilege(estate, &tree, object)).clone()
    };
    let in_tree = estate.objects.iter().filter(|row| !row.3.is_empty());
    let objects: BTreeMap<Value, Value> = in_tree.map(|row| (text(&row.3), lines(row.0))).collect();
    let people = estate.principals.iter();
    let people: BTreeMap<Value, Value> =
        people.filter_map(|(id, name)| Some((text(name), numbers(matched.get(id)?)))).collect();
    record([("objects", objects.into()), ("matched", people.into())])
}

fn by_privilege(estate: &Estate, tree: &Tree<'_>, object: u32) -> Value {
    let bits = (0..).map(|place| 1 << place);
    let pairs = estate.privileges.iter().zip(bits).map(|(name, bit)| (text(name), lines(tree, object, bit)));
    pairs.collect::<BTreeMap<Value, Value>>().into()
}

/// Lists of two: whom the line is for, and whether it allows.
fn lines(tree: &Tree<'_>, object: u32, bit: u32) -> Value {
    let line = |(principal, allows)| vec![number(principal), Value::from(allows)].into();
    tree.lines(object, bit).into_iter().map(line).collect::<Vec<Value>>().into()
}

fn record<const N: usize>(fields: [(&str, Value); N]) -> Value {
    fields.into_iter().map(|(name, value)| (text(name), value)).collect::<BTreeMap<Value, Value>>().into()
}

fn numbers(ids: &[u32]) -> Value {
    ids.iter().copied().map(number).collect::<BTreeSet<Value>>().into()
}

fn number(id: u32) -> Value {
    Value::from(u64::from(id))
}

fn text(text: &str) -> Value {
    Value::from(text)
}
