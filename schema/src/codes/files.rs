//! Codes 01xx: files, limits and loading.

codes! {
    /// A file that can't be read.
    UNREADABLE_FILE = 101 in "MAG0101";
    /// A file that is not UTF-8.
    NOT_UTF8 = 102 in "MAG0102";
    /// A symbolic link out of the include root.
    SYMLINK_OUTSIDE = 103 in "MAG0103";
    /// A name that is no regular file.
    NOT_A_REGULAR_FILE = 104 in "MAG0104";
    /// A path out of the include root.
    PATH_TRAVERSAL = 105 in "MAG0105";
    /// Folders that lead back to themselves.
    FOLDER_CYCLE = 106 in "MAG0106";
    /// A file over the limit.
    FILE_TOO_LARGE = 107 in "MAG0107";
    /// More files or bytes than the limit.
    TOO_MUCH_IN_ALL = 108 in "MAG0108";
    /// More types than the limit.
    TOO_MANY_TYPES = 109 in "MAG0109";
    /// Packages that use one another over too many levels.
    TOO_MANY_LEVELS = 110 in "MAG0110";
    /// Spreads with too many keys or levels.
    SPREADS_TOO_MUCH = 111 in "MAG0111";
    /// A type that Rust could not compile.
    TYPE_TOO_BIG = 112 in "MAG0112";
    /// A chain of newtypes over the limit.
    CHAIN_TOO_LONG = 113 in "MAG0113";
}
