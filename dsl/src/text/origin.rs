//! Maps offsets in a parsed text to spans in its file.

use crate::Span;
use crate::ast::Text;

/// A map from offsets in a text to spans in a file.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    /// The decoded string, if the text is not a plain slice of the file.
    map: Option<&'a Text>,
    whole: Span,
    base: usize,
}

impl<'a> Origin<'a> {
    /// A text that is the slice of a file that starts with `whole`.
    pub(super) fn file(whole: Span) -> Self {
        Origin {
            map: None,
            whole,
            base: whole.start as usize,
        }
    }

    /// A text that was decoded from `whole`.
    pub(super) fn decoded(map: &'a Text, whole: Span) -> Self {
        Origin {
            map: Some(map),
            whole,
            base: 0,
        }
    }

    /// The origin of the part of this text that starts at `start`.
    pub(super) fn shifted(self, start: usize) -> Self {
        Origin {
            base: self.base + start,
            ..self
        }
    }

    /// The span of a range of the text.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let (start, end) = (self.base + start, self.base + end);
        match self.map {
            None => Span::new(self.whole.file, start, end),
            Some(text) => text.locate(start..end, self.whole).unwrap_or(self.whole),
        }
    }

    /// The file offset of a byte of the text, if known.
    pub(super) fn offset(&self, at: usize) -> Option<u32> {
        let at = self.base + at;
        match self.map {
            None => u32::try_from(at).ok(),
            Some(text) => text.locate(at..at + 1, self.whole).map(|span| span.start),
        }
    }
}
