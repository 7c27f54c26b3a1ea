//! Reads subtitle files: their characters, their syntax, their cues.

mod charset;
mod events;
mod plain;
mod timing;

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

use vidc_compiler::facts::{Problem, SubtitleFile, SubtitleFormat};

use crate::ffmpeg::{Tools, capture, command};
use crate::probe_cache::{ProbeCache, told_by};

/// Bytes of a subtitle file at most: a feature film's are a tenth of a MiB.
const MAX_BYTES: u64 = 10 << 20;
const LIMIT: Duration = Duration::from_secs(20);

/// Reads a subtitle file, in the character set `told` or in the one that its bytes show. FFmpeg turns its markup into
/// that of ASS; what came of the same bytes before is taken from the cache.
pub async fn read(
    tools: &Tools,
    cache: &ProbeCache,
    path: &Path,
    told: Option<&str>,
) -> Result<SubtitleFile, Problem> {
    let owned = path.to_owned();
    let bytes = tokio::task::spawn_blocking(move || load(&owned))
        .await
        .map_err(|error| unreadable(format!("it could not be read: {error}")))??;
    let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    let of = format!(
        "{}\0{}\0{}",
        blake3::hash(&bytes),
        extension.as_deref().unwrap_or_default(),
        told.unwrap_or_default(),
    );
    let key = told_by(&tools.ffmpeg, &of);
    if let Some(kept) = cache.get("subtitles", &key) {
        return Ok(kept);
    }
    let file = parse(tools, &bytes, extension.as_deref(), told).await?;
    cache.put("subtitles", &key, &file);
    Ok(file)
}

async fn parse(
    tools: &Tools,
    bytes: &[u8],
    extension: Option<&str>,
    told: Option<&str>,
) -> Result<SubtitleFile, Problem> {
    let decoded = match told {
        Some(told) => charset::decode_as(bytes, told),
        None => charset::decode(bytes),
    }
    .map_err(unreadable)?;
    let text = decoded.text.replace("\r\n", "\n").replace('\r', "\n");
    let format = format_of(&text, extension)?;
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
        SubtitleFormat::Srt | SubtitleFormat::Vtt => Some(timing::times(&text).map_err(unreadable)?),
    };
    if let (SubtitleFormat::Srt, Some(times)) = (format, &times)
        && let Some(cues) = plain::cues(&text, times)
    {
        file.cues = cues;
        return Ok(file);
    }
    let ass = convert(tools, format, &text).await?;
    let (header, mut cues) = events::parse(&ass, format == SubtitleFormat::Ass).map_err(unreadable)?;
    if let Some(times) = times {
        if times.is_empty() && format == SubtitleFormat::Srt {
            return Err(unreadable("there is no subtitle in it".to_owned()));
        }
        timing::refine(&mut cues, times);
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
    let of_io = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Problem::Missing,
        io::ErrorKind::PermissionDenied => unreadable("permission to read it was denied".to_owned()),
        _ => unreadable(error.to_string()),
    };
    let metadata = fs::metadata(path).map_err(of_io)?;
    if !metadata.is_file() {
        return Err(unreadable(match metadata.is_dir() {
            true => "it is a directory".to_owned(),
            false => "it is not a regular file".to_owned(),
        }));
    }
    let mut bytes = Vec::new();
    let mut file = fs::File::open(path).map_err(of_io)?.take(MAX_BYTES + 1);
    file.read_to_end(&mut bytes).map_err(of_io)?;
    match bytes.len() as u64 > MAX_BYTES {
        true => Err(unreadable(format!(
            "it is larger than {} MiB, more than any subtitle file",
            MAX_BYTES >> 20
        ))),
        false => Ok(bytes),
    }
}

/// The syntax of a text by what it looks like; by the file's name only if there is nothing in it.
fn format_of(text: &str, extension: Option<&str>) -> Result<SubtitleFormat, Problem> {
    let by_name = match extension {
        Some("srt") => Some(SubtitleFormat::Srt),
        Some("vtt") => Some(SubtitleFormat::Vtt),
        Some("ass" | "ssa") => Some(SubtitleFormat::Ass),
        _ => None,
    };
    let start = text.trim_start();
    let has = |what: &str| text.lines().any(|line| line.trim_start().starts_with(what));
    if start.is_empty() {
        return Ok(by_name.unwrap_or(SubtitleFormat::Srt));
    }
    if start.starts_with("WEBVTT") {
        return Ok(SubtitleFormat::Vtt);
    }
    if start.starts_with("[Script Info]") || (has("[Events]") && has("Dialogue:")) {
        return Ok(SubtitleFormat::Ass);
    }
    if text.lines().any(|line| timing::arrow(line).is_some()) {
        return Ok(SubtitleFormat::Srt);
    }
    Err(unreadable(
        "it is not a subtitle file: neither SubRip (.srt), WebVTT (.vtt) nor SubStation Alpha (.ass, .ssa)"
            .to_owned(),
    ))
}

/// The text as ASS. ASS itself is copied: FFmpeg puts its events in one shape.
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
        LIMIT,
    )
    .await
    .map_err(|error| unreadable(format!("ffmpeg: {error}")))?;
    if !captured.status.success() {
        let said = captured.stderr.trim().replace('\n', "; ");
        return Err(unreadable(format!(
            "FFmpeg cannot read it as {}: {said}",
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

    /// A file of some cues in which the text stands between others.
    fn around(text: &str) -> String {
        format!(
            "1\n00:00:01,005 --> 00:00:02,500\nbefore\n\n2\n00:00:03,000 --> 00:00:04,999\n{text}\n\n\
             3\n01:02:04,100 --> 01:02:05,000\nbehind\n"
        )
    }

    /// What is read without FFmpeg is what FFmpeg reads.
    #[tokio::test]
    async fn plain_files_are_read_alike() {
        let tools = Tools::find().unwrap();
        let one = TEXTS.iter().map(|text| around(text));
        let whole = [
            around("no newline at the end").trim_end().to_owned(),
            format!("{}\n\n\n", around("blank lines at the end")),
            format!("\n{}", around("a blank line at the start")),
            around("overlapping").replace("02,500", "03,500"),
            around("no length").replace("04,999", "03,000"),
            around("places").replace("04,999", "04,999 X1:1 X2:2"),
            around("short times").replace("00:00:03,000", "0:00:03,000"),
            around("dots").replace("00:00:03,000", "00:00:03.000"),
            around("at once").replace("00:00:03,000", "00:00:01,005"),
            around("out of order")
                .replace("01:02:04,100", "00:00:00,100")
                .replace("01:02:05", "00:00:01"),
            around("a blank between").replace("04,999\n", "04,999\n\n"),
            around("no blank between").replace("\n\n3", "\n3"),
            around("no number").replace("2\n00:00:03", "00:00:03"),
        ];
        let mut alone = 0;
        for text in one.chain(whole) {
            let Ok(times) = timing::times(&text) else { continue };
            let Some(read) = plain::cues(&text, &times) else {
                continue;
            };
            let ass = convert(&tools, SubtitleFormat::Srt, &text).await.unwrap();
            let (_, mut cues) = events::parse(&ass, false).unwrap();
            timing::refine(&mut cues, times);
            cues.sort_by_key(|cue| cue.start);
            assert_eq!(read, cues, "{text}");
            alone += 1;
        }
        assert_eq!(alone, 13);
    }
}
