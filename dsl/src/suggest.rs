//! Finds the closest candidate for "did you mean" suggestions.

/// Returns the candidate closest to a misspelled word, if it is close enough.
///
/// Close enough is a Damerau–Levenshtein distance of at most a third of the word's length (at least 1), or a
/// Jaro–Winkler similarity above 0.9 for longer words, which catches shared beginnings.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = written.to_lowercase().replace('_', "-");
    let limit = (folded.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != written)
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| {
            *distance <= limit || (folded.len() > 4 && strsim::jaro_winkler(&folded, candidate) > 0.9)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_what_was_meant() {
        assert_eq!(nearest("concta", ["concat", "crop"]), Some("concat"));
        assert_eq!(nearest("top_left", ["top-left", "top-right"]), Some("top-left"));
        assert_eq!(nearest("zzz", ["concat", "crop"]), None);
    }
}
