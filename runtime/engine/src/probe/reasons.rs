//! ffprobe's complaints in words a user can act on.

/// What ffprobe and its libraries say, and what it means; the first that fits counts.
const REASONS: &[(&str, &str)] = &[
    (
        "moov atom not found",
        "its index (the `moov` atom) is missing: it was cut short while being recorded or downloaded, or is not a video at all",
    ),
    (
        "not on whitelist",
        "it is not in a format that vidc reads as video, sound or picture",
    ),
    (
        "Invalid data found when processing input",
        "it is not a video, sound or picture, or it is damaged",
    ),
    (
        "End of file",
        "it ends before its first picture or sound: it is damaged or incomplete",
    ),
    ("Permission denied", "permission to read it was denied"),
    ("Cannot allocate memory", "there was not enough memory to read it"),
];

/// Why ffprobe could not read `input`.
pub(super) fn human(stderr: &str, input: &str) -> String {
    let fits = |(saying, reason): &(&str, &str)| stderr.contains(saying).then(|| (*reason).to_owned());
    REASONS.iter().find_map(fits).unwrap_or_else(|| {
        let last = stderr.lines().rev().find(|line| !line.trim().is_empty());
        match last {
            Some(line) => format!("ffprobe says: {}", line.replace(input, "it").trim()),
            None => "ffprobe cannot read it and does not say why".to_owned(),
        }
    })
}
