//! The form for programs.

use serde::Serialize;

use super::clamp;
use crate::diagnostic::{Diagnostic, Label, Suggestion};
use crate::{Diagnostics, Sources, Span};

/// One diagnostic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Diagnostic))]
pub struct JsonDiagnostic {
    /// Stable kebab-case name of its kind.
    pub code: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The place it is about.
    pub primary: JsonLabel,
    /// Other places that explain it.
    pub secondary: Vec<JsonLabel>,
    /// What to do about it.
    pub help: Vec<String>,
    /// Edits that would mend it.
    pub suggestions: Vec<JsonSuggestion>,
}

/// A place and what to say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Label))]
pub struct JsonLabel {
    /// The place.
    #[serde(flatten)]
    pub place: JsonPlace,
    /// What to say there; may be empty.
    pub label: String,
}

/// A range in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Place))]
pub struct JsonPlace {
    /// The file's name, or null where the place is in no file.
    pub file: Option<String>,
    /// First character.
    pub start: JsonPosition,
    /// One past the last character.
    pub end: JsonPosition,
}

/// A position in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Position))]
pub struct JsonPosition {
    /// Bytes from the beginning, from 0.
    pub offset: usize,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// An edit that would mend the recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Suggestion))]
pub struct JsonSuggestion {
    /// What is replaced.
    pub span: JsonPlace,
    /// What to write instead.
    pub replacement: String,
    /// What to say above the edit.
    pub message: String,
}

/// The diagnostics in the order of their places.
pub fn json(diagnostics: &Diagnostics, sources: &Sources) -> Vec<JsonDiagnostic> {
    diagnostics
        .sorted()
        .into_iter()
        .map(|diagnostic| convert(diagnostic, sources))
        .collect()
}

fn convert(diagnostic: &Diagnostic, sources: &Sources) -> JsonDiagnostic {
    JsonDiagnostic {
        code: diagnostic.code.id.to_owned(),
        severity: diagnostic.severity().name().to_owned(),
        message: diagnostic.message.clone(),
        primary: label(&diagnostic.primary, sources),
        secondary: diagnostic.secondary.iter().map(|l| label(l, sources)).collect(),
        help: diagnostic.help.clone(),
        suggestions: diagnostic
            .suggestions
            .iter()
            .map(|s| suggestion(s, sources))
            .collect(),
    }
}

fn label(label: &Label, sources: &Sources) -> JsonLabel {
    JsonLabel {
        place: place(label.span, sources),
        label: label.text.clone(),
    }
}

fn suggestion(suggestion: &Suggestion, sources: &Sources) -> JsonSuggestion {
    JsonSuggestion {
        span: place(suggestion.span, sources),
        replacement: suggestion.replacement.clone(),
        message: suggestion.message.clone(),
    }
}

fn place(span: Span, sources: &Sources) -> JsonPlace {
    let Some(file) = sources.get(span.file) else {
        let nowhere = JsonPosition {
            offset: 0,
            line: 1,
            column: 1,
        };
        return JsonPlace {
            file: None,
            start: nowhere.clone(),
            end: nowhere,
        };
    };
    let position = |offset| {
        let at = file.line_column(offset);
        JsonPosition {
            offset,
            line: at.line,
            column: at.column,
        }
    };
    let range = clamp(&file.text, span.range());
    JsonPlace {
        file: Some(file.name.clone()),
        start: position(range.start),
        end: position(range.end),
    }
}
