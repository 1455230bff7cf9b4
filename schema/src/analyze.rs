//! The whole way from the bytes of `.mag` files to a checked model, in one call. Reads no folders and prints nothing:
//! whoever calls hands in the files, those that could not be read included, and gets all problems of all of them.

use crate::ast;
use crate::check;
use crate::codes;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::Severity;
use crate::limits::Limits;
use crate::model::Model;
use crate::parse;
use crate::resolve;
use crate::resolve::draft::Place;
use crate::span::FileId;
use crate::span::SourceMap;
use crate::span::Span;

/// A file as it was found under an include root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// 0 is the root that code is generated for; others are those of the contracts it uses.
    pub root: usize,
    /// Relative to its root, `/` between folders: `a/b.mag`.
    pub path: String,
    /// As it is shown to people.
    pub shown: String,
    pub text: Result<Vec<u8>, Unreadable>,
}

/// Why a file could not be taken. Most are found by whoever reads the folders.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// The operating system refused, with its words.
    Io(String),
    /// The bytes are no UTF-8; the number of the first that is not.
    NotUtf8(usize),
    /// A symbolic link that leads out of its include root.
    SymlinkOutside,
    /// A device, a socket, a pipe or a folder under the name of a file.
    NotRegular,
    /// More bytes than the limit for one file.
    TooLarge,
    /// Files behind the limit for a run.
    TooManyFiles,
    /// A path with `..`, or an absolute one.
    Traversal,
    /// Symbolic links that lead back to a folder above.
    FolderCycle,
}

/// What one run found out.
#[derive(Clone, Debug)]
pub struct Analysis {
    pub sources: SourceMap,
    /// One per input, in the same order.
    pub files: Vec<ast::File>,
    /// `None` if there is any error.
    pub model: Option<Model>,
    /// In order of their places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses, resolves and checks all files of a run.
#[must_use]
pub fn analyze(inputs: Vec<Input>, limits: &Limits) -> Analysis {
    let mut sources = SourceMap::default();
    let mut diagnostics = Vec::new();
    let mut files = Vec::with_capacity(inputs.len());
    let mut places = Vec::with_capacity(inputs.len());
    let mut taken = Taken::default();
    for input in inputs {
        let text = taken.admit(&input, limits);
        let id = sources.add(
            input.shown.clone(),
            text.as_ref().map_or("", String::as_str),
        );
        let readable =
            text.map_err(|why| diagnostics.push(unreadable(&sources, id, (&input, &why), limits)));
        let (file, problems) = parse::parse_within(&sources, id, limits);
        let problems = if readable.is_ok() {
            problems
        } else {
            Vec::new()
        };
        places.push(Place {
            root: input.root,
            path: input.path,
            shown: input.shown,
            incomplete: (readable.is_err() || !problems.is_empty())
                .then(|| sources.file(id).text.clone()),
        });
        diagnostics.extend(problems);
        files.push(file);
    }
    let model = make_model(&files, &places, limits, &mut diagnostics);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.primary.span, diagnostic.code));
    Analysis {
        sources,
        files,
        model,
        diagnostics,
    }
}

fn make_model(
    files: &[ast::File],
    places: &[Place],
    limits: &Limits,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Model> {
    let mut draft = resolve::resolve(files, places, limits);
    check::check(&mut draft);
    diagnostics.append(&mut draft.diagnostics);
    let failed = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    (!failed).then(|| check::finish(draft.model))
}

/// What was taken so far, against the limits of a run.
#[derive(Default)]
struct Taken {
    files: usize,
    bytes: usize,
}

impl Taken {
    /// The text of a file, unless it can't be read or a limit is reached.
    fn admit(&mut self, input: &Input, limits: &Limits) -> Result<String, Unreadable> {
        let bytes = input.text.as_ref().map_err(Clone::clone)?;
        self.files += 1;
        if self.files > limits.files {
            return Err(Unreadable::TooManyFiles);
        }
        if bytes.len() > limits.file_bytes {
            return Err(Unreadable::TooLarge);
        }
        if input.path.starts_with('/') || input.path.split('/').any(|part| part == "..") {
            return Err(Unreadable::Traversal);
        }
        // The offset space of spans has 32 bits, whatever the limit says.
        if self.bytes.saturating_add(bytes.len()) > limits.total_bytes.min(u32::MAX as usize / 2) {
            return Err(Unreadable::TooManyFiles);
        }
        self.bytes += bytes.len();
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes);
        text.map(str::to_owned)
            .map_err(|error| Unreadable::NotUtf8(error.valid_up_to()))
    }
}

fn unreadable(
    sources: &SourceMap,
    id: FileId,
    found: (&Input, &Unreadable),
    limits: &Limits,
) -> Diagnostic {
    let start = sources.file(id).start;
    let (code, what, help) = described(found.1, limits);
    let message = format!("`{}` {what}", found.0.shown);
    Diagnostic::error(code, Span::new(start, start), message).help(help)
}

fn described(why: &Unreadable, limits: &Limits) -> (Code, String, String) {
    match why {
        Unreadable::Io(error) => (
            codes::UNREADABLE_FILE,
            format!("can't be read: {error}"),
            "check that it exists and that its permissions let you read it".to_owned(),
        ),
        Unreadable::NotUtf8(byte) => (
            codes::NOT_UTF8,
            format!("is not UTF-8: byte {byte} starts no character"),
            "save it in the encoding UTF-8".to_owned(),
        ),
        Unreadable::SymlinkOutside => (
            codes::SYMLINK_OUTSIDE,
            "is a symbolic link that leads out of its include root".to_owned(),
            "copy the file, or make the other folder an include root".to_owned(),
        ),
        Unreadable::NotRegular => (
            codes::NOT_A_REGULAR_FILE,
            "is no regular file".to_owned(),
            "take it out of the folder; only regular files are read".to_owned(),
        ),
        Unreadable::TooLarge => (
            codes::FILE_TOO_LARGE,
            format!("has more than {} bytes", limits.file_bytes),
            "split it over several files of the package, or raise the limit in the build script".to_owned(),
        ),
        Unreadable::TooManyFiles => (
            codes::TOO_MUCH_IN_ALL,
            format!("goes over the limit of {} files and {} bytes in all", limits.files, limits.total_bytes),
            "check that the include root is the right folder, or raise the limit in the build script".to_owned(),
        ),
        Unreadable::Traversal => (
            codes::PATH_TRAVERSAL,
            "does not stand under its include root".to_owned(),
            "name files from their include root, without `..`".to_owned(),
        ),
        Unreadable::FolderCycle => (
            codes::FOLDER_CYCLE,
            "leads back to a folder above it".to_owned(),
            "remove the symbolic link".to_owned(),
        ),
    }
}
