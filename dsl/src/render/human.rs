//! Renders diagnostics for terminals.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use super::clamp;
use crate::diagnostic::{Diagnostic, Label, Severity, Suggestion};
use crate::{Diagnostics, SourceFile, Sources, Span};

/// Renders diagnostics for a terminal, each with its source lines; ANSI colors if `color`.
///
/// They come in source order, followed by a summary such as `3 errors, 1 warning`. Returns an empty string if there
/// are none.
pub fn human(diagnostics: &Diagnostics, sources: &Sources, color: bool) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut drawn = String::new();
    for diagnostic in diagnostics.sorted() {
        drawn.push_str(&renderer.render(&groups(diagnostic, sources)));
        drawn.push_str("\n\n");
    }
    drawn.push_str(&summary(diagnostics));
    drawn.push('\n');
    drawn
}

/// `3 errors, 1 warning, 2 notes`, omitting zero counts.
fn summary(diagnostics: &Diagnostics) -> String {
    [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .filter_map(|severity| match diagnostics.count(severity) {
            0 => None,
            1 => Some(format!("1 {}", severity.name())),
            count => Some(format!("{count} {}s", severity.name())),
        })
        .collect::<Vec<_>>()
        .join(", ")
}

fn groups<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Group<'a>> {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut main = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.id)
        .elements(snippets(diagnostic, sources));
    for help in &diagnostic.help {
        main = main.element(Level::HELP.message(help.as_str()));
    }
    let mut groups = vec![main];
    for suggestion in &diagnostic.suggestions {
        groups.push(edit(suggestion, sources));
    }
    groups
}

/// Two spans on one line that are further apart, in bytes, get separate snippets.
const MAX_GAP: usize = 100;

/// One snippet per file, the primary span's first, plus one for each span that is far away on the same line.
fn snippets<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Snippet<'a, Annotation<'a>>> {
    let mut labels = vec![(&diagnostic.primary, AnnotationKind::Primary)];
    labels.extend(diagnostic.secondary.iter().map(|l| (l, AnnotationKind::Context)));
    let mut together: Vec<Vec<(&Label, AnnotationKind)>> = Vec::new();
    for (label, kind) in labels {
        let group = together.iter_mut().find(|group| {
            group
                .iter()
                .all(|(other, _)| are_near(label.span, other.span, sources))
        });
        match group {
            Some(group) => group.push((label, kind)),
            None => together.push(vec![(label, kind)]),
        }
    }
    let snippet = |group: &Vec<(&'a Label, AnnotationKind)>| {
        let (first, _) = group.first()?;
        let file = sources.get(first.span.file)?;
        let window = Window::around(file, group.iter().map(|(label, _)| label.span));
        Some(window.snippet().annotations(group.iter().map(|(label, kind)| {
            let text = (!label.text.is_empty()).then_some(label.text.as_str());
            kind.span(window.place(label.span)).label(text)
        })))
    };
    together.iter().filter_map(snippet).collect()
}

/// Whether two spans belong in one snippet: same file, and on different lines or close together.
fn are_near(one: Span, other: Span, sources: &Sources) -> bool {
    let Some(file) = sources.get(one.file).filter(|_| one.file == other.file) else {
        return false;
    };
    let (one, other) = (clamp(&file.text, one.range()), clamp(&file.text, other.range()));
    let between = one.end.min(other.end)..one.start.max(other.start);
    file.text
        .get(between)
        .is_none_or(|text| text.len() <= MAX_GAP || text.contains('\n'))
}

/// `help: did you mean …?` with the edited line below it.
fn edit<'a>(suggestion: &'a Suggestion, sources: &'a Sources) -> Group<'a> {
    let title = Level::HELP.secondary_title(suggestion.message.as_str());
    match sources.get(suggestion.span.file) {
        Some(file) => {
            let window = Window::around(file, [suggestion.span]);
            let patch = Patch::new(window.place(suggestion.span), suggestion.replacement.as_str());
            title.element(window.snippet().patch(patch))
        }
        None => Group::with_title(title),
    }
}

/// The lines of a file that contain some spans, so that rendering one diagnostic does not walk the whole file.
struct Window<'a> {
    file: &'a SourceFile,
    lines: Range<usize>,
}

impl<'a> Window<'a> {
    fn around(file: &'a SourceFile, spans: impl IntoIterator<Item = Span>) -> Self {
        let text = &file.text;
        let mut hull: Option<Range<usize>> = None;
        for span in spans {
            let span = clamp(text, span.range());
            hull = Some(match hull {
                Some(hull) => hull.start.min(span.start)..hull.end.max(span.end),
                None => span,
            });
        }
        let hull = hull.unwrap_or(0..0);
        let start = text[..hull.start].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[hull.end..]
            .find('\n')
            .map_or(text.len(), |newline| hull.end + newline + 1);
        Window {
            file,
            lines: start..end,
        }
    }

    fn snippet<T: Clone>(&self) -> Snippet<'a, T> {
        Snippet::source(&self.file.text[self.lines.clone()])
            .path(self.file.name.as_str())
            .line_start(self.file.line_column(self.lines.start).line)
    }

    fn place(&self, span: Span) -> Range<usize> {
        let place = clamp(&self.file.text, span.range());
        place.start - self.lines.start..place.end - self.lines.start
    }
}
