//! Every diagnostic code, with its page for `mag explain`. Codes are stable: never reused, never renumbered. Each area
//! has a file of constants here and a page per code in `explain/`; knows nothing of the checks that give the codes.

/// Declares the constants of an area and their pages: `NAME = 0203 in "MAG0203";`, documented by a sentence.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal in $page:literal;)*) => {
        $($(#[$doc])* pub const $name: super::Code = super::Code($number);)*

        pub(super) const fn pages() -> &'static [super::Page] {
            &[$(super::Page {
                code: super::Code($number),
                explain: include_str!(concat!("../../explain/", $page, ".md")),
            }),*]
        }
    };
}

mod agents;
mod channels;
mod files;
mod lints;
mod names;
mod python;
mod syntax;
mod types;

pub use self::agents::*;
pub use self::channels::*;
pub use self::files::*;
pub use self::lints::*;
pub use self::names::*;
pub use self::python::*;
pub use self::syntax::*;
pub use self::types::*;

/// A stable diagnostic code such as `MAG0203`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub u16);

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MAG{:04}", self.0)
    }
}

/// What `mag explain` prints for a code.
///
/// The text is Markdown: a heading `# MAG0203: title`, one to four sentences why, one block fenced as `mag,bad` and one
/// as `mag,good`. A block is one file, or several that each begin with a line `// file: a/b.mag`.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    pub code: Code,
    pub explain: &'static str,
}

impl Page {
    /// What stands behind the code in the heading.
    #[must_use]
    pub fn title(&self) -> &'static str {
        let heading = self.explain.lines().next().unwrap_or("");
        heading.split_once(": ").map_or("", |(_, title)| title)
    }

    /// The files of the block with this word on its fence (`bad`, `good`): path and text. A block without a line
    /// `// file:` is one file with an empty path.
    #[must_use]
    pub fn files(&self, kind: &str) -> Vec<(String, String)> {
        let fence = format!("```mag,{kind}");
        let mut files = Vec::new();
        let inside = self.explain.lines().skip_while(|line| *line != fence);
        for line in inside.skip(1).take_while(|line| *line != "```") {
            if let Some(path) = line.strip_prefix("// file: ") {
                files.push((path.to_owned(), String::new()));
                continue;
            }
            if files.is_empty() {
                files.push((String::new(), String::new()));
            }
            if let Some((_, text)) = files.last_mut() {
                text.push_str(line);
                text.push('\n');
            }
        }
        files
    }
}

/// All pages, by area, in order of their codes.
pub fn pages() -> impl Iterator<Item = &'static Page> {
    let areas = [
        syntax::pages(),
        files::pages(),
        names::pages(),
        types::pages(),
        channels::pages(),
        agents::pages(),
        python::pages(),
        lints::pages(),
    ];
    areas.into_iter().flatten()
}

/// The page of a code, if there is such a code.
#[must_use]
pub fn page(code: Code) -> Option<&'static Page> {
    pages().find(|page| page.code == code)
}
