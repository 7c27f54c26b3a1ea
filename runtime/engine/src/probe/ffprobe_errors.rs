//! Explains ffprobe's error messages in words that a user can act on.

/// Fragments of what ffprobe and its libraries print, and what they mean. The first that matches counts.
const EXPLANATIONS: &[(&str, &str)] = &[
    (
        "moov atom not found",
        "its index (the `moov` atom) is missing: it was cut short while being recorded or downloaded, or is not a video at all",
    ),
    (
        "not on whitelist",
        "it is not in a video, audio or image format that vidc reads",
    ),
    (
        "Invalid data found when processing input",
        "it is not a video, audio or image file, or it is damaged",
    ),
    (
        "End of file",
        "it ends before its first frame: it is damaged or incomplete",
    ),
    ("Permission denied", "permission to read it was denied"),
    ("Cannot allocate memory", "there was not enough memory to read it"),
];

/// Explains why ffprobe could not read `input`.
pub(super) fn explain(stderr: &str, input: &str) -> String {
    let explanation =
        |(fragment, explanation): &(&str, &str)| stderr.contains(fragment).then(|| (*explanation).to_owned());
    EXPLANATIONS.iter().find_map(explanation).unwrap_or_else(|| {
        let last = stderr.lines().rev().find(|line| !line.trim().is_empty());
        match last {
            Some(line) => format!("ffprobe says: {}", line.replace(input, "it").trim()),
            None => "ffprobe cannot read it and does not say why".to_owned(),
        }
    })
}
