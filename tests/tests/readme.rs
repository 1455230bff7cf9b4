//! What README.md tells a newcomer to write: the project by hand is built, run and tested as it stands there, outside of the
//! workspace, and every schema is a good one. Nothing here knows what the project is about.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use microagent_schema::limits::Limits;
use microagent_schema::render::render;
use microagent_schema::{Input, analyze};

/// The folder that a checkout has in the README.
const CHECKOUT: &str = "../microagent/";
/// The crate that the README makes by `cargo new hello`, under a name that no other program here has.
const NAME: &str = "readme-hello";

#[test]
fn the_project_made_by_hand_runs() {
    let readme = readme();
    let files = files(&readme);
    let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    let expected = ["Cargo.toml", "build.rs", "schema/hello.mag", "src/main.rs"];
    assert_eq!(paths, expected);
    let project = place();
    for (path, text) in files {
        let added: String = additions(&readme, path).collect();
        write(
            &project.join(path),
            &completed(path, &(text.to_owned() + &added)),
        );
    }
    // The versions that the workspace is tested with, and that are here without a network.
    fs::copy(root().join("Cargo.lock"), project.join("Cargo.lock")).expect("a file can be copied");
    let program = cargo(&project, "build").join("debug").join(NAME);
    let mut child = Command::new(program)
        .stdout(Stdio::piped())
        .spawn()
        .expect("what was built starts");
    let first = first_line(&mut child);
    child.kill().expect("a program that runs can be ended");
    child.wait().expect("an ended program is gone");
    assert_eq!(first, "Ada is here\n");
    cargo(&project, "test");
    fs::remove_dir_all(project).expect("what was made can be removed");
}

#[test]
fn every_schema_is_good() {
    let readme = readme();
    let schemas: Vec<&str> = blocks(&readme)
        .filter(|(language, ..)| *language == "mag")
        .map(|(_, text, _)| text)
        .collect();
    assert!(!schemas.is_empty());
    for text in schemas {
        let package = text.strip_prefix("package ").expect("it names its package");
        let (name, _) = package.split_once(';').expect("a package line ends");
        let input = Input {
            path: format!("{name}.mag"),
            shown: format!("{name}.mag"),
            root: 0,
            text: Ok(text.as_bytes().to_vec()),
        };
        let analysis = analyze(vec![input], &Limits::default());
        let said = render(&analysis.sources, &analysis.diagnostics, false);
        assert!(said.is_empty(), "{said}");
    }
}

fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the suites stand in the workspace")
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("the workspace has a README")
}

/// The fenced blocks: their language, their text, and the line above them.
fn blocks(readme: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let mut parts = readme.split("```");
    let mut before = parts.next().unwrap_or_default();
    std::iter::from_fn(move || {
        let (head, text) = parts.next()?.split_once('\n')?;
        let language = head.split(',').next().unwrap_or_default();
        let above = before.trim_end().lines().next_back().unwrap_or_default();
        before = parts.next().unwrap_or_default();
        Some((language, text, above))
    })
}

/// The blocks below a line that is nothing but a path: the files of the project made by hand.
fn files(readme: &str) -> Vec<(&str, &str)> {
    blocks(readme)
        .filter_map(|(_, text, above)| {
            let path = above.strip_prefix('`')?.strip_suffix('`')?;
            Some((path, text))
        })
        .collect()
}

/// The blocks that are to be added to one of these files.
fn additions<'a>(readme: &'a str, path: &str) -> impl Iterator<Item = &'a str> {
    let line = format!("Added to `{path}`:");
    blocks(readme)
        .filter(move |(.., above)| *above == line)
        .map(|(_, text, _)| text)
}

/// What `cargo new` has written into the manifest stands above what the README adds, and the checkout is this one.
fn completed(path: &str, text: &str) -> String {
    if path != "Cargo.toml" {
        return text.to_owned();
    }
    assert_eq!(text.matches(CHECKOUT).count(), 3, "{text}");
    let here = root()
        .to_str()
        .expect("the path of the workspace is Unicode");
    let text = text.replace(CHECKOUT, &format!("{here}/"));
    format!("[package]\nname = \"{NAME}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{text}")
}

/// A folder outside of the workspace. Its name is the same in each run, so that what Cargo keeps for the project is kept
/// once.
fn place() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_TARGET_TMPDIR").hash(&mut hasher);
    let place = env::temp_dir().join(format!("microagent-readme-{:016x}", hasher.finish()));
    if place.exists() {
        fs::remove_dir_all(&place).expect("what an aborted run left can be removed");
    }
    place
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("a file stands in a folder");
    fs::create_dir_all(folder).expect("a temporary folder can be made");
    fs::write(path, text).expect("a temporary file can be written");
}

/// Builds or tests with the target folder of the workspace, whose dependencies are built, and returns that folder.
fn cargo(project: &Path, command: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let target = target.expect("it stands in the target folder");
    let built = Command::new(env!("CARGO"))
        .args([command, "--offline", "--quiet"])
        .current_dir(project)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .output()
        .expect("cargo starts");
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{said}");
    assert!(!said.contains(NAME), "the README has no warnings: {said}");
    target.to_owned()
}

fn first_line(child: &mut Child) -> String {
    let stdout = child.stdout.take().expect("its output is piped");
    let mut line = String::new();
    BufReader::new(stdout)
        .read_line(&mut line)
        .expect("a program writes text");
    line
}
