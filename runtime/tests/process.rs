//! Whole programs: exit codes, signals, and what is printed. Runs itself as the program under test.

#![allow(
    missing_debug_implementations,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test crate with code as it is generated, which talks to its parent by stdout"
)]

#[path = "agents/accounts.rs"]
mod accounts;
#[path = "agents/mail_service.rs"]
mod mail_service;
#[path = "agents/mails.rs"]
mod mails;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use crate::mail_service::MailAgent;
use crate::mails::{Log, Mails};

const ROLE: &str = "MICROAGENT_TEST_ROLE";

fn main() -> ExitCode {
    if let Ok(role) = std::env::var(ROLE) {
        return program(&role);
    }
    codes_tell_what_is_wrong();
    parts_are_switched_off_from_outside();
    a_signal_ends_in_order();
    a_signal_is_heard_while_agents_start();
    a_second_signal_ends_at_once();
    what_blocks_its_thread_is_left_behind();
    println!("test result: ok. 6 passed");
    ExitCode::SUCCESS
}

/// The program under test.
fn program(role: &str) -> ExitCode {
    let mails = match role {
        "fails" => Mails::failing("pre_start"),
        "starts slowly" => Mails::failing("start slowly"),
        "hangs" => Mails::failing("hang"),
        "short" => Mails::failing("stop at once"),
        "blocks its server" => Mails::failing("block in serve_http"),
        "blocks its end" => Mails::failing("block in pre_stop"),
        _ => Mails::default(),
    };
    Log::echo();
    let mut app = microagent::app([mails.agent()]);
    if role == "blocks its server" {
        app = app.deadline(Duration::from_millis(100));
    }
    app.main()
}

fn spawn(role: &str, bus: Option<&str>, broker: Option<&str>) -> Child {
    command(role, bus, broker).spawn().unwrap()
}

fn command(role: &str, bus: Option<&str>, broker: Option<&str>) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .env_remove("MICROAGENT_BUS")
        .env_remove("MICROAGENT_BROKER")
        .env_remove("MICROAGENT_WITHOUT")
        .env(ROLE, role)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (variable, value) in [("MICROAGENT_BUS", bus), ("MICROAGENT_BROKER", broker)] {
        if let Some(value) = value {
            command.env(variable, value);
        }
    }
    command
}

fn codes_tell_what_is_wrong() {
    let memory = Some("memory:");
    let cases = [
        ("good", None, None, 78, "`MICROAGENT_BUS`"),
        ("good", None, None, 78, "`MICROAGENT_BROKER`"),
        ("good", memory, None, 78, "`MICROAGENT_BROKER`"),
        ("good", memory, Some("canary"), 78, "`MICROAGENT_BROKER`"),
        (
            "good",
            memory,
            Some("pigeon://ada:canary@coop"),
            78,
            "`memory:`",
        ),
        (
            "fails",
            memory,
            memory,
            70,
            "agent `mail_service.MailAgent` failed in `pre_start`",
        ),
    ];
    for (role, bus, broker, code, said) in cases {
        let mut child = spawn(role, bus, broker);
        let mut printed = String::new();
        let stderr = child.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut printed).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(code), "{printed}");
        assert!(printed.contains(said), "{printed}");
        assert!(!printed.contains("canary"), "{printed}");
        assert_eq!(printed.lines().count(), 1, "{printed}");
    }
}

fn parts_are_switched_off_from_outside() {
    for (without, code, said) in [
        (
            "servers",
            0,
            ["pre_start", "post_start", "pre_stop"].as_slice(),
        ),
        ("shedules", 78, &[]),
    ] {
        let mut command = command("short", Some("memory:"), Some("memory:"));
        let output = command.env("MICROAGENT_WITHOUT", without).output().unwrap();
        let printed = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{without}: {printed}");
        let happened = String::from_utf8_lossy(&output.stdout);
        assert_eq!(happened.lines().collect::<Vec<_>>(), said, "{without}");
        assert_eq!(printed.contains("did you mean `schedules`?"), code == 78);
    }
}

fn a_signal_ends_in_order() {
    for signal in ["TERM", "INT"] {
        let mut child = spawn("good", Some("memory:"), Some("memory:"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        wait_for(&mut lines, "serve");
        kill(&child, signal);
        let rest: Vec<String> = lines.map(Result::unwrap).collect();
        let mut printed = String::new();
        let stderr = child.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut printed).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}: {printed}");
        assert_eq!(rest, ["served", "pre_stop"], "{signal}");
    }
}

fn a_signal_is_heard_while_agents_start() {
    let mut child = spawn("starts slowly", Some("memory:"), Some("memory:"));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    wait_for(&mut lines, "pre_start");
    let begun = Instant::now();
    kill(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(5), "{begun:?}");
    assert_eq!(lines.count(), 0);
}

fn a_second_signal_ends_at_once() {
    let mut child = spawn("hangs", Some("memory:"), Some("memory:"));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    wait_for(&mut lines, "serve");
    kill(&child, "TERM");
    // What the server says when it has seen the first.
    wait_for(&mut lines, "hanging");
    let begun = Instant::now();
    kill(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(70));
    assert!(begun.elapsed() < Duration::from_secs(5), "{begun:?}");
}

fn what_blocks_its_thread_is_left_behind() {
    for (role, signals, code) in [("blocks its server", 1, 0), ("blocks its end", 2, 70)] {
        let mut child = spawn(role, Some("memory:"), Some("memory:"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        wait_for(&mut lines, "serve");
        kill(&child, "TERM");
        wait_for(&mut lines, "blocking");
        let begun = Instant::now();
        if signals == 2 {
            kill(&child, "TERM");
        }
        assert_eq!(child.wait().unwrap().code(), Some(code), "{role}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{begun:?}");
    }
}

fn wait_for(lines: &mut impl Iterator<Item = std::io::Result<String>>, what: &str) {
    assert!(lines.any(|it| it.unwrap() == what), "`{what}` was not said");
}

fn kill(child: &Child, signal: &str) {
    let status = Command::new("kill")
        .arg(format!("-{signal}"))
        .arg(child.id().to_string())
        .status();
    assert!(status.unwrap().success());
}
