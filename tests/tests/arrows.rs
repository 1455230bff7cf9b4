//! The arrows of ARCHITECTURE.md: which crate of ours depends on which, and which must not link what.
#![expect(clippy::print_stdout, reason = "the figures are what the test is for")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Each crate with the crates of ours it may link or build with.
const ARROWS: &[(&str, &[&str])] = &[
    ("microagent-schema", &[]),
    ("microagent-codegen", &["microagent-schema"]),
    (
        "microagent-build",
        &["microagent-codegen", "microagent-schema"],
    ),
    ("microagent-contract", &[]),
    ("microagent", &["microagent-contract"]),
    (
        "microagent-cli",
        &[
            "microagent-build",
            "microagent-codegen",
            "microagent-schema",
        ],
    ),
];

/// How many crates `microagent-build` may add to a build, itself included.
const BUILD_CRATES: usize = 34;

fn tree(package: &str, features: &[&str]) -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "tree",
        "--offline",
        "--locked",
        "--prefix=none",
        "--format={p}",
        "--edges=normal,build",
    ]);
    cargo.args(["--package", package]).args(features);
    let output = cargo
        .output()
        .expect("cargo runs the tests, so it is there");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let names = text.lines().filter_map(|line| line.split(' ').next());
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn crates_know_only_whom_they_may() {
    for (package, allowed) in ARROWS {
        let tree = tree(package, &[]);
        let ours = tree
            .iter()
            .filter(|name| name.starts_with("microagent") && name != package);
        for other in ours {
            assert!(
                allowed.contains(&other.as_str()),
                "{package} must not know {other}"
            );
        }
    }
}

#[test]
fn trees_stay_small() {
    let trees: BTreeMap<&str, BTreeSet<String>> =
        ["microagent-build", "microagent-contract", "microagent"]
            .map(|package| (package, tree(package, &[])))
            .into();
    for (package, tree) in &trees {
        println!("{package}: {} crates, itself included", tree.len());
    }
    let build = &trees["microagent-build"];
    assert!(
        build.len() <= BUILD_CRATES,
        "{} crates: {build:?}",
        build.len()
    );
    for heavy in ["tokio", "redis", "lapin", "rdkafka", "clap"] {
        assert!(
            !trees["microagent-contract"].contains(heavy),
            "contract crates must not link {heavy}"
        );
    }
    assert!(
        !trees["microagent"].contains("clap"),
        "only the command line knows clap"
    );
}
