//! Diagnostics: the one error type of the front ends and the compiler, collected in a sink and rendered elsewhere.

use crate::source::Span;

/// A stable, documented kind of diagnostic. Each is a `static` in its crate's `codes` module.
#[derive(Debug)]
pub struct Code {
    /// Stable kebab-case name, as shown in messages and accepted by `vidc explain`.
    pub id: &'static str,
    /// The severity.
    pub severity: Severity,
    /// One paragraph: the mistake, and why it matters.
    pub explanation: &'static str,
    /// A recipe, or a part of one, that triggers it.
    pub wrong: &'static str,
    /// The same, corrected.
    pub right: &'static str,
}

/// The severity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Something was converted; no action needed.
    Note,
    /// The recipe renders, but perhaps not as intended; an error under `--strict`.
    Warning,
    /// Nothing can be rendered.
    Error,
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A span with an annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The span.
    pub span: Span,
    /// The annotation; may be empty on a primary label.
    pub text: String,
}

/// An edit that would fix the recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The text to replace; an empty span inserts.
    pub span: Span,
    /// The new text.
    pub replacement: String,
    /// The sentence shown above the edit, such as ``did you mean `trim`?``.
    pub message: String,
}

/// An error, warning or note for the user.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The documented code.
    pub code: &'static Code,
    /// One sentence, lower case, no period; names the fact.
    pub message: String,
    /// The span it is about.
    pub primary: Label,
    /// Other spans that explain it.
    pub secondary: Vec<Label>,
    /// What to do about it.
    pub help: Vec<String>,
    /// Edits that would fix it.
    pub suggestions: Vec<Suggestion>,
}

impl Diagnostic {
    /// A diagnostic with a message only.
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            message: message.into(),
            primary: Label {
                span,
                text: String::new(),
            },
            secondary: Vec::new(),
            help: Vec::new(),
            suggestions: Vec::new(),
        }
    }

    /// Annotates the primary span.
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Adds an annotated secondary span.
    pub fn secondary(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Adds a help message.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Suggests an edit.
    pub fn suggest(mut self, span: Span, replacement: impl Into<String>, message: impl Into<String>) -> Self {
        self.suggestions.push(Suggestion {
            span,
            replacement: replacement.into(),
            message: message.into(),
        });
        self
    }

    /// Suggests the candidate closest to the misspelled `written`, if one is close enough.
    pub fn did_you_mean<'a>(
        self,
        span: Span,
        written: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        match crate::suggest::nearest(written, candidates) {
            Some(nearest) => {
                let message = format!("did you mean `{nearest}`?");
                self.suggest(span, nearest, message)
            }
            None => self,
        }
    }

    /// The severity of its code.
    pub fn severity(&self) -> Severity {
        self.code.severity
    }
}

/// Collects diagnostics in the order they are found.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// An empty sink.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a diagnostic unless the same message was reported at the same span.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let repeated = self.list.iter().any(|known| {
            known.code.id == diagnostic.code.id
                && known.primary.span == diagnostic.primary.span
                && known.message == diagnostic.message
        });
        if !repeated {
            self.list.push(diagnostic);
        }
    }

    /// Whether any error prevents rendering.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// The number of diagnostics of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|d| d.severity() == severity).count()
    }

    /// All diagnostics in source order.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut sorted: Vec<_> = self.list.iter().collect();
        sorted.sort_by_key(|d| (d.primary.span.file, d.primary.span.start));
        sorted
    }

    /// All diagnostics in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// Whether there are no diagnostics.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, iter: T) {
        for diagnostic in iter {
            self.push(diagnostic);
        }
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}
