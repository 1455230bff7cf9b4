//! What only a process of its own can tell: how long it takes to be ready, and the memory it keeps. The benchmark starts
//! itself with a task in the environment, and reads the lines that the child prints.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use compiled_load::{LoadSenders, One};
use tokio::sync::mpsc;

use crate::agents::{Counting, start};
use crate::work::{Count, Job, jobs};
use crate::{bare, two_workers};

const TASK: &str = "MESSAGES_TASK";
const STARTS: usize = 10;
const BACKLOG: u64 = 100_000;

/// Does what the environment asks for, if it does.
pub(crate) fn is_child() -> bool {
    let begun = Instant::now();
    let Ok(task) = env::var(TASK) else {
        return false;
    };
    match &*task {
        "idle" => idle(begun),
        "bare" => two_workers().block_on(bare_backlog()),
        "agents" => two_workers().block_on(agents_backlog()),
        _ => panic!("{TASK} is set by the benchmark alone"),
    }
    true
}

pub(crate) fn print() {
    let mut ready = [u64::MAX; 2];
    let mut rss = 0;
    for _ in 0..STARTS {
        let begun = Instant::now();
        let mut child = child("idle");
        let mut lines = numbers(&mut child);
        let main = lines.next().expect("it prints when it is ready")[0];
        let spawned = u64::try_from(begun.elapsed().as_micros()).expect("it takes no centuries");
        ready = [ready[0].min(main), ready[1].min(spawned)];
        rss = lines.next().expect("it prints when it is idle")[0];
        drop(child.stdin.take());
        child.wait().expect("it ends when nobody speaks to it");
    }
    let [main, spawn] = ready.map(|it| crate::work::share(it, 1_000));
    println!(
        "\nReady after {main:.2} ms from `main`, {spawn:.2} ms from the start of the process, the best of {STARTS}."
    );
    println!("An idle process with one agent and 2 workers keeps {rss} KiB.");
    println!(
        "\nKiB that a process keeps: before, with {BACKLOG} messages that wait, and the most until they were handled."
    );
    println!("| what | before | waiting | most |");
    println!("|---|---|---|---|");
    for what in ["bare", "agents"] {
        let mut child = child(what);
        let lines: Vec<_> = numbers(&mut child).collect();
        child.wait().expect("it ends by itself");
        println!(
            "| {what} | {} | {} | {} |",
            lines[0][0], lines[1][0], lines[2][1]
        );
    }
}

fn child(task: &str) -> Child {
    let program = env::current_exe().expect("a program knows itself");
    let mut command = Command::new(program);
    command
        .env(TASK, task)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command.spawn().expect("it was started before")
}

fn numbers(child: &mut Child) -> impl Iterator<Item = Vec<u64>> + use<> {
    let output = child.stdout.take().expect("it is piped");
    BufReader::new(output).lines().map(|line| {
        let line = line.expect("it is text");
        line.split(' ')
            .map(|it| it.parse().expect("children print numbers"))
            .collect()
    })
}

/// One agent that waits, until nobody listens to this process any more.
fn idle(begun: Instant) {
    let runtime = two_workers();
    runtime.block_on(async {
        let agent = One::agent(Counting(Arc::default()));
        let running = start(vec![agent]).await;
        println!("{}", begun.elapsed().as_micros());
        tokio::time::sleep(Duration::from_millis(50)).await;
        println!("{}", kibibytes("VmRSS:"));
        let mut end = String::new();
        io::stdin()
            .read_line(&mut end)
            .expect("the parent holds it");
        running.stop().await.expect("it stops in order");
    });
}

async fn bare_backlog() {
    tell();
    let room = usize::try_from(BACKLOG).expect("it is small");
    let (sender, receiver) = mpsc::channel(room);
    for id in 0..BACKLOG {
        let body = serde_json::to_vec(&Job::new(id)).expect("it has a form");
        sender.send(body).await.expect("there is room");
    }
    tell();
    drop(sender);
    bare::receive(receiver, Arc::default()).await;
    tell();
}

async fn agents_backlog() {
    // Keeps the memory while nobody else is connected.
    let broker = microagent::connect_broker("memory:")
        .await
        .expect("memory is there");
    tell();
    for id in 0..BACKLOG {
        broker.send_jobs(jobs(id)).await.expect("memory takes it");
    }
    tell();
    let count = Arc::new(Count::default());
    let running = start(vec![One::agent(Counting(Arc::clone(&count)))]).await;
    count.reaches(BACKLOG).await;
    running.stop().await.expect("it stops in order");
    tell();
}

fn tell() {
    println!("{} {}", kibibytes("VmRSS:"), kibibytes("VmHWM:"));
}

/// A figure of `/proc/self/status`.
fn kibibytes(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells it");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|it| it.trim().strip_suffix(" kB"));
    number
        .and_then(|it| it.parse().ok())
        .expect("Linux tells it")
}
