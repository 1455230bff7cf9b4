//! Bugs that are planted one at a time, and that the simulation has to find: what finds nothing proves nothing. Each is a
//! file in `mutants/` with a sentence, where it goes, what it replaces, and what the simulation must report.
//!
//! All are planted into one copy of the runtime, which is built once; a variable of the environment says which of them
//! is alive.

#![expect(clippy::print_stdout, reason = "which bug was found how is the result")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lives that may be led until one fails.
const SEEDS: &str = "4000";
/// Lives that have to pass without a mutant.
const SOUND_SEEDS: &str = "200";

/// What the mutants ask for.
const SWITCH: &str = r#"
/// Whether this mutant is alive.
fn mutant(name: &str) -> bool {
    static ALIVE: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    ALIVE.get_or_init(|| std::env::var("MUTANT").ok()).as_deref() == Some(name)
}
"#;

struct Mutant {
    name: String,
    sentence: String,
    file: String,
    find: String,
    replace: String,
    report: String,
}

#[test]
fn the_simulation_finds_every_mutant() {
    let mutants = read_mutants();
    assert!(mutants.len() >= 10, "{} mutants", mutants.len());
    let scratch = plant(&mutants);
    let (sound, output) = simulate(&scratch, "", SOUND_SEEDS);
    assert!(sound, "it fails without a mutant:\n{output}");
    let mut survivors = Vec::new();
    for mutant in &mutants {
        let (passed, output) = simulate(&scratch, &mutant.name, SEEDS);
        let failure = output.lines().find(|it| it.starts_with("seed "));
        println!(
            "{}: {}\n    {}",
            mutant.name,
            mutant.sentence,
            failure.unwrap_or("not found")
        );
        if passed || failure.is_none() || !output.contains(&mutant.report) {
            survivors.push(format!(
                "{} is not reported as `{}`:\n{output}",
                mutant.name, mutant.report
            ));
        }
    }
    assert!(survivors.is_empty(), "{}", survivors.join("\n"));
}

fn read_mutants() -> Vec<Mutant> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mutants");
    let entries = fs::read_dir(folder).expect("the folder is part of the crate");
    let mut paths: Vec<_> = entries
        .map(|it| it.expect("a file of the crate").path())
        .collect();
    paths.sort();
    paths.iter().map(|it| read_mutant(it)).collect()
}

fn read_mutant(path: &Path) -> Mutant {
    let text = fs::read_to_string(path).expect("a file of the crate");
    let part = |title: &str| {
        let (_, rest) = text
            .split_once(&format!("== {title}\n"))
            .unwrap_or_else(|| panic!("{} has no part `{title}`", path.display()));
        let end = rest.find("\n== ").unwrap_or(rest.len());
        rest[..end].trim_end_matches('\n').to_owned()
    };
    let name = path.file_stem().expect("it has a name").to_string_lossy();
    Mutant {
        sentence: text.lines().next().unwrap_or_default().to_owned(),
        file: part("file"),
        find: part("find"),
        replace: part("replace").replace("MUTANT", &format!("crate::mutant({name:?})")),
        report: part("report"),
        name: name.into_owned(),
    }
}

/// A workspace of the runtime with all mutants in it, and of this crate. All else stays where it is.
fn plant(mutants: &[Mutant]) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root
        .canonicalize()
        .expect("the crate stands in the repository");
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants");
    let change = |file: &str, text: String| {
        let mut text = text;
        for mutant in mutants.iter().filter(|it| it.file == file) {
            let Mutant { name, find, .. } = mutant;
            let count = text.matches(find).count();
            assert_eq!(
                count, 1,
                "{file}: mutant {name} finds its place so often:\n{find}"
            );
            text = text.replace(find, &mutant.replace);
        }
        if file == "runtime/src/lib.rs" {
            text.push_str(SWITCH);
        }
        text
    };
    for folder in [
        "runtime/src",
        "tests/simulation/src",
        "tests/simulation/schema",
    ] {
        copy(&root, &scratch, folder, &change);
    }
    for file in [
        "runtime/CAPABILITIES.md",
        "runtime/LOSSES.md",
        "tests/simulation/Cargo.toml",
        "tests/simulation/build.rs",
        "tests/simulation/tests/lives.rs",
        "Cargo.lock",
    ] {
        let text = fs::read_to_string(root.join(file)).expect("a file of the repository");
        write(&scratch.join(file), &text);
    }
    write(&scratch.join("Cargo.toml"), &workspace_manifest(&root));
    write(
        &scratch.join("runtime/Cargo.toml"),
        &runtime_manifest(&root),
    );
    scratch
}

/// Only the two crates that are copied are members; the others are used from where they are.
fn workspace_manifest(root: &Path) -> String {
    let text = fs::read_to_string(root.join("Cargo.toml")).expect("a file of the repository");
    let (_, rest) = text
        .split_once("[workspace.package]")
        .expect("it has this table");
    let here = format!("path = \"{}/", root.display());
    let rest = rest.replace("path = \"", &here);
    let runtime = format!("{here}runtime\"");
    let rest = rest.replace(&runtime, "path = \"runtime\"");
    format!(
        "[workspace]\nresolver = \"3\"\nmembers = [\"runtime\", \"tests/simulation\"]\n\n[workspace.package]{rest}"
    )
}

/// Without the tests and benchmarks, which are not copied.
fn runtime_manifest(root: &Path) -> String {
    let text = fs::read_to_string(root.join("runtime/Cargo.toml"));
    let text = text.expect("a file of the repository");
    let tables = text.split("\n\n").filter(|it| !it.starts_with("[["));
    tables.collect::<Vec<_>>().join("\n\n")
}

fn copy(root: &Path, scratch: &Path, folder: &str, change: &dyn Fn(&str, String) -> String) {
    let entries = fs::read_dir(root.join(folder)).expect("a folder of the repository");
    for entry in entries {
        let entry = entry.expect("an entry of the repository");
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            copy(root, scratch, &name, change);
        } else {
            let text = fs::read_to_string(entry.path()).expect("a source");
            write(&scratch.join(&name), &change(&name, text));
        }
    }
}

/// What has not changed keeps its time, so that it is not built again.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|it| it == text) {
        return;
    }
    let folder = path.parent().expect("a file stands in a folder");
    fs::create_dir_all(folder).expect("the target folder is writable");
    fs::write(path, text).expect("the target folder is writable");
}

/// Leads lives in the copy: whether all passed, and what was printed.
fn simulate(scratch: &Path, mutant: &str, seeds: &str) -> (bool, String) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "test",
            "--offline",
            "--quiet",
            "-p",
            "simulation",
            "--test",
            "lives",
        ])
        .args(["--", "nothing_is_lost"])
        .current_dir(scratch)
        .env(
            "CARGO_TARGET_DIR",
            target.expect("it is a folder of the target folder"),
        )
        .env("CARGO_INCREMENTAL", "0")
        .env("MUTANT", mutant)
        .env("SIMULATION_SEEDS", seeds)
        .env_remove("SIMULATION_SEED")
        .output()
        .expect("cargo runs this test, and so is there");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}
