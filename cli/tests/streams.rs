//! Readers that leave early, and disks that are full.

use std::fs::File;
use std::process::{Command, Stdio};

fn mag() -> Command {
    let mut mag = Command::new(env!("CARGO_BIN_EXE_mag"));
    mag.arg("explain").stderr(Stdio::piped());
    mag
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let mut reader = Command::new("true")
        .stdin(Stdio::piped())
        .spawn()
        .expect("a reader that reads nothing starts");
    let pipe = reader.stdin.take().expect("its input is piped");
    reader.wait().expect("it ends");
    let output = mag().stdout(pipe).output().expect("mag starts");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_of_io() {
    let full = File::options().write(true).open("/dev/full");
    let full = full.expect("Linux has a full device");
    let output = mag().stdout(full).output().expect("mag starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.starts_with("error: can't write to standard output"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(74));
}
