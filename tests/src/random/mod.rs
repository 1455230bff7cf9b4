//! Random schemas that use every feature of the language, with names that Rust uses for something. One seed makes
//! one text; the text is meant to be valid, and the caller checks whether it is. Knows the language's text only.

mod agents;
mod channels;
mod names;
mod objects;
mod samples;
mod types;

use std::collections::BTreeSet;

use channels::Channel;
use names::Names;

/// A small generator of random numbers whose sequence never changes: `SplitMix64`
/// (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The generator of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.bits() % end).unwrap_or(0)
    }

    /// True `percent` times of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of a list.
    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}

/// A type that the schema declared, and what may be done with it.
#[derive(Clone, Debug)]
struct Declared {
    /// Of another package: behind its name and a dot.
    name: String,
    kind: Kind,
    /// A value, as it is written behind `=`.
    sample: String,
    /// Of what can be spread: the keys that no object around it may have.
    keys: BTreeSet<String>,
    /// Of a struct: its fields, as they were declared.
    fields: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// May be a payload, a member of a tagged union, a spread, a payload with a key.
    Struct,
    /// A struct that spreads a map: takes no second one.
    Rest,
    StringEnum,
    ClosedEnum,
    IntegerEnum,
    /// A union with a member that is no object.
    External,
    /// A union whose values are objects.
    Payloads,
    /// A union by tag.
    Internal,
    /// A union by tag and payload.
    Adjacent,
    Newtype,
}

/// What is made while a text is written.
#[derive(Debug)]
struct Schema {
    random: Random,
    names: Names,
    text: String,
    types: Vec<Declared>,
    channels: Vec<Channel>,
}

/// A file of a random schema.
#[derive(Clone, Debug)]
pub struct File {
    /// Below the include root.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// A package that others may use.
struct Package {
    name: String,
    types: Vec<Declared>,
    channels: Vec<Channel>,
}

/// The text of one random package, which uses no other.
#[must_use]
pub fn schema(seed: u64, package: &str) -> String {
    let random = Random::new(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0x5DEE_CE66);
    one(random, package, &[]).0
}

/// One to three random packages; the later ones use those before. The first is called `name`, the others stand below
/// or beside it.
#[must_use]
pub fn family(seed: u64, name: &str) -> Vec<File> {
    let mut random = Random::new(seed.wrapping_mul(0x9E6C_63D0_876A_46AD) ^ 0x0DDB_1A5E);
    let mut packages: Vec<Package> = Vec::new();
    let mut files = Vec::new();
    let names = [
        name.to_owned(),
        format!("{name}.v2"),
        format!("{name}_more"),
    ];
    for name in &names[..=random.below(3)] {
        let own = Random::new(random.bits());
        let (text, package) = one(own, name, &packages);
        let path = name.replace('.', "/");
        files.push(File {
            path: format!("{path}.mag"),
            text,
        });
        if random.chance(20) {
            // A second file of the package stands in its folder.
            files.push(File {
                path: format!("{path}/further.mag"),
                text: format!(
                    "package {name}{};\n\nstruct Further {{ id: u64 }}\n",
                    flat(&files)
                ),
            });
        }
        packages.push(package);
    }
    files
}

/// The options of the package line of the last file: all files of a package say the same.
fn flat(files: &[File]) -> &'static str {
    match files.last() {
        Some(file) if file.text.contains(FLAT) => FLAT,
        _ => "",
    }
}

const FLAT: &str = " with { wire: flat }";

fn one(random: Random, package: &str, others: &[Package]) -> (String, Package) {
    let mut it = Schema {
        random,
        names: Names::default(),
        text: String::new(),
        types: Vec::new(),
        channels: Vec::new(),
    };
    if it.random.chance(50) {
        it.text.push_str("mag 1;\n");
    }
    it.text
        .push_str("//! A package made at random: `{{ }}` */ \"# 'a\n");
    let is_flat = it.random.chance(10);
    let wire = if is_flat { FLAT } else { "" };
    it.line(&format!("package {package}{wire};\n"));
    for other in others {
        it.uses(other);
    }
    for _ in 0..2 + it.random.below(4) {
        it.declare_type();
    }
    for _ in 0..=it.random.below(4) {
        it.declare_channel(is_flat.then_some(package));
    }
    let agents = [0, 0, 0, 1, 2][it.random.below(5)];
    for _ in 0..agents {
        it.declare_agent();
    }
    it.drop_unused_uses();
    let declared = Package {
        name: package.to_owned(),
        types: it
            .types
            .into_iter()
            .filter(|it| !it.name.contains('.'))
            .collect(),
        channels: it
            .channels
            .into_iter()
            .filter(|it| !it.name.contains('.'))
            .collect(),
    };
    (it.text, declared)
}

impl Schema {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A `use` line; what the package declares is known from here on.
    fn uses(&mut self, other: &Package) {
        let own = other.name.rsplit('.').next().unwrap_or_default().to_owned();
        let bound = if self.random.chance(30) {
            format!("other_{own}")
        } else {
            own.clone()
        };
        let alias = if bound == own {
            String::new()
        } else {
            format!(" as {bound}")
        };
        self.line(&format!("use {}{alias};", other.name));
        self.types.extend(other.types.iter().map(|it| Declared {
            name: format!("{bound}.{}", it.name),
            ..it.clone()
        }));
        let channels = other.channels.iter().map(|it| it.seen_as(&bound));
        self.channels.extend(channels);
    }

    /// A `use` line that nothing needs is a warning.
    fn drop_unused_uses(&mut self) {
        let is_needed = |line: &str| {
            let path = line
                .strip_prefix("use ")
                .and_then(|it| it.strip_suffix(';'));
            let bound = path.and_then(|path| path.rsplit([' ', '.']).next());
            bound.is_none_or(|bound| {
                let prefix = format!("{bound}.");
                let mut lines = self.text.lines().filter(|it| !it.starts_with("use "));
                lines.any(|it| it.contains(&prefix))
            })
        };
        let kept = self.text.lines().filter(|line| is_needed(line));
        self.text = kept.flat_map(|line| [line, "\n"]).collect();
    }

    /// Docs and annotations that anything may have.
    fn decorate(&mut self, indent: &str) {
        const DOCS: &[&str] = &[
            "Plain words.",
            "```\npanic!(\"not a doctest\");\n```",
            "    assert!(false); // indented",
            "*/ /// \"# {{ name }} {% if %} \\ \\n 'static",
            "<script>, [link], `code`, $x, r#\"raw\"#",
            "```rust,should_panic\nfn main() {}",
        ];
        if self.random.chance(30) {
            let docs = self.random.pick(DOCS);
            for line in docs.lines() {
                self.line(&format!("{indent}/// {line}"));
            }
        }
        if self.random.chance(7) {
            self.line(&format!("{indent}@deprecated(\"use \\\"another\\\"\")"));
        }
    }

    fn of_kind(&self, kind: Kind) -> Vec<Declared> {
        let declared = self.types.iter().filter(|it| it.kind == kind);
        declared.cloned().collect()
    }
}
