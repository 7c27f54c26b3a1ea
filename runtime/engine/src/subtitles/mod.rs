//! Reads subtitle files: decodes their text, detects their format and extracts their cues.

mod ass;
mod charset;
mod plain_srt;
mod timing;

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

use vidc_compiler::facts::{Problem, SubtitleFile, SubtitleFormat};

use crate::ffmpeg::{Tools, capture, command};
use crate::probe_cache::{ProbeCache, tool_key};

/// The largest subtitle file, in bytes; one of a feature film has a tenth of a MiB.
const MAX_BYTES: u64 = 10 << 20;
/// How long one run of ffmpeg may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Reads a subtitle file in the given character set, or in the one that is detected. FFmpeg converts its markup to ASS. The
/// result for the same bytes is cached.
pub async fn read(
    tools: &Tools,
    cache: &ProbeCache,
    path: &Path,
    charset: Option<&str>,
) -> Result<SubtitleFile, Problem> {
    let owned = path.to_owned();
    let bytes = tokio::task::spawn_blocking(move || load(&owned))
        .await
        .map_err(|error| unreadable(format!("it could not be read: {error}")))??;
    let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    let subject = format!(
        "{}\0{}\0{}",
        blake3::hash(&bytes),
        extension.as_deref().unwrap_or_default(),
        charset.unwrap_or_default(),
    );
    let key = tool_key(&tools.ffmpeg, &subject);
    if let Some(cached) = cache.get("subtitles", &key) {
        return Ok(cached);
    }
    let file = parse(tools, &bytes, extension.as_deref(), charset).await?;
    cache.put("subtitles", &key, &file);
    Ok(file)
}

async fn parse(
    tools: &Tools,
    bytes: &[u8],
    extension: Option<&str>,
    charset: Option<&str>,
) -> Result<SubtitleFile, Problem> {
    let decoded = match charset {
        Some(charset) => charset::decode_as(bytes, charset),
        None => charset::decode(bytes),
    }
    .map_err(unreadable)?;
    let text = decoded.text.replace("\r\n", "\n").replace('\r', "\n");
    let format = detect_format(&text, extension)?;
    let mut file = SubtitleFile {
        format,
        charset: decoded.charset,
        charset_guessed: decoded.guessed,
        ass_header: String::new(),
        cues: Vec::new(),
    };
    if text.trim().is_empty() {
        return Ok(file);
    }
    let times = match format {
        SubtitleFormat::Ass => None,
        SubtitleFormat::Srt | SubtitleFormat::Vtt => Some(timing::parse_times(&text).map_err(unreadable)?),
    };
    if let (SubtitleFormat::Srt, Some(times)) = (format, &times)
        && let Some(cues) = plain_srt::parse_cues(&text, times)
    {
        file.cues = cues;
        return Ok(file);
    }
    let ass = convert(tools, format, &text).await?;
    let (header, mut cues) = ass::parse(&ass, format == SubtitleFormat::Ass).map_err(unreadable)?;
    if let Some(times) = times {
        if times.is_empty() && format == SubtitleFormat::Srt {
            return Err(unreadable("it has no subtitles".to_owned()));
        }
        timing::restore_exact_times(&mut cues, times);
    }
    cues.sort_by_key(|cue| cue.start);
    file.ass_header = header;
    file.cues = cues;
    Ok(file)
}

fn unreadable(reason: String) -> Problem {
    Problem::Unreadable(reason)
}

fn load(path: &Path) -> Result<Vec<u8>, Problem> {
    let from_io = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Problem::Missing,
        io::ErrorKind::PermissionDenied => unreadable("permission to read it was denied".to_owned()),
        _ => unreadable(error.to_string()),
    };
    let metadata = fs::metadata(path).map_err(from_io)?;
    if !metadata.is_file() {
        return Err(unreadable(match metadata.is_dir() {
            true => "it is a directory".to_owned(),
            false => "it is not a regular file".to_owned(),
        }));
    }
    let mut bytes = Vec::new();
    let mut file = fs::File::open(path).map_err(from_io)?.take(MAX_BYTES + 1);
    file.read_to_end(&mut bytes).map_err(from_io)?;
    match bytes.len() as u64 > MAX_BYTES {
        true => Err(unreadable(format!(
            "it is larger than {} MiB, more than any subtitle file",
            MAX_BYTES >> 20
        ))),
        false => Ok(bytes),
    }
}

