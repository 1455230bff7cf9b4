//! Codes 02xx: packages, names and resolution.

codes! {
    /// A package in the wrong place.
    MISPLACED_PACKAGE = 201 in "MAG0201";
    /// An unknown package.
    UNKNOWN_PACKAGE = 202 in "MAG0202";
    /// An unknown type.
    UNKNOWN_TYPE = 203 in "MAG0203";
    /// A channel where a type must stand.
    NOT_A_TYPE = 204 in "MAG0204";
    /// A path that no `use` line prepares.
    PATH_WITHOUT_USE = 205 in "MAG0205";
    /// Packages that use each other.
    PACKAGE_CYCLE = 206 in "MAG0206";
    /// A package under two include roots.
    PACKAGE_IN_TWO_ROOTS = 207 in "MAG0207";
    /// Two names that are the same in a file.
    USE_BINDS_TWICE = 208 in "MAG0208";
    /// A package that uses itself.
    USE_OF_ITSELF = 209 in "MAG0209";
    /// A `use` line that names a channel.
    USE_OF_CHANNEL = 210 in "MAG0210";
    /// Another name in the wrong case.
    USE_ALIAS_CASE = 211 in "MAG0211";
    /// A name that is declared twice.
    DUPLICATE_NAME = 212 in "MAG0212";
    /// A quoted name that gives no name in Rust.
    NAME_NEEDS_ALIAS = 213 in "MAG0213";
    /// Members that have one name in Rust.
    NAME_CLASH = 214 in "MAG0214";
    /// A name that generated code needs.
    GENERATED_NAME_CLASH = 215 in "MAG0215";
}
