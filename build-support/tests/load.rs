//! Attacks on the loader, and trees that it must read. Each case builds a small folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use microagent_build::Limits;
use microagent_build::load::{Loaded, Root, load};
use microagent_schema::{Input, Unreadable};

/// A folder of this test alone, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("load")
        .join(name);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
        _ => fs::create_dir_all(folder.join("root")).expect("the folder of a test can be made"),
    }
    folder
}

fn load_with(folder: &Path, limits: &Limits) -> Loaded {
    let root = Root {
        folder: folder.join("root"),
        shown: "schema".to_owned(),
        index: 0,
    };
    let started = Instant::now();
    let loaded = load(&[root], limits);
    assert!(started.elapsed() < Duration::from_secs(1));
    loaded
}

/// What became of each file, as `path: text` or `path: reason`.
fn summary(inputs: &[Input]) -> Vec<String> {
    let line = |input: &Input| match &input.text {
        Ok(bytes) => format!("{}: {}", input.path, String::from_utf8_lossy(bytes)),
        Err(Unreadable::Io(why)) => format!("{}: {why}", input.path),
        Err(why) => format!("{}: {why:?}", input.path),
    };
    inputs.iter().map(line).collect()
}

fn check(name: &str, make: impl FnOnce(&Path, &Path), expected: &[&str]) {
    let folder = folder(name);
    make(&folder.join("root"), &folder);
    let loaded = load_with(&folder, &Limits::default());
    assert_eq!(summary(&loaded.inputs), expected, "{name}");
}

#[cfg(unix)]
fn link(target: impl AsRef<Path>, at: impl AsRef<Path>) {
    std::os::unix::fs::symlink(target, at).expect("a link can be made");
}

#[test]
fn files_come_in_one_order_with_the_path_that_is_shown() {
    let folder = folder("order");
    let root = folder.join("root");
    fs::create_dir_all(root.join("a/b")).unwrap();
    for path in ["z.mag", "a.mag", "a/b/two.mag", "a/b/one.mag", "a/b.mag"] {
        fs::write(root.join(path), path).unwrap();
    }
    fs::write(root.join("notes.txt"), "not ours").unwrap();
    fs::write(root.join(".#a.mag"), "the lock of an editor").unwrap();
    let loaded = load_with(&folder, &Limits::default());
    let paths: Vec<_> = loaded.inputs.iter().map(|input| &input.path).collect();
    assert_eq!(
        paths,
        ["a.mag", "a/b.mag", "a/b/one.mag", "a/b/two.mag", "z.mag"]
    );
    assert_eq!(loaded.inputs[2].shown, "schema/a/b/one.mag");
    assert_eq!(loaded.files.len(), 5);
    assert_eq!(
        loaded.folders,
        [root.clone(), root.join("a"), root.join("a/b")]
    );
}

#[test]
fn bytes_of_any_encoding_are_handed_on() {
    let folder = folder("encoding");
    fs::write(folder.join("root/a.mag"), b"\xff\xfe\x00").unwrap();
    let loaded = load_with(&folder, &Limits::default());
    assert_eq!(loaded.inputs[0].text, Ok(b"\xff\xfe\x00".to_vec()));
}

#[test]
fn a_root_that_is_none_is_said() {
    check(
        "missing",
        |root, _| fs::remove_dir(root).unwrap(),
        &[": No such file or directory (os error 2)"],
    );
    check(
        "file",
        |root, _| {
            fs::remove_dir(root).unwrap();
            fs::write(root, "").unwrap();
        },
        &[": it is a file, not a folder"],
    );
}

#[test]
fn a_folder_with_the_name_of_a_schema_is_refused() {
    check(
        "folder",
        |root, _| {
            fs::create_dir(root.join("x.mag")).unwrap();
            fs::write(root.join("x.mag/y.mag"), "").unwrap();
        },
        &["x.mag: NotRegular"],
    );
}