/// Detects the format of a text by its content, or by the file's extension if it is empty.
fn detect_format(text: &str, extension: Option<&str>) -> Result<SubtitleFormat, Problem> {
    let by_extension = match extension {
        Some("srt") => Some(SubtitleFormat::Srt),
        Some("vtt") => Some(SubtitleFormat::Vtt),
        Some("ass" | "ssa") => Some(SubtitleFormat::Ass),
        _ => None,
    };
    let start = text.trim_start();
    let has_line = |prefix: &str| text.lines().any(|line| line.trim_start().starts_with(prefix));
    if start.is_empty() {
        return Ok(by_extension.unwrap_or(SubtitleFormat::Srt));
    }
    if start.starts_with("WEBVTT") {
        return Ok(SubtitleFormat::Vtt);
    }
    if start.starts_with("[Script Info]") || (has_line("[Events]") && has_line("Dialogue:")) {
        return Ok(SubtitleFormat::Ass);
    }
    if text.lines().any(|line| timing::split_timing_line(line).is_some()) {
        return Ok(SubtitleFormat::Srt);
    }
    Err(unreadable(
        "it is not a subtitle file: neither SubRip (.srt), WebVTT (.vtt) nor SubStation Alpha (.ass, .ssa)"
            .to_owned(),
    ))
}

/// Converts a text to ASS with FFmpeg. ASS itself is remuxed, which normalizes its events.
async fn convert(tools: &Tools, format: SubtitleFormat, text: &str) -> Result<String, Problem> {
    let (demuxer, codec) = match format {
        SubtitleFormat::Srt => ("srt", "ass"),
        SubtitleFormat::Vtt => ("webvtt", "ass"),
        SubtitleFormat::Ass => ("ass", "copy"),
    };
    let arguments = [
        "-nostdin",
        "-hide_banner",
        "-v",
        "error",
        "-protocol_whitelist",
        "pipe",
        "-f",
        demuxer,
        "-i",
        "pipe:0",
        "-map",
        "0:s:0",
        "-c:s",
        codec,
        "-f",
        "ass",
        "pipe:1",
    ];
    let captured = capture::capture(
        command(&tools.ffmpeg, arguments),
        Some(text.as_bytes().to_vec()),
        TIMEOUT,
    )
    .await
    .map_err(|error| unreadable(format!("ffmpeg: {error}")))?;
    if !captured.status.success() {
        let stderr = captured.stderr.trim().replace('\n', "; ");
        return Err(unreadable(format!(
            "FFmpeg cannot read it as {}: {stderr}",
            demuxer.to_uppercase()
        )));
    }
    Ok(String::from_utf8_lossy(&captured.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: &[&str] = &[
        "Hello",
        "Two lines,\nand a second",
        "ünïcödé — «text» 日本語 🙂",
        "- dash\n- dash: 100 % [brackets] (round) \"quotes\" 'single'",
        "1\n2 and 3",
        "42",
        "a | b # c; d, e = f / g ~ h ^ i $ j @ k * l",
        "…",
        "tab\there",
        "ends with a blank ",
        " begins with one",
        "two  blanks",
        "<i>markup</i>",
        "{\\b1}tags",
        "a & b",
        "a > b",
        "back\\slash",
        "",
        "nbsp\u{a0}here",
        "\u{200f}\u{202b}right to left",
    ];

    /// A SubRip file whose second of three cues has the given text.
    fn with_text(text: &str) -> String {
        format!(
            "1\n00:00:01,005 --> 00:00:02,500\nfirst\n\n2\n00:00:03,000 --> 00:00:04,999\n{text}\n\n\
             3\n01:02:04,100 --> 01:02:05,000\nlast\n"
        )
    }

    #[tokio::test]
    async fn plain_subrip_files_are_parsed_as_ffmpeg_does() {
        let tools = Tools::find().unwrap();
        let by_text = TEXTS.iter().map(|text| with_text(text));
        let by_structure = [
            with_text("no newline at the end").trim_end().to_owned(),
            format!("{}\n\n\n", with_text("blank lines at the end")),
            format!("\n{}", with_text("a blank line at the start")),
            with_text("overlapping").replace("02,500", "03,500"),
            with_text("no length").replace("04,999", "03,000"),
            with_text("positions").replace("04,999", "04,999 X1:1 X2:2"),
            with_text("short times").replace("00:00:03,000", "0:00:03,000"),
            with_text("dots").replace("00:00:03,000", "00:00:03.000"),
            with_text("at once").replace("00:00:03,000", "00:00:01,005"),
            with_text("out of order")
                .replace("01:02:04,100", "00:00:00,100")
                .replace("01:02:05", "00:00:01"),
            with_text("a blank line after the times").replace("04,999\n", "04,999\n\n"),
            with_text("no blank line between cues").replace("\n\n3", "\n3"),
            with_text("no number").replace("2\n00:00:03", "00:00:03"),
        ];
        let mut parsed = 0;
        for text in by_text.chain(by_structure) {
            let Ok(times) = timing::parse_times(&text) else {
                continue;
            };
            let Some(ours) = plain_srt::parse_cues(&text, &times) else {
                continue;
            };
            let ass = convert(&tools, SubtitleFormat::Srt, &text).await.unwrap();
            let (_, mut cues) = ass::parse(&ass, false).unwrap();
            timing::restore_exact_times(&mut cues, times);
            cues.sort_by_key(|cue| cue.start);
            assert_eq!(ours, cues, "{text}");
            parsed += 1;
        }
        assert_eq!(parsed, 13);
    }
}
