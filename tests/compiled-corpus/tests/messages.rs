//! Each message of the corpus through the generated code: samples come back equal, lossy ones as expected, bad ones are
//! refused.

use std::fs;
use std::path::{Path, PathBuf};

use compiled_corpus::{CONTRACTS, RoundTrip};
use microagent_schema::limits::Limits;
use microagent_schema::model::{Constraints, Shape, TypeRef};
use microagent_schema::span::Span;
use microagent_tests::random::Random;
use microagent_tests::{contracts, values};
use serde_json::Value;

/// The JSON files of a folder's folders, with the name of the folder they stand in.
fn messages(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for channel in contracts::sorted(folder) {
        let name = channel
            .file_name()
            .expect("a folder has a name")
            .to_string_lossy()
            .into_owned();
        for file in contracts::sorted(&channel) {
            let path = file.to_string_lossy();
            if path.ends_with(".json") && !path.ends_with(".expect.json") {
                found.push((name.clone(), file));
            }
        }
    }
    found
}

/// The declaration that a sample folder names: with its package where there are several.
fn round_trip(contract: &str, name: &str) -> RoundTrip {
    let (_, declarations) = CONTRACTS
        .iter()
        .find(|(it, _)| *it == contract)
        .expect("each folder is a contract");
    let named = |it: &&(&str, RoundTrip)| it.0 == name || it.0.ends_with(&format!(".{name}"));
    declarations
        .iter()
        .find(named)
        .unwrap_or_else(|| panic!("{contract} declares no `{name}`"))
        .1
}

fn json(path: &Path, body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()))
}

/// Equal as JSON, numbers by value.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || left.as_f64() == right.as_f64()
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, left)| right.get(key).is_some_and(|right| same(left, right)))
        }
        _ => left == right,
    }
}

#[test]
fn every_message_behaves_as_its_folder_says() {
    let (mut samples, mut lossy, mut bad, mut wrong) = (0, 0, 0, Vec::new());
    for (contract, _) in CONTRACTS {
        let root = contracts::folder().join(contract);
        for (name, path) in messages(&root.join("samples")) {
            samples += 1;
            let body = fs::read(&path).expect("a file of the repository");
            check(
                &mut wrong,
                &path,
                &json(&path, &body),
                round_trip(contract, &name)(&body),
            );
        }
        for (name, path) in messages(&root.join("samples_lossy")) {
            lossy += 1;
            let body = fs::read(&path).expect("a file of the repository");
            let expected =
                fs::read(path.with_extension("expect.json")).expect("beside each lossy sample");
            check(
                &mut wrong,
                &path,
                &json(&path, &expected),
                round_trip(contract, &name)(&body),
            );
        }
        for (name, path) in messages(&root.join("bad")) {
            bad += 1;
            let body = fs::read(&path).expect("a file of the repository");
            match round_trip(contract, &name)(&body) {
                Ok(_) => wrong.push(format!("{}: was accepted", path.display())),
                Err(why) => println!("{contract}/{name}: {why}"),
            }
        }
    }
    println!(
        "{} contracts: {samples} samples, {lossy} lossy ones, {bad} bad ones",
        CONTRACTS.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check(
    wrong: &mut Vec<String>,
    path: &Path,
    expected: &Value,
    found: Result<bytes::Bytes, String>,
) {
    match found {
        Ok(found) if same(&json(path, &found), expected) => {}
        Ok(found) => wrong.push(format!(
            "{}: came back as {}",
            path.display(),
            String::from_utf8_lossy(&found)
        )),
        Err(why) => wrong.push(format!("{}: was refused: {why}", path.display())),
    }
}

/// How many random messages of each type.
const MESSAGES: usize = 200;

#[test]
fn random_messages_of_every_type_come_back_equal() {
    let mut random = Random::new(3);
    let (mut types, mut messages, mut without) = (0, 0, Vec::new());
    for (contract, files) in contracts::named_roots() {
        let inputs = files
            .iter()
            .map(|(path, text)| contracts::input(path, text));
        let analysis = microagent_schema::analyze(inputs.collect(), &Limits::default());
        let model = analysis.model.expect("it was compiled");
        for declared in &model.types {
            let name = format!("{}.{}", model[declared.package].name, declared.name);
            let shape = Shape::Named(declared.id);
            let ty = TypeRef {
                shape,
                constraints: Constraints::default(),
                optional: false,
                span: Span::default(),
            };
            let round_trip = round_trip(&contract, &name);
            let some: Vec<values::Message> = (0..MESSAGES)
                .filter_map(|_| values::value(&model, &ty, &mut random))
                .collect();
            if some.is_empty() {
                without.push(name);
                continue;
            }
            types += 1;
            messages += some.len();
            for values::Message { sent, written } in some {
                let mut wrong = Vec::new();
                check(
                    &mut wrong,
                    Path::new(&name),
                    &json(Path::new(&name), written.as_bytes()),
                    round_trip(sent.as_bytes()),
                );
                assert!(wrong.is_empty(), "{contract}: {sent}\n{}", wrong.join("\n"));
            }
        }
    }
    println!(
        "{messages} random messages of {types} types came back equal; no message for {without:?}"
    );
    assert!(
        without.len() * 10 < types,
        "too many types have no message: {without:?}"
    );
}
