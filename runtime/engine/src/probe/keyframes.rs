//! Finds the cut points of a file's video next to a time.

use std::path::Path;

use vidc_compiler::facts::{CutPoints, Media};
use vidc_compiler::time::{Rational, Time};

use super::cut_points::{closed_gop_keyframes, ends, fill_leading_dts};
use super::idr::TimeWindow;
use super::literal_path::LiteralPath;
use super::reader::MediaReader;
use crate::ffmpeg::Tools;
use crate::probe_cache::{ProbeCache, tool_key};

/// How far after a time keyframes are searched for if packets have to be read. Encoders insert one at least every ten
/// seconds or so.
const SEARCH_WINDOW: Time = Time::new(Rational::new_raw(15, 1));

/// Finds the cut points of a file's video next to a time, or takes them from the cache. A file that cannot be read has none.
pub async fn find_cut_points(tools: &Tools, cache: &ProbeCache, media: &Media, at: Time) -> CutPoints {
    let key = tool_key(&tools.ffprobe, &format!("{} {}", media.hash, at.as_rational()));
    if let Some(cached) = cache.get("keyframes", &key) {
        return cached;
    }
    let Some(found) = read_cut_points(tools, media, at).await else {
        return CutPoints::default();
    };
    cache.put("keyframes", &key, &found);
    found
}

async fn read_cut_points(tools: &Tools, media: &Media, at: Time) -> Option<CutPoints> {
    let literal = LiteralPath::new(Path::new(&media.path)).ok()?;
    find_with_reader(&MediaReader::open(tools, literal.path()).await, media, at).await
}

/// Finds the cut points of a file's video next to a time with the given reader.
pub(super) async fn find_with_reader(reader: &MediaReader<'_>, media: &Media, at: Time) -> Option<CutPoints> {
    let (stream, _) = media.video()?;
    let start = at + media.start;
    let window = TimeWindow {
        start: Some(start),
        duration: SEARCH_WINDOW,
    };
    let (packets, idr_frames) = tokio::join!(
        reader.packets(Some(stream.index), Some((start, Some(SEARCH_WINDOW)))),
        reader.find_idr_frames((stream.index, &stream.codec), window),
    );
    let packets = fill_leading_dts(packets.ok()?);
    let time_base = stream.time_base?;
    let keyframes = closed_gop_keyframes(&packets, time_base, media.start, &idr_frames.ok()?);
    let after = keyframes.into_iter().find(|keyframe| keyframe.pts >= at);
    let end = ends(&packets, time_base, media.start).find(|end| end.pts <= at);
    Some(CutPoints { end, after })
}
