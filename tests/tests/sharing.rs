//! Contracts that are shared by way of packages: crates are packaged as for a registry, unpacked elsewhere, and built
//! there. The fixtures stand in `sharing/`; nothing here knows what is generated.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates of ours that contracts and services depend on.
const OURS: &[&str] = &[
    "schema",
    "codegen",
    "build-support",
    "runtime/contract",
    "runtime",
];
/// `accounts` is used by `billing`, which `service` and `auditor` use; `catalog` stands beside them. `ledger` is one whose
/// code is committed.
const FIXTURES: &[&str] = &[
    "accounts", "billing", "catalog", "service", "auditor", "ledger",
];

#[test]
fn packaged_contracts_share_their_types() {
    let place = place();
    package(&place);
    unpack(&place);
    let run = cargo(&place, "service", &["run", "--quiet"]);
    assert!(run.good, "{}", run.stderr);
    assert_eq!(run.stdout, "Paid\n");
    let indirect = cargo(&place, "auditor", &["build", "--quiet"]);
    assert!(indirect.good, "{}", indirect.stderr);
    committed_code_is_written_on_demand(&place);
    an_edited_schema_reaches_its_dependants(&place);
    a_mistake_is_shown_where_it_is(&place);
}

fn committed_code_is_written_on_demand(place: &Path) {
    fs::remove_file(place.join("ledger.crate")).expect("it was unpacked, and will be again");
    let ledger = place.join("crates/ledger");
    // What tells a package from the folder that its author works in.
    fs::remove_file(ledger.join("Cargo.toml.orig")).expect("Cargo adds it to a package");
    let build =
        |update: &str| cargo_with(place, "ledger", &["build"], ("MICROAGENT_UPDATE", update));
    let first = build("");
    assert!(!first.good);
    for part in [
        "  Error: \n",
        "differs: src/generated/packages.rs",
        "MICROAGENT_UPDATE=1 cargo build",
    ] {
        assert!(first.stderr.contains(part), "{}", first.stderr);
    }
    for update in ["1", ""] {
        let next = build(update);
        assert!(next.good, "{}", next.stderr);
    }
}

/// One of the last parts, because it leaves an edited crate.
fn an_edited_schema_reaches_its_dependants(place: &Path) {
    fs::remove_file(place.join("accounts.crate")).expect("it was unpacked, and will be again");
    let schema = place.join("crates/accounts/schema/accounts.mag");
    let text = fs::read_to_string(&schema).expect("a package ships its schema");
    let edited = text.replace("subject: string,", "subject: string, copy: string?,");
    assert_ne!(text, edited);
    fs::write(&schema, edited).expect("an unpacked crate can be edited");

    let build = cargo(place, "service", &["build", "--verbose"]);
    assert!(build.good, "{}", build.stderr);
    let ran = |name: &str| {
        let mut lines = build.stderr.lines();
        lines.any(|line| {
            line.contains(&format!("build/{name}-")) && line.contains("build-script-build`")
        })
    };
    assert!(ran("accounts"), "{}", build.stderr);
    assert!(ran("billing"), "{}", build.stderr);
    assert!(ran("service"), "{}", build.stderr);
    assert!(!ran("catalog"), "{}", build.stderr);
}

fn a_mistake_is_shown_where_it_is(place: &Path) {
    let schema = place.join("crates/accounts/schema/accounts.mag");
    let text = read(&schema).replace("queue mailer: Mail;", "queue mailer: Mial;");
    fs::write(&schema, text).expect("an unpacked crate can be edited");
    let build = cargo(place, "accounts", &["build"]);
    assert!(!build.good);
    for part in [
        "there is no type `Mial`",
        "schema/accounts.mag:5:15\n",
        "5 | queue mailer: Mial;\n",
        "    |               ^^^^\n",
        "did you mean `Mail`?",
        "1 error in the schema",
    ] {
        assert!(build.stderr.contains(part), "{}", build.stderr);
    }
    assert!(!build.stderr.contains("--- stdout"), "{}", build.stderr);
}

/// A folder outside of the workspace, the same in each run, so that what has not changed is not built again.
fn place() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_TARGET_TMPDIR").hash(&mut hasher);
    let name = format!("microagent-sharing-{:016x}", hasher.finish());
    let place = env::temp_dir().join(name);
    fs::create_dir_all(place.join("crates")).expect("a temporary folder can be made");
    place
}

fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the suites stand in the workspace")
}

