//! How a poisonous message is tried: sent through a generated type, with what has to come of it.

use std::time::{Duration, Instant};

use compiled_corpus::{CONTRACTS, RoundTrip};

/// More than any message here needs, in a debug build on a busy machine; what is quadratic needs minutes.
const LIMIT: Duration = Duration::from_secs(30);

/// As `contract/declaration`.
fn round_trip(name: &str) -> RoundTrip {
    let (contract, name) = name.split_once('/').expect("a contract and a name");
    let of = CONTRACTS.iter().find(|it| it.0 == contract);
    let mut declarations = of.expect("a folder of the corpus").1.iter();
    let found = declarations.find(|it| it.0.ends_with(&format!(".{name}")));
    found.expect("the contract declares it").1
}

/// What has to come of a message.
pub enum Outcome {
    /// An error that begins so.
    Refused(&'static str),
    /// It is read, and is written like this.
    Becomes(&'static str),
    /// It is read.
    Read,
}
/// A message: what is sent to which declaration, and what has to come of it.
pub type Case = (&'static str, Vec<u8>, Outcome);

pub fn check(cases: Vec<Case>) {
    let mut wrong = Vec::new();
    for (name, body, outcome) in cases {
        let start = Instant::now();
        let result = round_trip(name)(&body);
        let shown = String::from_utf8_lossy(&body[..body.len().min(100)]).into_owned();
        if start.elapsed() > LIMIT {
            wrong.push(format!("{name} {shown}: took {:?}", start.elapsed()));
        }
        let text = result.as_ref().map(|it| String::from_utf8_lossy(it));
        match (text, &outcome) {
            (Err(problem), Outcome::Refused(start)) if problem.starts_with(start) => {
                if problem.len() > 1_000 {
                    wrong.push(format!("{name} {shown}: {} bytes of error", problem.len()));
                }
            }
            (Ok(written), Outcome::Becomes(expected)) if written == *expected => {}
            (Ok(_), Outcome::Read) => {}
            (Err(problem), _) => wrong.push(format!("{name} {shown}: refused: {problem:.200}")),
            (Ok(written), _) => wrong.push(format!("{name} {shown}: became {written:.200}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

pub fn text(name: &'static str, body: impl Into<Vec<u8>>, outcome: Outcome) -> Case {
    (name, body.into(), outcome)
}

pub const MOVED: &str = "geo/moved";
pub const GEOMETRY: &str = "geo/Geometry";
pub const JOB: &str = "sidekiq/Job";
pub const EVENT: &str = "slack/Event";
pub const STRIPE: &str = "stripe/Event";
pub const CREATED: &str = "language_md/user_created";
pub const TICKET: &str = "language_md/Ticket";

/// A job with something beside.
pub fn job(beside: &str) -> String {
    format!(
        r#"{{"class":"A","args":[],"retry":true,"jid":"b4a577edbccf1d805744efa9","created_at":1,{beside}}}"#
    )
}
