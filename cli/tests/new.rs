//! A project that `mag new` makes is built and run, as its user would: outside of the workspace, until it is stopped.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const NAME: &str = "mag-new-talk";

#[test]
fn a_new_project_runs_at_once() {
    let place = Place::new();
    let project = place.0.join(NAME);
    make(&project);
    mag(&["check"], &project);
    mag(&["fmt", "--check"], &project);
    let program = build(&project);
    let mut child = Command::new(program)
        .stdout(Stdio::piped())
        .spawn()
        .expect("what was built starts");
    let heard = lines(child.stdout.take().expect("its output is piped"), 2);
    let status = interrupt(&mut child);
    assert_eq!(heard, ["Ada heard: Welcome, Ada!"; 2]);
    assert!(status.success(), "{status}");
}

/// A folder outside of the workspace, removed in the end. Its name is the same in each run, so that what Cargo keeps
/// for the project is kept once.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        let mut hasher = DefaultHasher::new();
        env!("CARGO_TARGET_TMPDIR").hash(&mut hasher);
        let place = env::temp_dir().join(format!("microagent-new-{:016x}", hasher.finish()));
        if place.exists() {
            fs::remove_dir_all(&place).expect("what an aborted run left can be removed");
        }
        fs::create_dir_all(&place).expect("a temporary folder can be made");
        Self(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What is left in the temporary folder harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn root() -> &'static Path {
    let cli = Path::new(env!("CARGO_MANIFEST_DIR"));
    cli.parent()
        .expect("the command line stands in the workspace")
}

fn make(project: &Path) {
    let folder = project.parent().expect("a project stands in a folder");
    let checkout = root()
        .to_str()
        .expect("the path of the workspace is Unicode");
    mag(&["new", NAME, "--microagent-path", checkout], folder);
    // The versions that the workspace is tested with, and that are here without a network.
    fs::copy(root().join("Cargo.lock"), project.join("Cargo.lock")).expect("a file can be copied");
}

fn mag(arguments: &[&str], folder: &Path) {
    let done = Command::new(env!("CARGO_BIN_EXE_mag"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("mag starts");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{arguments:?}: {said}");
}

/// Builds with the target folder of the workspace, whose dependencies are built, and returns the program.
fn build(project: &Path) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let target = target.expect("it stands in the target folder");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--quiet"])
        .current_dir(project)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .output()
        .expect("cargo starts");
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{said}");
    assert!(
        !said.contains(NAME),
        "a new project has no warnings: {said}"
    );
    target.join("debug").join(NAME)
}

/// The first lines that a program says, within a time that is long enough for any machine.
fn lines(stdout: ChildStdout, count: usize) -> Vec<String> {
    let (said, heard) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if said.send(line).is_err() {
                return;
            }
        }
    });
    let next = || heard.recv_timeout(Duration::from_mins(1)).ok();
    std::iter::from_fn(next).take(count).collect()
}

/// What Ctrl-C does.
fn interrupt(child: &mut Child) -> ExitStatus {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill starts");
    assert!(sent.success());
    child.wait().expect("a stopped program ends")
}
