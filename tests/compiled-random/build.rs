//! Writes random schemas that pass the checks into one include root and generates Rust from all of them.

use std::fs;
use std::path::{Path, PathBuf};

use microagent_schema::analyze;
use microagent_schema::limits::Limits;
use microagent_tests::{contracts, random};

/// How many schemas go through the compiler.
const SCHEMAS: usize = 500;

fn main() -> microagent_build::Result {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it for build scripts"));
    let root = out.join("schema");
    // What another generator wrote must not stay.
    if root.exists() {
        fs::remove_dir_all(&root).expect("the output folder is ours");
    }
    let (mut written, mut refused) = (0, Vec::new());
    for seed in 0.. {
        if written >= SCHEMAS {
            break;
        }
        let files = random::family(seed, &format!("p{seed:04}"));
        let inputs = files.iter().map(|it| contracts::input(&it.path, &it.text));
        match analyze(inputs.collect(), &Limits::default()).model {
            Some(model) => {
                files
                    .iter()
                    .for_each(|it| write(&root.join(&it.path), &it.text));
                written += model.packages.len();
            }
            None => refused.push(seed),
        }
        // Names are random, so some clash; a checker that refused the language would refuse most.
        assert!(
            refused.len() < 50 + usize::try_from(seed / 5).expect("few seeds"),
            "refused: {refused:?}"
        );
    }
    println!("cargo::rustc-env=SCHEMAS={written}");
    microagent_build::compile(root)
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("a file stands in a folder");
    fs::create_dir_all(folder).expect("the output folder is writable");
    fs::write(path, text).expect("the output folder is writable");
}
