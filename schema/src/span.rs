//! Places in source text: one offset space over all files of a run. Knows nothing of what the text means.

/// A half-open range of bytes in the one offset space of a [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    #[must_use]
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }
}

/// Which file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// One file and where its text stands in the offset space.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// As it is shown to people; `/` between folders.
    pub path: String,
    pub text: String,
    pub start: u32,
}

/// All files of a run. Files stand one behind the other, with one offset between them, so that no two share a position.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file behind the others and returns its id.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let start = self.files.last().map_or(0, |last| last.end() + 1);
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile {
            path: path.into(),
            text: text.into(),
            start,
        });
        id
    }

    #[must_use]
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// The file that a position stands in; the last one for positions behind the end.
    #[must_use]
    pub fn file_at(&self, position: u32) -> Option<FileId> {
        let after = self.files.partition_point(|file| file.start <= position);
        u32::try_from(after.checked_sub(1)?).ok().map(FileId)
    }

    /// The text under a span.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        let Some(id) = self.file_at(span.start) else {
            return "";
        };
        let file = self.file(id);
        let range = (span.start - file.start) as usize..(span.end - file.start) as usize;
        file.text.get(range).unwrap_or("")
    }

    /// Line and column of a position, both from 1, the column in Unicode scalars.
    #[must_use]
    pub fn line_column(&self, position: u32) -> (usize, usize) {
        let Some(id) = self.file_at(position) else {
            return (1, 1);
        };
        let file = self.file(id);
        let offset = ((position - file.start) as usize).min(file.text.len());
        let before = file.text.get(..offset).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }
}

impl SourceFile {
    fn end(&self) -> u32 {
        self.start + u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }
}