/// Packages everything from a copy of the workspace that the fixtures are members of.
fn package(place: &Path) {
    let copy = place.join("workspace");
    if copy.exists() {
        fs::remove_dir_all(&copy).expect("what the last run left can be removed");
    }
    let fixtures: Vec<String> = FIXTURES
        .iter()
        .map(|name| format!("tests/sharing/{name}"))
        .collect();
    let members: Vec<&str> = OURS
        .iter()
        .copied()
        .chain(fixtures.iter().map(String::as_str))
        .collect();
    for member in &members {
        copy_folder(&root().join(member), &copy.join(member));
    }
    let manifest = read(&root().join("Cargo.toml"));
    fs::write(copy.join("Cargo.toml"), with_members(&manifest, &members))
        .expect("a manifest can be written");
    fs::copy(root().join("Cargo.lock"), copy.join("Cargo.lock"))
        .expect("a lock file can be copied");
    let packaged = Command::new(env!("CARGO"))
        .args(["package", "--workspace", "--no-verify", "--offline"])
        .args(["--exclude-lockfile", "--quiet", "--target-dir"])
        .arg(place.join("packaged"))
        .current_dir(&copy)
        .output()
        .expect("cargo starts");
    let said = String::from_utf8_lossy(&packaged.stderr);
    assert!(packaged.status.success(), "{said}");
}

/// The manifest of the workspace with other members, and nothing excluded.
fn with_members(manifest: &str, members: &[&str]) -> String {
    let others = with_list(manifest, "members = [", members);
    with_list(&others, "exclude = [", &[])
}

/// The same text with another list behind a key, whatever lines that takes.
fn with_list(manifest: &str, key: &str, list: &[&str]) -> String {
    let (before, rest) = manifest.split_once(key).expect("the workspace has the key");
    let (_, after) = rest.split_once(']').expect("a list ends");
    let list = list.iter().map(|item| format!("{item:?}, "));
    format!("{before}{key}{}]{after}", list.collect::<String>())
}

/// Unpacks what is not what it was in the last run, and says where Cargo finds it instead of in a registry.
fn unpack(place: &Path) {
    let mut patches = vec!["[patch.crates-io]".to_owned()];
    let packaged = fs::read_dir(place.join("packaged/package")).expect("cargo has packaged");
    for entry in packaged {
        let archive = entry.expect("a folder can be read").path();
        if archive
            .extension()
            .is_none_or(|extension| extension != "crate")
        {
            continue;
        }
        let stem = archive.file_stem().expect("an archive has a name");
        let stem = stem.to_str().expect("our names are ASCII");
        let (name, _version) = stem
            .rsplit_once('-')
            .expect("a version stands behind the name");
        let folder = place.join("crates").join(name);
        patches.push(format!("{name} = {{ path = '{}' }}", folder.display()));
        let unpacked = place.join(format!("{name}.crate"));
        let bytes = fs::read(&archive).expect("an archive can be read");
        if fs::read(&unpacked).is_ok_and(|last| last == bytes) {
            continue;
        }
        unpack_one(&archive, &folder);
        fs::write(&unpacked, bytes).expect("a temporary file can be written");
    }
    let config = place.join("crates/.cargo");
    fs::create_dir_all(&config).expect("a temporary folder can be made");
    fs::write(config.join("config.toml"), patches.join("\n"))
        .expect("a temporary file can be written");
}

fn unpack_one(archive: &Path, folder: &Path) {
    if folder.exists() {
        fs::remove_dir_all(folder).expect("what the last run left can be removed");
    }
    fs::create_dir_all(folder).expect("a temporary folder can be made");
    // `-m`: archives have no times, and Cargo tells by them what has changed.
    let unpacked = Command::new("tar")
        .args(["--strip-components=1", "-xmzf"])
        .arg(archive)
        .arg("-C")
        .arg(folder)
        .status()
        .expect("tar starts");
    assert!(unpacked.success());
    // A lock file of its own would name a registry that has none of these crates.
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))
        .expect("a lock file can be copied");
}

/// How a command ended.
struct Ended {
    good: bool,
    stdout: String,
    stderr: String,
}

fn cargo(place: &Path, name: &str, arguments: &[&str]) -> Ended {
    cargo_with(place, name, arguments, ("CARGO_TERM_COLOR", "never"))
}

/// Runs Cargo in an unpacked crate, with the target folder of the workspace, whose dependencies are built.
fn cargo_with(place: &Path, name: &str, arguments: &[&str], variable: (&str, &str)) -> Ended {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(place.join("crates").join(name))
        .env(
            "CARGO_TARGET_DIR",
            target.expect("it stands in the target folder"),
        )
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .env("CARGO_TERM_COLOR", "never")
        .env(variable.0, variable.1)
        .output()
        .expect("cargo starts");
    Ended {
        good: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a temporary folder can be made");
    for entry in fs::read_dir(from).expect("a crate is a folder") {
        let entry = entry.expect("a folder can be read");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if !entry.file_type().expect("an entry has a type").is_dir() {
            fs::copy(from, to).expect("a file can be copied");
        } else if entry.file_name() != "target"
            && !OURS.iter().any(|ours| from == root().join(ours))
        {
            copy_folder(&from, &to);
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a file of the workspace can be read")
}
