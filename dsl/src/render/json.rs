//! Serializes diagnostics as JSON.

use serde::Serialize;

use super::clamp;
use crate::diagnostic::{Diagnostic, Label, Suggestion};
use crate::{Diagnostics, Sources, Span};

/// A diagnostic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Diagnostic))]
pub struct JsonDiagnostic {
    /// Stable code in kebab case.
    pub code: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// The message, one sentence.
    pub message: String,
    /// The span it is about.
    pub primary: JsonLabel,
    /// Other spans that explain it.
    pub secondary: Vec<JsonLabel>,
    /// What to do about it.
    pub help: Vec<String>,
    /// Edits that would fix it.
    pub suggestions: Vec<JsonSuggestion>,
}

/// A span with an annotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Label))]
pub struct JsonLabel {
    /// The span.
    #[serde(flatten)]
    pub place: JsonPlace,
    /// The annotation; may be empty.
    pub label: String,
}

/// A range in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Place))]
pub struct JsonPlace {
    /// The file's name; null if the span is in no file.
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
    /// Byte offset, from 0.
    pub offset: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// An edit that would fix the recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Suggestion))]
pub struct JsonSuggestion {
    /// The range to replace.
    pub span: JsonPlace,
    /// The new text.
    pub replacement: String,
    /// The message shown with the edit.
    pub message: String,
}

/// Converts diagnostics, in source order.
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
