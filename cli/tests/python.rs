//! The contracts that `tests/interop` shares with the Python library: what is committed there is what `mag` makes of them,
//! and nothing is lost on the way there and back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests");

fn mag(arguments: &[&str]) -> Output {
    let mut mag = Command::new(env!("CARGO_BIN_EXE_mag"));
    let output = mag.args(arguments).output().expect("mag can be run");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {told}");
    output
}

fn text(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A path as an argument.
fn shown(path: &Path) -> &str {
    path.to_str().expect("the paths of tests are text")
}

/// A new folder of this name.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // It may be left from an earlier run.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

/// The `signals.json` of what is in a folder or a file.
fn exported(schema: &Path, name: &str) -> PathBuf {
    let out = folder(name);
    let (from, to) = (shown(schema), shown(&out));
    mag(&["gen", "--target", "signals-json", "--out", to, from]);
    out.join("signals.json")
}

/// The `.mag` text of a `signals.json`.
fn imported(json: &Path, package: &str, replies: &[&str]) -> String {
    let mut arguments = vec!["import", shown(json), "--package", package];
    for reply in replies {
        arguments.extend(["--reply", reply]);
    }
    String::from_utf8(mag(&arguments).stdout).expect("it writes text")
}

#[test]
fn the_package_of_the_peers_is_what_import_makes() {
    let json = PathBuf::from(format!("{TESTS}/interop/contract/signals.json"));
    let now = imported(&json, "signals", &["comments_count"]);
    assert_eq!(now, text(format!("{TESTS}/interop/schema/signals.mag")));
}

#[test]
fn the_contract_of_the_peers_is_what_gen_makes() {
    let now = exported(Path::new(&format!("{TESTS}/interop/schema")), "exported");
    let committed = text(format!("{TESTS}/interop/contract/exported.json"));
    assert_eq!(text(now), committed);
}

/// Types that the Python library does not have become wider once, and then stay.
#[test]
fn an_example_of_the_library_goes_there_and_back() {
    let schema = PathBuf::from(format!("{TESTS}/corpus/microagent_py"));
    let first = exported(&schema, "first");
    let replies = ["rpc_comments_count"];
    let mag = imported(&first, "microagent_py", &replies);
    let again = folder("again");
    fs::write(again.join("microagent_py.mag"), &mag).unwrap();
    let second = exported(&again, "second");
    let parsed = |path: &Path| serde_json::from_str::<Value>(&text(path)).unwrap();
    assert_eq!(parsed(&second), parsed(&first), "{mag}");
    assert_eq!(imported(&second, "microagent_py", &replies), mag);
    let names = |key: &str| {
        let list = parsed(&first)[key].as_array().unwrap().clone();
        list.iter()
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let signals = [
        "started",
        "user_created",
        "user_comment",
        "rpc_comments_count",
        "comment_created",
        "typed",
    ];
    assert_eq!(names("signals"), signals);
    let queues = ["mailer", "android_a", "ios_a", "android", "ios"];
    assert_eq!(names("queues"), queues);
}