#[cfg(unix)]
#[test]
fn links_stay_in_their_root() {
    check(
        "links_out",
        |root, folder| {
            fs::write(folder.join("secret.mag"), "secret").unwrap();
            fs::create_dir(folder.join("root-secrets")).unwrap();
            link("../secret.mag", root.join("relative.mag"));
            link(folder.join("secret.mag"), root.join("absolute.mag"));
            link("../root-secrets", root.join("same_prefix"));
            link("/", root.join("slash"));
            link("../secret.mag", folder.join("hop.mag"));
            link("../hop.mag", root.join("two_hops.mag"));
            link("nowhere.mag", root.join("dangling.mag"));
            link("/etc/passwd", root.join("not_a_schema.txt"));
        },
        &[
            "absolute.mag: SymlinkOutside",
            "dangling.mag: No such file or directory (os error 2)",
            "relative.mag: SymlinkOutside",
            "same_prefix: SymlinkOutside",
            "slash: SymlinkOutside",
            "two_hops.mag: No such file or directory (os error 2)",
        ],
    );
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_of_the_root_is_read() {
    check(
        "link_inside",
        |root, _| {
            fs::write(root.join("_shared"), "text").unwrap();
            link("_shared", root.join("a.mag"));
        },
        &["a.mag: text"],
    );
}

#[cfg(unix)]
#[test]
fn a_root_may_itself_be_a_link() {
    check(
        "link_root",
        |root, folder| {
            fs::rename(root, folder.join("elsewhere")).unwrap();
            fs::write(folder.join("elsewhere/a.mag"), "text").unwrap();
            link("elsewhere", root);
        },
        &["a.mag: text"],
    );
}

#[cfg(unix)]
#[test]
fn circles_end() {
    check(
        "circles",
        |root, _| {
            fs::create_dir_all(root.join("a/b")).unwrap();
            link("..", root.join("a/up"));
            link(".", root.join("here"));
            link("../..", root.join("a/b/top"));
            link("b/../b", root.join("a/twice"));
            link("itself.mag", root.join("itself.mag"));
        },
        &[
            "a/b/top: FolderCycle",
            "a/twice: it is a link to a folder of the same include root, and a package has one place",
            "a/up: FolderCycle",
            "here: FolderCycle",
            "itself.mag: Too many levels of symbolic links (os error 40)",
        ],
    );
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_opened() {
    check(
        "special",
        |root, _| {
            let made = Command::new("mkfifo").arg(root.join("pipe.mag")).status();
            assert!(made.unwrap().success());
            std::os::unix::net::UnixListener::bind(root.join("socket.mag")).unwrap();
            link("/dev/zero", root.join("zero.mag"));
            link("pipe.mag", root.join("to_pipe.mag"));
        },
        &[
            "pipe.mag: NotRegular",
            "socket.mag: NotRegular",
            "to_pipe.mag: NotRegular",
            "zero.mag: SymlinkOutside",
        ],
    );
}

#[test]
fn a_file_over_four_mebibytes_is_refused_without_reading_it_whole() {
    let folder = folder("large");
    let limit = u64::try_from(Limits::default().file_bytes).unwrap();
    let sparse = |name: &str, size: u64| {
        let file = fs::File::create(folder.join("root").join(name)).unwrap();
        file.set_len(size).unwrap();
    };
    sparse("fits.mag", limit);
    sparse("over.mag", limit + 1);
    sparse("huge.mag", 1 << 40);
    let loaded = load_with(&folder, &Limits::default());
    let refused: Vec<_> = summary(&loaded.inputs[1..]);
    assert_eq!(refused, ["huge.mag: TooLarge", "over.mag: TooLarge"]);
    assert_eq!(loaded.inputs[0].text.as_ref().unwrap().len() as u64, limit);
}

#[test]
fn the_limits_of_a_run_hold_over_all_files() {
    let folder = folder("many");
    for name in ["a.mag", "b.mag", "c.mag"] {
        fs::write(folder.join("root").join(name), "12345").unwrap();
    }
    let few = Limits {
        files: 2,
        ..Limits::default()
    };
    let short = Limits {
        total_bytes: 12,
        ..Limits::default()
    };
    assert_eq!(
        summary(&load_with(&folder, &few).inputs),
        ["a.mag: 12345", "b.mag: 12345", "c.mag: TooManyFiles"]
    );
    assert_eq!(
        summary(&load_with(&folder, &short).inputs),
        ["a.mag: 12345", "b.mag: 12345", "c.mag: TooManyFiles"]
    );
}

#[test]
fn a_tree_without_end_is_left() {
    let wide = folder("wide");
    for number in 0..50 {
        fs::write(wide.join(format!("root/{number}.txt")), "").unwrap();
    }
    let two = Limits {
        files: 2,
        ..Limits::default()
    };
    assert_eq!(summary(&load_with(&wide, &two).inputs), [": TooManyFiles"]);

    let deep = folder("deep");
    let mut path = deep.join("root");
    for _ in 0..70 {
        path.push("a");
    }
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("x.mag"), "").unwrap();
    let found = summary(&load_with(&deep, &Limits::default()).inputs);
    assert_eq!(
        found,
        [format!(
            "{}: it stands in too many folders",
            ["a"; 65].join("/")
        )]
    );
}
