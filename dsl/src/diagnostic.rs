//! What the front ends and the compiler tell a user: one struct, collected in a sink, drawn elsewhere.

use crate::source::Span;

/// A stable, documented kind of diagnostic. Each is a `static` beside the others of its crate.
#[derive(Debug)]
pub struct Code {
    /// Stable kebab-case name, as shown in messages and accepted by `vidc explain`.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One paragraph: what is wrong, and why it matters.
    pub explanation: &'static str,
    /// A recipe (or the part of one) that earns it.
    pub wrong: &'static str,
    /// The same, mended.
    pub right: &'static str,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Something was coerced; nothing to do.
    Note,
    /// It renders, but perhaps not as meant; an error under `--strict`.
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

/// A place and what to say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What to say there; may be empty on a primary label.
    pub text: String,
}

/// An edit that would mend the recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What to write instead.
    pub replacement: String,
    /// The sentence shown above the edit, such as ``did you mean `trim`?``.
    pub message: String,
}

/// One thing to tell the user.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Its documented kind.
    pub code: &'static Code,
    /// One sentence, lower case, no full stop; names the fact.
    pub message: String,
    /// The place it is about.
    pub primary: Label,
    /// Other places that explain it.
    pub secondary: Vec<Label>,
    /// What to do about it.
    pub help: Vec<String>,
    /// Edits that would mend it.
    pub suggestions: Vec<Suggestion>,
}

impl Diagnostic {
    /// A diagnostic at one place, with nothing more said.
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

    /// Says something at the primary place.
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Points at another place.
    pub fn secondary(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Adds a line of advice.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Offers an edit.
    pub fn suggest(mut self, span: Span, replacement: impl Into<String>, message: impl Into<String>) -> Self {
        self.suggestions.push(Suggestion {
            span,
            replacement: replacement.into(),
            message: message.into(),
        });
        self
    }

    /// Offers the nearest of `candidates` to the misspelt `written`, if one is near enough.
    pub fn did_you_mean<'a>(
        self,
        span: Span,
        written: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        match crate::suggest::nearest(written, candidates) {
            Some(near) => {
                let message = format!("did you mean `{near}`?");
                self.suggest(span, near, message)
            }
            None => self,
        }
    }

    /// How bad it is: its code's severity.
    pub fn severity(&self) -> Severity {
        self.code.severity
    }
}

/// The sink: everything there is to tell, in the order it was found.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// An empty sink.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one in; the same thing said twice of the same place is kept once.
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

    /// Whether anything stands in the way of rendering.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|d| d.severity() == severity).count()
    }

    /// All of them, in the order of their places in the text.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut sorted: Vec<_> = self.list.iter().collect();
        sorted.sort_by_key(|d| (d.primary.span.file, d.primary.span.start));
        sorted
    }

    /// All of them, as found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// Whether there is nothing to tell.
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
