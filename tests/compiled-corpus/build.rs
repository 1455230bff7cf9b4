//! Generates each contract of the corpus into a module of its own, and a table from the names of the sample folders to
//! the codecs of what they hold.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use microagent_schema::model::{Model, PackageId};
use microagent_tests::{contracts, modules};

fn main() {
    let corpus = contracts::folder();
    println!("cargo::rerun-if-changed={}", corpus.display());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it for build scripts"));
    let mut text = String::new();
    let mut contracts = String::new();
    for (name, files) in contracts::named_roots() {
        let (model, module) = modules::module(&out, &name, &files);
        text.push_str(&module);
        writeln!(
            contracts,
            "    (\"{name}\", &[\n{}    ]),",
            table(&name, &model)
        )
        .expect("text takes text");
    }
    writeln!(
        text,
        "/// Each contract, with a round trip for each of its types and channels.\n\
         #[expect(deprecated, reason = \"what is deprecated still travels\")]\n\
         pub const CONTRACTS: &[Contract] = &[\n{contracts}];"
    )
    .expect("text takes text");
    fs::write(out.join("contracts.rs"), text).expect("the output folder is writable");
}

/// A row per type, channel and reply: the names that a sample folder may have, and the round trip.
fn table(contract: &str, model: &Model) -> String {
    let mut rows = String::new();
    let mut row = |package: PackageId, name: &str, round_trip: String| {
        let package = &model[package].name;
        writeln!(rows, "        (\"{package}.{name}\", {round_trip}),").expect("text takes text");
    };
    let path = |package: PackageId| {
        let package = model[package].name.replace('.', "__");
        format!("{contract}::__mag::{package}")
    };
    for it in &model.types {
        row(
            it.package,
            &it.name,
            format!("plain::<{}::{}>", path(it.package), it.name),
        );
    }
    for it in &model.signals {
        let marker = format!("{}::signals::{}", path(it.package), pascal(&it.name));
        row(it.package, &it.name, format!("signal::<{marker}>"));
        if it.reply.is_some() {
            row(
                it.package,
                &format!("{}-reply", it.name),
                format!("answer::<{marker}>"),
            );
        }
    }
    for it in &model.calls {
        let marker = format!("{}::calls::{}", path(it.package), pascal(&it.name));
        row(it.package, &it.name, format!("call::<{marker}>"));
        row(
            it.package,
            &format!("{}-reply", it.name),
            format!("reply::<{marker}>"),
        );
    }
    for it in &model.exchanges {
        let marker = format!("{}::exchanges::{}", path(it.package), pascal(&it.name));
        row(it.package, &it.name, format!("exchange::<{marker}>"));
    }
    for it in &model.queues {
        let marker = format!("{}::queues::{}", path(it.package), pascal(&it.name));
        row(it.package, &it.name, format!("queue::<{marker}>"));
    }
    rows
}

/// Names of the corpus are plain words.
fn pascal(name: &str) -> String {
    let mut pascal = String::new();
    for word in name.split('_') {
        let (first, rest) = word.split_at(word.len().min(1));
        pascal.push_str(&first.to_uppercase());
        pascal.push_str(rest);
    }
    pascal
}
