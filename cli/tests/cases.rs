//! Runs `mag` over the cases in `cases/`: each is a file with a command line, the files that it finds, and how it ends.
//! `UPDATE=1` writes what it says now into the cases, and fails.
//!
//! Sections begin with `--- name`: `args`, `stdin`, `file PATH`, then `exit`, `stdout`, `stderr`, and `after PATH` for what
//! a file must hold in the end. `$CASE` stands for the folder of the case.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The sections of a case, in order: what stands behind `--- `, and the lines below.
type Sections = Vec<(String, String)>;

#[test]
fn every_case_ends_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() > 10, "the cases are gone");
    let mut wrong = String::new();
    for case in cases {
        let written = fs::read_to_string(&case).unwrap();
        let now = run(&case, &written);
        if now == written {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&case, &now).unwrap();
        }
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        writeln!(wrong, "===== {name}\n{now}").unwrap();
    }
    assert!(wrong.is_empty(), "these cases end otherwise:\n{wrong}");
}

/// The text of the case as it would have to be written.
fn run(case: &Path, written: &str) -> String {
    let mut sections = sections(written);
    let name = case.file_stem().expect("a case has a name");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("cases")
        .join(name);
    make(&folder, &sections);
    let output = mag(&folder, &sections);
    for (name, text) in &mut sections {
        *text = match name.as_str() {
            "exit" => format!("{}\n", output.status.code().unwrap_or(-1)),
            "stdout" => shown(&output.stdout, &folder),
            "stderr" => shown(&output.stderr, &folder),
            name => match name.strip_prefix("after ") {
                Some(path) => fs::read_to_string(folder.join(path)).unwrap_or_default(),
                None => continue,
            },
        };
    }
    let lines = sections.iter().map(|(name, text)| {
        let end = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        format!("--- {name}\n{text}{end}")
    });
    lines.collect()
}

fn sections(written: &str) -> Sections {
    let mut sections = Sections::new();
    for line in written.split_inclusive('\n') {
        match line.strip_prefix("--- ") {
            Some(name) => sections.push((name.trim_end().to_owned(), String::new())),
            None => match sections.last_mut() {
                Some((_, text)) => text.push_str(line),
                None => panic!("a case begins with `--- args`"),
            },
        }
    }
    sections
}

fn text<'a>(sections: &'a Sections, name: &str) -> Option<&'a str> {
    let section = sections.iter().find(|(of, _)| of == name)?;
    Some(&section.1)
}

fn make(folder: &Path, sections: &Sections) {
    if folder.exists() {
        fs::remove_dir_all(folder).expect("the folder of the last run can be removed");
    }
    fs::create_dir_all(folder).expect("the folder of a case can be made");
    for (name, text) in sections {
        let Some(path) = name.strip_prefix("file ") else {
            continue;
        };
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a file stands in a folder"))
            .expect("the folders of a case can be made");
        fs::write(path, text).expect("the files of a case can be written");
    }
}

fn mag(folder: &Path, sections: &Sections) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mag"));
    let arguments = text(sections, "args").unwrap_or_default();
    let arguments = arguments.replace("$CASE", &folder.to_string_lossy());
    command
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if text(sections, "file Cargo.toml").is_none() {
        // Else Cargo would find the workspace that the folders of the cases stand in.
        command.env("CARGO", folder.join("no-cargo"));
    }
    let mut child = command.spawn().expect("mag starts");
    let mut stdin = child.stdin.take().expect("the input is piped");
    let input = text(sections, "stdin").unwrap_or_default();
    // A command that doesn't read its input closes it.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("mag ends")
}

fn shown(bytes: &[u8], folder: &Path) -> String {
    String::from_utf8_lossy(bytes).replace(&*folder.to_string_lossy(), "$CASE")
}
