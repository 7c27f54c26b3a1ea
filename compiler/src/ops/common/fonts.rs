//! Checks of the installed fonts.

use vidc_dsl::{Diagnostic, Span};

use crate::call::Call;
use crate::codes;
use crate::param::Param;

/// The font parameter of every operation that renders text.
pub(in crate::ops) const FONT: Param<Option<String>> =
    Param::text("font", "name of an installed font family").optional();

/// Reports an error if the requested font family is not installed. FFmpeg would silently use another one.
pub(in crate::ops) fn require_font(call: &mut Call<'_>) -> Option<()> {
    let Some(font) = call.get(&FONT) else {
        return Some(());
    };
    if call.facts().fonts.has_family(&font) {
        return Some(());
    }
    let span = call.arg_span(&FONT);
    let families = &call.facts().fonts.families;
    let diagnostic = Diagnostic::new(
        &codes::UNKNOWN_FONT,
        span,
        format!("no installed font family is called `{font}`"),
    )
    .help("`fc-list : family` lists the installed families");
    // Quoted, which is valid in both syntaxes.
    let diagnostic = match vidc_dsl::nearest(&font, families.iter().map(String::as_str)) {
        Some(similar) => diagnostic.suggest(
            span,
            format!("\"{similar}\""),
            format!("did you mean `{similar}`?"),
        ),
        None => diagnostic,
    };
    call.report(diagnostic);
    None
}

/// Warns about characters that no installed font has a glyph for.
pub(in crate::ops) fn warn_about_missing_glyphs(call: &mut Call<'_>, text: &str, span: Span) {
    const SHOWN: usize = 8;
    let mut missing: Vec<char> = text.chars().filter(|c| !call.facts().fonts.draws(*c)).collect();
    missing.sort_unstable();
    missing.dedup();
    if missing.is_empty() {
        return;
    }
    let mut characters: Vec<String> = missing.iter().take(SHOWN).map(char::to_string).collect();
    if missing.len() > SHOWN {
        characters.push(format!("and {} more", missing.len() - SHOWN));
    }
    let message = format!("no installed font has a glyph for {}", characters.join(" "));
    let diagnostic = Diagnostic::new(&codes::MISSING_GLYPHS, span, message).help(
        "install a font that has them, for example from the packages fonts-noto-core and fonts-noto-cjk",
    );
    call.report(diagnostic);
}
