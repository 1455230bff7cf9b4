//! The limits of the language: one constant each, gathered in [`Limits`] so that a build can change them. Knows nothing
//! of who enforces them.

/// Bytes of one file.
pub const FILE_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of all files of a run.
pub const TOTAL_BYTES: usize = 64 * 1024 * 1024;
/// Files of a run.
pub const FILES: usize = 10_000;
/// Packages that use one another, from the first to the last.
pub const IMPORT_LEVELS: usize = 64;
/// Brackets inside brackets.
pub const NESTING: usize = 64;
/// Types of a run, those made for inline bodies included.
pub const TYPES: usize = 100_000;
/// Members of a type, an exchange or an agent.
pub const MEMBERS: usize = 1_000;
/// Characters of a name.
pub const NAME_CHARACTERS: usize = 64;
/// Bytes of a string literal, as it stands in the file.
pub const STRING_BYTES: usize = 64 * 1024;

/// What a run accepts at most. Going over a limit is a diagnostic, never a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// See [`FILE_BYTES`].
    pub file_bytes: usize,
    /// See [`TOTAL_BYTES`].
    pub total_bytes: usize,
    /// See [`FILES`].
    pub files: usize,
    /// See [`IMPORT_LEVELS`].
    pub import_levels: usize,
    /// See [`NESTING`]. The parser recurses once per level, so a larger value needs a larger stack.
    pub nesting: usize,
    /// See [`TYPES`].
    pub types: usize,
    /// See [`MEMBERS`].
    pub members: usize,
    /// See [`NAME_CHARACTERS`].
    pub name_characters: usize,
    /// See [`STRING_BYTES`].
    pub string_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: FILE_BYTES,
            total_bytes: TOTAL_BYTES,
            files: FILES,
            import_levels: IMPORT_LEVELS,
            nesting: NESTING,
            types: TYPES,
            members: MEMBERS,
            name_characters: NAME_CHARACTERS,
            string_bytes: STRING_BYTES,
        }
    }
}
