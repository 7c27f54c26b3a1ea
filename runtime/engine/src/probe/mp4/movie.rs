//! An MP4 file's index, reported as ffprobe would.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::Path;

use vidc_compiler::time::{Rational, Time};

use super::box_reader::{Parsed, Unsupported, rescale};
use super::file;
use super::parameter_sets;
use super::rate_estimate;
use super::sample::Sample;
use super::sample_entry::{SampleEntry, VideoEntry};
use super::slice_types;
use super::track::Track;
use crate::probe::idr::{IdrFrames, TimeWindow};
use crate::probe::report::{
    Disposition, FIRST_PACKETS, Format, Packet, PacketFlags, RawStream, Report, SideData, Tags,
};

/// FFmpeg's name of its demuxer.
const FORMAT: &str = "mov,mp4,m4a,3gp,3g2,mj2";
/// FFmpeg states the times of a whole file in microseconds (`AV_TIME_BASE`).
const MICROS_PER_SECOND: i64 = 1_000_000;

/// A file whose index states all that ffprobe would report.
#[derive(Debug)]
pub(crate) struct Movie {
    report: Report,
    tracks: Vec<Track>,
    has_tags: bool,
}

impl Movie {
    /// Reads the index of a file.
    pub(super) fn read(path: &Path) -> Parsed<Movie> {
        let file = file::read(path)?;
        let movie = file.movie;
        let tracks = movie.tracks.into_iter().collect::<Parsed<Vec<Track>>>()?;
        let mut streams = Vec::new();
        for (track, index) in tracks.iter().zip(0..) {
            if let SampleEntry::Video(video) = &track.entry
                && video.in_band_parameter_sets
            {
                parameter_sets::check_in_band(path, &track.samples, &video.avc)?;
            }
            streams.push(report_stream(track, index)?);
        }
        let duration = rescale(movie.duration, MICROS_PER_SECOND, i64::from(movie.timescale))?;
        let format = Format {
            format_name: FORMAT.to_owned(),
            start_time: Some(format_micros(start_micros(&tracks)?)),
            duration: Some(format_micros(duration)),
            tags: Tags::from_pairs([("major_brand", &file.major_brand)]),
        };
        Ok(Movie {
            report: Report {
                packets: interleave(&tracks, FIRST_PACKETS)?,
                streams,
                format,
            },
            tracks,
            has_tags: movie.has_tags,
        })
    }

    /// Whether its metadata has more than the name of the program that wrote the file.
    pub(crate) fn has_tags(&self) -> bool {
        self.has_tags
    }

    /// ffprobe's report of the file, with its first packets.
    pub(in crate::probe) fn report(&self) -> Report {
        self.report.clone()
    }

    /// All packets of one stream in decoding order, or those of all streams in the order FFmpeg reads them.
    pub(in crate::probe) fn packets(&self, stream: Option<u32>) -> Vec<Packet> {
        let Some(index) = stream else {
            // This cannot fail: it succeeded for the first packets when the file was read.
            return interleave(&self.tracks, usize::MAX).unwrap_or_default();
        };
        let samples = self.track(index).map(|track| {
            track
                .samples
                .iter()
                .map(move |sample| packet(track, index, sample))
        });
        samples.into_iter().flatten().collect()
    }

    /// Whether keyframes of a video stream after the first are only recovery points of a gradual decoder refresh.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn has_gradual_decoder_refresh(&self, path: &Path, stream: u32) -> io::Result<bool> {
        match self.video(stream) {
            Some((track, video)) => slice_types::has_gradual_decoder_refresh(
                &File::open(path)?,
                &track.samples,
                video.avc.length_size,
            ),
            None => Ok(false),
        }
    }

    /// Finds the IDR frames of a video stream in a window of time.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn find_idr_frames(
        &self,
        path: &Path,
        stream: u32,
        window: TimeWindow,
    ) -> io::Result<IdrFrames> {
        let Some((track, video)) = self.video(stream) else {
            return Ok(IdrFrames::AllKeyframes);
        };
        let rate = Rational::from_integer(i64::from(track.timescale));
        let start = window.start.map_or(track.start, |start| start.frames(rate) - 1);
        let window = start..=start + window.duration.frames(rate) + 2;
        let file = File::open(path)?;
        let mut found = BTreeSet::new();
        for sample in track.samples.iter().filter(|sample| sample.is_keyframe) {
            let pts = track.pts(sample);
            if window.contains(&pts) && slice_types::is_idr(&file, sample, video.avc.length_size)? {
                found.insert(pts);
            }
        }
        Ok(IdrFrames::AtPts(found))
    }

    fn video(&self, stream: u32) -> Option<(&Track, &VideoEntry)> {
        let track = self.track(stream)?;
        match &track.entry {
            SampleEntry::Video(video) => Some((track, video)),
            SampleEntry::Audio(_) | SampleEntry::Text => None,
        }
    }

    /// The track of a stream.
    pub(crate) fn track(&self, stream: u32) -> Option<&Track> {
        self.tracks.get(usize::try_from(stream).ok()?)
    }

    /// When its first stream begins.
    pub(crate) fn start(&self) -> Time {
        self.report.format.start().unwrap_or_default()
    }

    /// The duration in ticks that all samples of a stream have, except perhaps the last.
    pub(in crate::probe) fn constant_sample_duration(&self, stream: u32) -> Option<u32> {
        self.track(stream)?.constant_sample_duration
    }

    /// Reads [`constant_sample_duration`](Self::constant_sample_duration) of a file whose other streams need not be
    /// supported.
    pub(super) fn read_constant_sample_duration(path: &Path, stream: u32) -> Option<u32> {
        let movie = file::read(path).ok()?.movie;
        let track = movie.tracks.into_iter().nth(usize::try_from(stream).ok()?)?;
        track.ok()?.constant_sample_duration
    }

    /// The number of samples of all tracks.
    pub(super) fn sample_count(&self) -> usize {
        self.tracks.iter().map(|track| track.samples.len()).sum()
    }
}

