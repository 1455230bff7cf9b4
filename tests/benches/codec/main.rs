//! Encode and decode of generated types against serde's derive and `serde_json` with the same fields:
//! `cargo bench -p microagent-tests --bench codec`. What is compared takes turns, and of several rounds the best counts.
//!
//! `… --bench codec -- Order ours decode` does only that, a thousand times, for a profiler that counts instructions.

#![expect(clippy::print_stdout, reason = "it prints its table")]

mod shapes;

use std::hint::black_box;
use std::time::{Duration, Instant};

use microagent_contract::codec::Payload;
use microagent_contract::{decode, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

const ROUNDS: usize = 40;
const TIMES: u32 = 5_000;
/// For a profiler, which needs no more.
const COUNTED: u32 = 1_000;

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
    match *chosen.as_slice() {
        [name, side, direction, ..] if name != "--bench" => shapes::each(&mut |shape| {
            if shape.name == name {
                repeat(shape.work(side, direction), COUNTED);
            }
        }),
        _ => {
            println!(
                "Nanoseconds, and allocations in brackets; the best of {ROUNDS} rounds of {TIMES}."
            );
            println!(
                "| message | bytes | encode: derive | ours | ratio | decode: derive | ours | ratio |"
            );
            println!("|---|---|---|---|---|---|---|---|");
            shapes::each(&mut |shape| print(&shape));
        }
    }
}

/// One message, and what is done with it.
struct Shape {
    name: &'static str,
    bytes: usize,
    encode: Sides,
    decode: Sides,
}

struct Sides {
    derive: Box<dyn Fn()>,
    ours: Box<dyn Fn()>,
}

impl Shape {
    /// A message that both know, by its JSON.
    fn new<O, D>(name: &'static str, text: &'static str) -> Self
    where
        O: Payload + 'static,
        D: Serialize + DeserializeOwned + 'static,
    {
        let ours: O = decode(text.as_bytes()).expect("the text is a message");
        let derived: D = serde_json::from_str(text).expect("the text is a message");
        let body = encode(&ours).expect("it came as a message");
        let twin = serde_json::to_vec(&derived).expect("it came as a message");
        assert_eq!(body, twin, "both write {name} alike");
        let read = body.clone();
        Self {
            name,
            bytes: body.len(),
            encode: Sides {
                derive: Box::new(move || drop(black_box(serde_json::to_vec(black_box(&derived))))),
                ours: Box::new(move || drop(black_box(encode(black_box(&ours))))),
            },
            decode: Sides {
                derive: Box::new(move || {
                    drop(black_box(serde_json::from_slice::<D>(black_box(&body))));
                }),
                ours: Box::new(move || drop(black_box(decode::<O>(black_box(&read))))),
            },
        }
    }

    fn work(&self, side: &str, direction: &str) -> &dyn Fn() {
        let sides = match direction {
            "encode" => &self.encode,
            _ => &self.decode,
        };
        match side {
            "derive" => &sides.derive,
            _ => &sides.ours,
        }
    }
}

fn print(shape: &Shape) {
    let cells = [&shape.encode, &shape.decode].map(|sides| {
        let (derive, ours) = compare(sides);
        format!(
            "{derive:.0} ({}) | {ours:.0} ({}) | {:.2}",
            allocations(&sides.derive),
            allocations(&sides.ours),
            ours / derive
        )
    });
    println!(
        "| {} | {} | {} |",
        shape.name,
        shape.bytes,
        cells.join(" | ")
    );
}

/// Nanoseconds of one, which take turns.
fn compare(sides: &Sides) -> (f64, f64) {
    let mut best = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        best.0 = best.0.min(repeat(&sides.derive, TIMES));
        best.1 = best.1.min(repeat(&sides.ours, TIMES));
    }
    let each = |total: Duration| total.as_secs_f64() * 1e9 / f64::from(TIMES);
    (each(best.0), each(best.1))
}

/// Not inlined, so that a profiler can be told to count only here.
#[inline(never)]
fn repeat(work: &dyn Fn(), times: u32) -> Duration {
    let begun = Instant::now();
    for _ in 0..times {
        work();
    }
    begun.elapsed()
}

fn allocations(work: &dyn Fn()) -> u64 {
    allocation_counter::measure(work).count_total
}
