//! What tests with peers in Python need: an interpreter with the real library, processes, and what they say.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

microagent::include_schema!();

/// Where the Python programs are, and what they need.
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python");

/// How long a test waits for what has to come.
pub const SOON: Duration = Duration::from_mins(1);

/// Whether the developer asked for it.
pub fn skipped() -> bool {
    let asked = |name| std::env::var_os(name).is_some_and(|it| it == "1");
    for name in ["MICROAGENT_SKIP_PYTHON", "MICROAGENT_SKIP_REDIS"] {
        if asked(name) {
            #[expect(
                clippy::print_stderr,
                reason = "nobody is to believe that it was tested"
            )]
            {
                eprintln!("{name}=1: NOTHING WAS TESTED HERE WITH PEERS IN PYTHON");
            }
            return true;
        }
    }
    false
}

/// The server to test on, without a scheme: `MICROAGENT_TEST_REDIS`, else the one of this machine.
pub fn place() -> String {
    let dsn = std::env::var("MICROAGENT_TEST_REDIS").unwrap_or_default();
    let dsn = if dsn.is_empty() {
        "redis://127.0.0.1:6379"
    } else {
        &dsn
    };
    let (_, place) = dsn.split_once("://").unwrap_or(("", dsn));
    place.to_owned()
}

/// A name that no other test has.
pub fn fresh(what: &str) -> String {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed();
    let now = now.unwrap_or_default().as_nanos();
    format!("interop.{what}.{}.{now}.", std::process::id())
}

/// A process that tells what it does in lines of a word and what it did that with. Killed when it is dropped.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    saying: Receiver<(String, String)>,
    said: Vec<(String, String)>,
}

impl Peer {
    /// A program of the folder `python`, by the interpreter that has the library.
    ///
    /// # Panics
    /// Where there is no Python 3 with `venv`, or its packages can't be installed.
    pub fn python(program: &str, arguments: &[&str]) -> Self {
        static INTERPRETER: OnceLock<PathBuf> = OnceLock::new();
        let mut command = Command::new(INTERPRETER.get_or_init(interpreter));
        command.arg(format!("{PYTHON}/{program}.py"));
        Self::start(command.args(arguments))
    }

    /// A process that runs by itself.
    ///
    /// # Panics
    /// Where it can't be started.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let out = child.stdout.take().expect("its output is a pipe");
        let (say, saying) = channel();
        // It ends with the process whose lines it reads.
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let Some((deed, with)) = line.split_once(' ') else {
                    continue;
                };
                if say.send((deed.to_owned(), with.to_owned())).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            saying,
            said: Vec::new(),
        }
    }

    /// Waits until it has done this so many times, and gives all that it has done it with.
    ///
    /// # Panics
    /// Where it did not soon.
    pub fn told(&mut self, deed: &str, count: usize) -> Vec<String> {
        let began = Instant::now();
        loop {
            let told = self.told_so_far(deed);
            if told.len() >= count {
                return told;
            }
            let left = SOON.saturating_sub(began.elapsed());
            let Ok(said) = self.saying.recv_timeout(left) else {
                panic!("`{deed}` {} times of {count}: {:?}", told.len(), self.said);
            };
            self.said.push(said);
        }
    }

    /// All that it has done this with.
    pub fn told_so_far(&mut self, deed: &str) -> Vec<String> {
        self.said.extend(self.saying.try_iter());
        let said = self.said.iter().filter(|(done, _)| done == deed);
        said.map(|(_, with)| with.clone()).collect()
    }

    /// [`told`](Self::told), where it tells numbers.
    ///
    /// # Panics
    /// Where it did not soon.
    pub fn until(&mut self, deed: &str, count: usize) -> Vec<u64> {
        numbers(&self.told(deed, count))
    }

    /// All numbers that it has done this with.
    pub fn so_far(&mut self, deed: &str) -> Vec<u64> {
        numbers(&self.told_so_far(deed))
    }

    /// Ends it as a crash does.
    ///
    /// # Panics
    /// Where the system refuses.
    pub fn kill(&mut self) {
        self.child.kill().expect("a child of this process");
        self.child.wait().expect("a child of this process");
    }

    /// Waits for its end, and gives all that it has done each of these with.
    ///
    /// # Panics
    /// Where it failed.
    pub fn told_to_the_end<const N: usize>(mut self, deeds: &[&str; N]) -> [Vec<String>; N] {
        let status = self.child.wait().expect("a child of this process");
        assert!(status.success(), "{status}");
        // The thread that reads ends with the output.
        self.said.extend(self.saying.iter());
        deeds.map(|it| self.told_so_far(it))
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// Where it failed.
    pub fn finish(self) {
        self.told_to_the_end(&[]);
    }
}

fn numbers(told: &[String]) -> Vec<u64> {
    told.iter()
        .map(|it| it.parse().expect("it tells a number"))
        .collect()
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An interpreter with the library, in an environment under the folder of the build, made where it is not there yet.
fn interpreter() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a program");
    let profile = test.ancestors().nth(2).expect("Cargo's folders");
    let home = profile.join("interop-python");
    let interpreter = home.join("bin/python");
    let needed = Path::new(PYTHON).join("requirements.txt");
    let wanted = std::fs::read_to_string(&needed).expect("it is part of the crate");
    let installed = home.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|it| it == wanted) {
        return interpreter;
    }
    succeed(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&home),
    );
    let mut install = Command::new(&interpreter);
    install.args(["-m", "pip", "install", "--quiet", "--requirement"]);
    succeed(install.arg(&needed));
    std::fs::write(installed, wanted).expect("the environment was just made");
    interpreter
}

fn succeed(command: &mut Command) {
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}; {WAY_OUT}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}\n{WAY_OUT}");
}

const WAY_OUT: &str =
    "these tests need Python 3 with venv, and PyPI; MICROAGENT_SKIP_PYTHON=1 leaves them out";