/// The packets of all tracks as FFmpeg's demuxer reads them: by their offsets in the file, unless that would lead one track
/// more than a second ahead of another.
fn interleave(tracks: &[Track], max_packets: usize) -> Parsed<Vec<Packet>> {
    let mut next: Vec<_> = tracks
        .iter()
        .map(|track| track.samples.iter().peekable())
        .collect();
    let mut packets = Vec::new();
    while packets.len() < max_packets {
        let mut best: Option<(usize, i64, u64)> = None;
        for (index, (samples, track)) in next.iter_mut().zip(tracks).enumerate() {
            let Some(sample) = samples.peek() else { continue };
            let dts = rescale(sample.dts, MICROS_PER_SECOND, i64::from(track.timescale))?;
            let is_before = best.is_none_or(|(_, best_dts, best_offset)| {
                match dts.abs_diff(best_dts) <= MICROS_PER_SECOND as u64 {
                    true => sample.file_offset < best_offset,
                    false => dts < best_dts,
                }
            });
            if is_before {
                best = Some((index, dts, sample.file_offset));
            }
        }
        let Some((index, ..)) = best else { break };
        let sample = next.get_mut(index).and_then(Iterator::next);
        if let (Some(sample), Some(track), Ok(index)) = (sample, tracks.get(index), u32::try_from(index)) {
            packets.push(packet(track, index, sample));
        }
    }
    Ok(packets)
}

fn packet(track: &Track, stream_index: u32, sample: &Sample) -> Packet {
    Packet {
        stream_index,
        pts: Some(track.pts(sample)),
        dts: Some(sample.dts),
        // Only needed for streams of unknown duration.
        duration: None,
        flags: PacketFlags {
            keyframe: sample.is_keyframe,
            discard: sample.is_discarded,
        },
    }
}

/// When the first stream begins, in microseconds. Text that begins less than a second before video and audio counts with
/// them.
fn start_micros(tracks: &[Track]) -> Parsed<i64> {
    let (mut main, mut text) = (None, None);
    for track in tracks {
        let start = rescale(track.start, MICROS_PER_SECOND, i64::from(track.timescale))?;
        let first = match track.entry {
            SampleEntry::Text => &mut text,
            SampleEntry::Video(_) | SampleEntry::Audio(_) => &mut main,
        };
        *first = Some(first.map_or(start, |first: i64| first.min(start)));
    }
    match (main, text) {
        (Some(main), Some(text)) if text < main && main - text < MICROS_PER_SECOND => Ok(text),
        (Some(start), _) | (None, Some(start)) => Ok(start),
        (None, None) => Err(Unsupported("it has no track")),
    }
}

