//! Fenced blocks of Markdown pages.

use std::path::Path;

use crate::workspace;

/// A fenced block of a page.
#[derive(Clone, Debug)]
pub struct Block {
    /// The page, relative to the repository's root.
    pub page: String,
    /// The line of its first line of content, from 1.
    pub line: usize,
    /// The language after the fence.
    pub language: String,
    /// The attributes after the comma.
    pub marks: Vec<String>,
    /// The content.
    pub body: String,
}

impl Block {
    /// Whether the block has a language.
    pub fn is(&self, language: &str) -> bool {
        self.language == language
    }

    /// The location, as page and line.
    pub fn place(&self) -> String {
        format!("{}:{}", self.page, self.line)
    }

    /// A file name that contains the location.
    pub fn file(&self) -> String {
        format!(
            "{}-{}.{}",
            self.page.replace(['/', '.'], "-"),
            self.line,
            self.language
        )
    }
}

/// Reads the fenced blocks of a page, given relative to the repository's root.
pub fn blocks(page: &Path) -> Vec<Block> {
    let text = std::fs::read_to_string(workspace::root().join(page))
        .unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let mut found: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => {
                let mut words = info.split(',').map(|word| word.trim().to_owned());
                open = Some(Block {
                    page: page.to_string_lossy().into_owned(),
                    line: index + 1,
                    language: words.next().unwrap_or_default(),
                    marks: words.collect(),
                    body: String::new(),
                });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(block)) => {
                block.body.push_str(line);
                block.body.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{}: a fence is not closed", page.display());
    found
}
