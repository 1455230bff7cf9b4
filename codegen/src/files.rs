//! What a generator returns: texts with the paths they belong to, in order. Knows no file system.

/// One generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Relative to the output folder, `/` between folders.
    pub path: String,
    pub text: String,
}

/// Generated files, in the order in which they were made; no path occurs twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(Vec<File>);

impl Files {
    /// Adds a file; a path that is there already gets the new text.
    pub fn push(&mut self, path: impl Into<String>, text: impl Into<String>) {
        let file = File {
            path: path.into(),
            text: text.into(),
        };
        match self.0.iter_mut().find(|it| it.path == file.path) {
            Some(old) => *old = file,
            None => self.0.push(file),
        }
    }

    /// The text at `path`.
    pub fn get(&self, path: &str) -> Option<&str> {
        let file = self.0.iter().find(|it| it.path == path)?;
        Some(&file.text)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, File> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Files {
    type Item = &'a File;
    type IntoIter = std::slice::Iter<'a, File>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Files {
    type Item = File;
    type IntoIter = std::vec::IntoIter<File>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order_and_one_text_per_path() {
        let mut files = Files::default();
        files.push("b.rs", "1");
        files.push("a.rs", "2");
        files.push("b.rs", "3");

        let paths: Vec<&str> = files.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(paths, ["b.rs", "a.rs"]);
        assert_eq!(files.get("b.rs"), Some("3"));
        assert_eq!(files.get("c.rs"), None);
    }
}