fn report_stream(track: &Track, index: u32) -> Parsed<RawStream> {
    let mut stream = RawStream {
        index,
        time_base: Some(format!("1/{}", track.timescale)),
        start_pts: Some(track.start),
        duration_ts: Some(track.duration),
        bit_rate: Some(track.bit_rate.to_string()),
        nb_frames: Some(track.sample_count.to_string()),
        disposition: Disposition {
            default: track.header.enabled.into(),
            ..Disposition::default()
        },
        ..RawStream::default()
    };
    if let Some(language) = &track.language {
        stream.tags = Tags::from_pairs([("language", language)]);
    }
    let name = |name: &str| Some(name.to_owned());
    match &track.entry {
        SampleEntry::Video(video) => {
            (stream.codec_type, stream.codec_name) = (name("video"), name("h264"));
            report_video(&mut stream, video)?;
            report_frame_rates(&mut stream, track)?;
            if track.quarter_turns > 0 {
                let rotation = Some(-90.0 * f64::from(track.quarter_turns));
                stream.side_data_list.push(SideData {
                    rotation,
                    displaymatrix: None,
                });
            }
        }
        SampleEntry::Audio(aac) => {
            (stream.codec_type, stream.codec_name) = (name("audio"), name("aac"));
            (stream.profile, stream.sample_fmt) = (name("LC"), name("fltp"));
            stream.sample_rate = Some(aac.sample_rate.to_string());
            stream.channels = aac.channels;
            stream.channel_layout = name(aac.layout);
        }
        SampleEntry::Text => (stream.codec_type, stream.codec_name) = (name("subtitle"), name("mov_text")),
    }
    Ok(stream)
}

fn report_video(stream: &mut RawStream, video: &VideoEntry) -> Parsed<()> {
    let avc = &video.avc;
    let color = video.color.overridden_by(avc.color);
    (stream.width, stream.height) = (avc.width, avc.height);
    stream.profile = Some(avc.profile.to_owned());
    stream.level = Some(avc.level);
    stream.pix_fmt = Some(avc.pixel_format(color.full_range == Some(true)));
    stream.field_order = Some("progressive".to_owned());
    stream.color_range = color.range();
    stream.color_space = color.matrix()?;
    stream.color_transfer = color.transfer()?;
    stream.color_primaries = color.primaries()?;
    let codec_aspect = avc
        .sample_aspect
        .map(|(horizontal, vertical)| (u32::from(horizontal), u32::from(vertical)));
    let aspect = video.sample_aspect.or(codec_aspect);
    stream.sample_aspect_ratio = aspect.map(|(horizontal, vertical)| format!("{horizontal}:{vertical}"));
    stream.extradata_hash = Some(format_md5(&video.extradata));
    Ok(())
}

/// The MD5 of some bytes in ffprobe's notation.
fn format_md5(bytes: &[u8]) -> String {
    use md5::Digest as _;
    let hash = md5::Md5::digest(bytes);
    let hexadecimal: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("MD5:{hexadecimal}")
}

/// Sets the frame rates that FFmpeg estimates.
fn report_frame_rates(stream: &mut RawStream, track: &Track) -> Parsed<()> {
    let timescale = i64::from(track.timescale);
    let frames = i64::try_from(track.sample_count)
        .ok()
        .and_then(|count| count.checked_mul(timescale));
    let average = frames.and_then(|frames| rate_estimate::reduce(frames, track.media_duration));
    let unknown = Unsupported("its frame rate cannot be estimated");
    let (numer, denom) = average.ok_or(unknown)?;
    stream.avg_frame_rate = Some(format!("{numer}/{denom}"));
    let base = match track.constant_sample_duration {
        Some(duration) => rate_estimate::reduce(timescale, i64::from(duration)),
        None => rate_estimate::estimate(track.first_dts.iter().copied(), track.timescale),
    };
    match base {
        Some((numer, denom)) => stream.r_frame_rate = Some(format!("{numer}/{denom}")),
        // FFmpeg uses other estimates then. They matter only for constant frame rates.
        None if has_variable_frame_rate(track) => {}
        None => return Err(unknown),
    }
    Ok(())
}

/// Whether the intervals between frames clearly differ.
fn has_variable_frame_rate(track: &Track) -> bool {
    let mut pts: Vec<i64> = track.samples.iter().map(|sample| track.pts(sample)).collect();
    pts.sort_unstable();
    let intervals = || pts.windows(2).map(|pair| pair[1] - pair[0]);
    let (Some(shortest), Some(longest)) = (intervals().min(), intervals().max()) else {
        return false;
    };
    // `frame_rate` tolerates one tick, or a thousandth of the file.
    longest - shortest > 2 + longest / 10
}

/// A number of microseconds in seconds, in ffprobe's notation.
fn format_micros(micros: i64) -> String {
    let (sign, size) = (if micros < 0 { "-" } else { "" }, micros.unsigned_abs());
    format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_formatted_as_ffprobe_does() {
        assert_eq!(format_micros(0), "0.000000");
        assert_eq!(format_micros(-33_333), "-0.033333");
        assert_eq!(format_micros(10_000_001), "10.000001");
    }

    #[test]
    fn hashes_are_formatted_as_ffprobe_does() {
        assert_eq!(format_md5(b""), "MD5:d41d8cd98f00b204e9800998ecf8427e");
    }
}
