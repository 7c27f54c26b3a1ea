//! The movie box: its header, tracks and user data (ISO/IEC 14496-12, 8.2).

use mp4_atom::Mvhd;

use super::box_reader::{Boxes, Parsed, Unsupported, decode_body, required};
use super::headers::{check_timescale, quarter_turns};
use super::track::{MovieContext, Track};

/// The largest number of samples of all tracks together: as many as fit into 64 MiB.
pub(super) const MAX_SAMPLES: usize = 2 << 20;
/// The largest number of tracks.
const MAX_TRACKS: usize = 64;

/// A parsed movie box.
#[derive(Debug)]
pub(super) struct MovieBox {
    /// Ticks per second.
    pub(super) timescale: u32,
    /// As its header states it, in ticks.
    pub(super) duration: i64,
    /// Whether its metadata has more than the name of the program that wrote it: a creation time, a title, chapters.
    pub(super) has_tags: bool,
    /// Each track, or why it is left to ffprobe.
    pub(super) tracks: Vec<Parsed<Track>>,
}

/// Parses the body of a movie box of a file of `file_size` bytes.
pub(super) fn parse_movie_box(body: &[u8], file_size: u64) -> Parsed<MovieBox> {
    let mut header = None;
    let mut tracks: Vec<Parsed<Track>> = Vec::new();
    let mut max_samples = MAX_SAMPLES;
    let mut has_tags = false;
    for child in Boxes::new(body) {
        let (box_type, body) = child?;
        match (&box_type, &header) {
            (b"mvhd", None) => header = Some(MovieHeader::parse(body)?),
            (b"trak", Some(header)) if tracks.len() < MAX_TRACKS => {
                let context = MovieContext {
                    timescale: header.timescale,
                    file_size,
                };
                let track = Track::parse(body, &context, max_samples);
                let samples = track.as_ref().map_or(0, |track| track.sample_count);
                max_samples = max_samples.saturating_sub(samples);
                tracks.push(track);
            }
            (b"udta", _) => has_tags |= user_data_has_tags(body)?,
            (b"iods" | b"free" | b"skip", _) => {}
            _ => return Err(Unsupported("its movie box has an unknown box")),
        }
    }
    let header = required(header)?;
    match tracks.is_empty() {
        true => Err(Unsupported("it has no track")),
        false => Ok(MovieBox {
            timescale: header.timescale,
            duration: header.duration,
            has_tags: has_tags || header.has_creation_time,
            tracks,
        }),
    }
}

/// A movie header (8.2.2).
struct MovieHeader {
    timescale: u32,
    duration: i64,
    has_creation_time: bool,
}

impl MovieHeader {
    fn parse(body: &[u8]) -> Parsed<MovieHeader> {
        let header: Mvhd = decode_body(body)?;
        match (i64::try_from(header.duration), quarter_turns(&header.matrix)?) {
            (Ok(duration), 0) => Ok(MovieHeader {
                timescale: check_timescale(header.timescale)?,
                duration,
                has_creation_time: header.creation_time != 0,
            }),
            _ => Err(Unsupported(
                "its movie header has a rotation or a negative duration",
            )),
        }
    }
}

/// Whether user data has tags other than the name of the program that wrote the file. Cover art is a stream to FFmpeg, and
/// gapless playback information moves audio.
fn user_data_has_tags(body: &[u8]) -> Parsed<bool> {
    // QuickTime ends the list with a 32-bit zero.
    let body = body
        .strip_suffix(&[0; 4])
        .filter(|body| Boxes::new(body).all(|child| child.is_ok()))
        .unwrap_or(body);
    let mut has_tags = false;
    for child in Boxes::new(body) {
        let (box_type, body) = child?;
        match &box_type {
            [0xa9, ..] => has_tags |= box_type != ENCODER_TAG,
            b"meta" => has_tags |= metadata_has_tags(body)?,
            b"chpl" | b"name" | b"titl" | b"auth" | b"cprt" | b"desc" | b"date" | b"loci" => has_tags = true,
            b"free" | b"skip" => {}
            _ => return Err(Unsupported("its user data has an unknown box")),
        }
    }
    Ok(has_tags)
}

/// The tag with the name of the program that wrote a file.
const ENCODER_TAG: [u8; 4] = *b"\xa9too";

/// Whether iTunes metadata has tags other than the name of the program that wrote the file.
fn metadata_has_tags(body: &[u8]) -> Parsed<bool> {
    let mut has_tags = false;
    // A full box in ISO files, a plain box in QuickTime files.
    let body = match body {
        [0, 0, 0, 0, body @ ..] | body => body,
    };
    for child in Boxes::new(body) {
        let (box_type, body) = child?;
        match &box_type {
            b"ilst" => {
                for tag in Boxes::new(body) {
                    let (tag, _) = tag?;
                    let is_plain = tag[0] == 0xa9 || tag.iter().all(u8::is_ascii_alphabetic);
                    if !is_plain || &tag == b"covr" || &tag == b"free" {
                        return Err(Unsupported(
                            "its metadata may have cover art or gapless playback information",
                        ));
                    }
                    has_tags |= tag != ENCODER_TAG;
                }
            }
            b"hdlr" | b"free" | b"skip" => {}
            _ => return Err(Unsupported("its metadata has an unknown box")),
        }
    }
    Ok(has_tags)
}
