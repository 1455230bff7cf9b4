//! Hands out comments and docs to the nodes of the tree, in order of the text, each once. Knows only positions.

use crate::ast::{Comment, DocLine, Trivia};
use crate::parse::lex::{Lexed, Remark};
use crate::span::Span;

/// How far comments and docs have been handed out.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    base: u32,
    tokens: &'a Lexed,
    comments: usize,
    docs: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, base: u32, tokens: &'a Lexed) -> Self {
        Self {
            text,
            base,
            tokens,
            comments: 0,
            docs: 0,
        }
    }

    /// The comments before the token `keyword` of a node that begins at the token `first`.
    pub(super) fn before(&mut self, first: usize, keyword: usize) -> Trivia {
        let leading = self.comments_before(keyword);
        let token = self.tokens.tokens.get(first);
        let doc = self
            .tokens
            .docs
            .get(self.docs)
            .filter(|doc| doc.tokens_before <= first);
        let node = match (doc, token) {
            (Some(doc), _) => doc.blank_before,
            (None, Some(token)) => token.blank_before,
            (None, None) => false,
        };
        Trivia {
            blank_before: leading.first().map_or(node, |comment| comment.blank_before),
            blank_after: !leading.is_empty() && node,
            leading,
            trailing: None,
        }
    }

    /// The docs before the token `keyword`, and before these the ones that belong to nothing.
    pub(super) fn docs(&mut self, first: usize, keyword: usize) -> (Vec<DocLine>, Vec<Span>) {
        let mut docs = Vec::new();
        let mut stray = Vec::new();
        while let Some(doc) = self
            .tokens
            .docs
            .get(self.docs)
            .filter(|doc| doc.tokens_before <= keyword)
        {
            if doc.tokens_before < first {
                stray.push(self.span(doc));
            } else {
                docs.push(self.doc_line(doc));
            }
            self.docs += 1;
        }
        (docs, stray)
    }

    /// Passes over the docs inside of something that could not be read.
    pub(super) fn skip_docs(&mut self, before: usize) {
        while self
            .tokens
            .docs
            .get(self.docs)
            .is_some_and(|doc| doc.tokens_before < before)
        {
            self.docs += 1;
        }
    }

    /// All docs that were not handed out.
    pub(super) fn stray_docs(&self) -> Vec<Span> {
        let rest = &self.tokens.docs[self.docs..];
        rest.iter().map(|doc| self.span(doc)).collect()
    }

    /// Ends a node: comments inside it that found no place move before it, one behind it stays there.
    pub(super) fn close(&mut self, trivia: &mut Trivia, last: usize, separator: bool) {
        trivia.leading.extend(self.comments_before(last));
        let behind = last + 1 + usize::from(separator);
        if let Some(comment) = self.tokens.comments.get(self.comments)
            && comment.after_code
            && comment.tokens_before <= behind
        {
            trivia.trailing = Some(self.comment(comment));
            self.comments += 1;
            // A comment between a node and its separator is followed by more only on lines of their own.
        }
    }

    /// The `//!` lines of the file.
    pub(super) fn file_docs(&self) -> Vec<DocLine> {
        self.tokens
            .file_docs
            .iter()
            .map(|doc| self.doc_line(doc))
            .collect()
    }

    fn comments_before(&mut self, token: usize) -> Vec<Comment> {
        let mut found = Vec::new();
        while let Some(comment) = self
            .tokens
            .comments
            .get(self.comments)
            .filter(|comment| comment.tokens_before <= token)
        {
            found.push(self.comment(comment));
            self.comments += 1;
        }
        found
    }

    fn comment(&self, remark: &Remark) -> Comment {
        Comment {
            text: self.text[remark.start as usize + 2..remark.end as usize]
                .trim_end()
                .to_owned(),
            span: self.span(remark),
            blank_before: remark.blank_before,
        }
    }

    fn doc_line(&self, remark: &Remark) -> DocLine {
        let text = &self.text[remark.start as usize + 3..remark.end as usize];
        DocLine {
            text: text.strip_prefix(' ').unwrap_or(text).trim_end().to_owned(),
            span: self.span(remark),
        }
    }

    fn span(&self, remark: &Remark) -> Span {
        Span::new(self.base + remark.start, self.base + remark.end)
    }
}
