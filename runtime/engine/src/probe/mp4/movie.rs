//! An index in ffprobe's terms.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::Path;

use vidc_compiler::time::{Rational, Time};

use super::bytes::{Declined, Read, rescale};
use super::description::{Content, Picture};
use super::file;
use super::rates;
use super::sets;
use super::slices;
use super::tables::Sample;
use super::track::Track;
use crate::probe::refreshes::{Refreshes, Stretch};
use crate::probe::report::{
    Disposition, FIRST_PACKETS, Flags, Format, Packet, RawStream, Report, SideData, Tags,
};

/// FFmpeg's name of its demuxer.
const FORMAT: &str = "mov,mp4,m4a,3gp,3g2,mj2";
/// FFmpeg counts what is of the whole file in millionths of a second.
const MILLION: i64 = 1_000_000;

/// A file whose index tells all of what ffprobe would.
#[derive(Debug)]
pub(crate) struct Movie {
    report: Report,
    tracks: Vec<Track>,
    tagged: bool,
}

impl Movie {
    /// Reads the index of a file.
    pub(super) fn read(path: &Path) -> Read<Movie> {
        let contents = file::read(path)?;
        let tracks = contents.tracks.into_iter().collect::<Read<Vec<Track>>>()?;
        let mut streams = Vec::new();
        for (track, index) in tracks.iter().zip(0..) {
            if let Content::Picture(picture) = &track.content
                && picture.in_band_parameter_sets
            {
                sets::agree(path, &track.samples, &picture.avc)?;
            }
            streams.push(stream(track, index)?);
        }
        let duration = rescale(contents.duration, MILLION, i64::from(contents.ticks_a_second))?;
        let format = Format {
            format_name: FORMAT.to_owned(),
            start_time: Some(decimal(start(&tracks)?)),
            duration: Some(decimal(duration)),
            tags: Tags::of([("major_brand", &contents.brand)]),
        };
        Ok(Movie {
            report: Report {
                packets: in_order(&tracks, FIRST_PACKETS)?,
                streams,
                format,
            },
            tracks,
            tagged: contents.tagged,
        })
    }

    /// Whether it says more of itself than which program wrote it.
    pub(crate) fn is_tagged(&self) -> bool {
        self.tagged
    }

    /// What the file is, with its first packets.
    pub(in crate::probe) fn report(&self) -> Report {
        self.report.clone()
    }

    /// All packets of a stream, in the order of decoding, or all of the file.
    pub(in crate::probe) fn packets(&self, stream: Option<u32>) -> Vec<Packet> {
        let Some(index) = stream else {
            // It did before, for the first of them.
            return in_order(&self.tracks, usize::MAX).unwrap_or_default();
        };
        let track = usize::try_from(index)
            .ok()
            .and_then(|index| self.tracks.get(index));
        let samples = track.map(|track| {
            track
                .samples
                .iter()
                .map(move |sample| packet(track, index, sample))
        });
        samples.into_iter().flatten().collect()
    }

    /// Whether keyframes of a picture but the first are only points of recovery.
    ///
    /// # Errors
    /// Those of reading its file.
    pub(super) fn gradual_decoder_refresh(&self, path: &Path, stream: u32) -> io::Result<bool> {
        match self.picture(stream) {
            Some((track, picture)) => {
                slices::recover_slowly(&File::open(path)?, &track.samples, picture.avc.length_size)
            }
            None => Ok(false),
        }
    }

    /// At which keyframes of a picture packets can be cut, in a stretch.
    ///
    /// # Errors
    /// Those of reading its file.
    pub(super) fn refreshes(
        &self,
        path: &Path,
        stream: u32,
        (from, length): Stretch,
    ) -> io::Result<Refreshes> {
        let Some((track, picture)) = self.picture(stream) else {
            return Ok(Refreshes::Every);
        };
        let rate = Rational::from_integer(i64::from(track.ticks_a_second));
        let begin = from.map_or(track.start, |from| from.frames(rate) - 1);
        let stretch = begin..=begin + length.frames(rate) + 2;
        let file = File::open(path)?;
        let mut found = BTreeSet::new();
        for sample in track.samples.iter().filter(|sample| sample.key) {
            let pts = track.pts(sample);
            if stretch.contains(&pts) && slices::is_refresh(&file, sample, picture.avc.length_size)? {
                found.insert(pts);
            }
        }
        Ok(Refreshes::At(found))
    }

    fn picture(&self, stream: u32) -> Option<(&Track, &Picture)> {
        let track = self.track(stream)?;
        match &track.content {
            Content::Picture(picture) => Some((track, picture)),
            Content::Sound(_) | Content::Text => None,
        }
    }

    /// A stream's packets.
    pub(crate) fn track(&self, stream: u32) -> Option<&Track> {
        self.tracks.get(usize::try_from(stream).ok()?)
    }

    /// When its first stream begins.
    pub(crate) fn start(&self) -> Time {
        self.report.format.start().unwrap_or_default()
    }

    /// How many ticks all packets of a stream last but the last.
    pub(in crate::probe) fn step(&self, stream: u32) -> Option<u32> {
        self.track(stream)?.step
    }

    /// The same of a file of which other streams need not be understood.
    pub(super) fn step_in(path: &Path, stream: u32) -> Option<u32> {
        let contents = file::read(path).ok()?;
        let track = contents.tracks.into_iter().nth(usize::try_from(stream).ok()?)?;
        track.ok()?.step
    }

    /// How many samples there are.
    pub(super) fn samples(&self) -> usize {
        self.tracks.iter().map(|track| track.samples.len()).sum()
    }
}

/// Packets of all tracks as FFmpeg reads them: in the order of their places, unless that leads one track more than a
/// second ahead of another.
fn in_order(tracks: &[Track], count: usize) -> Read<Vec<Packet>> {
    let mut next: Vec<_> = tracks
        .iter()
        .map(|track| track.samples.iter().peekable())
        .collect();
    let mut packets = Vec::new();
    while packets.len() < count {
        let mut best: Option<(usize, i64, u64)> = None;
        for (number, (samples, track)) in next.iter_mut().zip(tracks).enumerate() {
            let Some(sample) = samples.peek() else { continue };
            let time = rescale(sample.dts, MILLION, i64::from(track.ticks_a_second))?;
            let before = best.is_none_or(|(_, best, place)| match time.abs_diff(best) <= MILLION as u64 {
                true => sample.place < place,
                false => time < best,
            });
            if before {
                best = Some((number, time, sample.place));
            }
        }
        let Some((number, ..)) = best else { break };
        let sample = next.get_mut(number).and_then(Iterator::next);
        if let (Some(sample), Some(track), Ok(index)) = (sample, tracks.get(number), u32::try_from(number)) {
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
        // Where packets end is only asked of streams whose length is not known.
        duration: None,
        flags: Flags {
            key: sample.key,
            dropped: sample.dropped,
        },
    }
}

/// When the first stream begins, in millionths of a second; text that begins less than a second before picture and
/// sound counts with them.
fn start(tracks: &[Track]) -> Read<i64> {
    let (mut main, mut text) = (None, None);
    for track in tracks {
        let start = rescale(track.start, MILLION, i64::from(track.ticks_a_second))?;
        let first = match track.content {
            Content::Text => &mut text,
            Content::Picture(_) | Content::Sound(_) => &mut main,
        };
        *first = Some(first.map_or(start, |first: i64| first.min(start)));
    }
    match (main, text) {
        (Some(main), Some(text)) if text < main && main - text < MILLION => Ok(text),
        (Some(start), _) | (None, Some(start)) => Ok(start),
        (None, None) => Err(Declined("it has no track")),
    }
}

fn stream(track: &Track, index: u32) -> Read<RawStream> {
    let mut stream = RawStream {
        index,
        time_base: Some(format!("1/{}", track.ticks_a_second)),
        start_pts: Some(track.start),
        duration_ts: Some(track.duration),
        bit_rate: Some(track.bit_rate.to_string()),
        nb_frames: Some(track.count.to_string()),
        disposition: Disposition {
            default: track.enabled.into(),
            ..Disposition::default()
        },
        ..RawStream::default()
    };
    if let Some(language) = &track.language {
        stream.tags = Tags::of([("language", language)]);
    }
    let name = |name: &str| Some(name.to_owned());
    match &track.content {
        Content::Picture(picture) => {
            (stream.codec_type, stream.codec_name) = (name("video"), name("h264"));
            pictured(&mut stream, picture)?;
            rated(&mut stream, track)?;
            if track.turns > 0 {
                let rotation = Some(-90.0 * f64::from(track.turns));
                stream.side_data_list.push(SideData {
                    rotation,
                    displaymatrix: None,
                });
            }
        }
        Content::Sound(sound) => {
            (stream.codec_type, stream.codec_name) = (name("audio"), name("aac"));
            (stream.profile, stream.sample_fmt) = (name("LC"), name("fltp"));
            stream.sample_rate = Some(sound.sample_rate.to_string());
            stream.channels = sound.channels;
            stream.channel_layout = name(sound.layout);
        }
        Content::Text => (stream.codec_type, stream.codec_name) = (name("subtitle"), name("mov_text")),
    }
    Ok(stream)
}

fn pictured(stream: &mut RawStream, picture: &Picture) -> Read<()> {
    let avc = &picture.avc;
    let color = picture.color.overridden(avc.color);
    (stream.width, stream.height) = (avc.width, avc.height);
    stream.profile = Some(avc.profile.to_owned());
    stream.level = Some(avc.level);
    stream.pix_fmt = Some(avc.pixel_format(color.full == Some(true)));
    stream.field_order = Some("progressive".to_owned());
    stream.color_range = color.range();
    stream.color_space = color.matrix()?;
    stream.color_transfer = color.transfer()?;
    stream.color_primaries = color.primaries()?;
    let by_codec = avc
        .sample_aspect
        .map(|(across, down)| (u32::from(across), u32::from(down)));
    let aspect = picture.sample_aspect.or(by_codec);
    stream.sample_aspect_ratio = aspect.map(|(across, down)| format!("{across}:{down}"));
    stream.extradata_hash = Some(md5(&picture.record));
    Ok(())
}

/// As ffprobe writes it.
fn md5(bytes: &[u8]) -> String {
    use md5::Digest as _;
    let hash = md5::Md5::digest(bytes);
    let hexadecimal: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("MD5:{hexadecimal}")
}

/// Sets the rates that FFmpeg guesses.
fn rated(stream: &mut RawStream, track: &Track) -> Read<()> {
    let ticks = i64::from(track.ticks_a_second);
    let frames = i64::try_from(track.count)
        .ok()
        .and_then(|count| count.checked_mul(ticks));
    let average = frames.and_then(|frames| rates::reduced(frames, track.media_duration));
    let (numer, denom) = average.ok_or(Declined("its rate cannot be told"))?;
    stream.avg_frame_rate = Some(format!("{numer}/{denom}"));
    let base = match track.step {
        Some(step) => rates::reduced(ticks, i64::from(step)),
        None => rates::base(track.first_times.iter().copied(), track.ticks_a_second),
    };
    match base {
        Some((numer, denom)) => stream.r_frame_rate = Some(format!("{numer}/{denom}")),
        // FFmpeg then makes other guesses. They matter only where frames are evenly spaced.
        None if uneven(track) => {}
        None => return Err(Declined("its rate cannot be told")),
    }
    Ok(())
}

/// Whether some frames follow each other in clearly other steps than others.
fn uneven(track: &Track) -> bool {
    let mut times: Vec<i64> = track.samples.iter().map(|sample| track.pts(sample)).collect();
    times.sort_unstable();
    let steps = || times.windows(2).map(|pair| pair[1] - pair[0]);
    let (Some(shortest), Some(longest)) = (steps().min(), steps().max()) else {
        return false;
    };
    // `rate` allows for a tick, or a thousandth of the file.
    longest - shortest > 2 + longest / 10
}

/// Millionths of a second as seconds.
fn decimal(millionths: i64) -> String {
    let (sign, size) = (if millionths < 0 { "-" } else { "" }, millionths.unsigned_abs());
    format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_ffprobe_writes_them() {
        assert_eq!(decimal(0), "0.000000");
        assert_eq!(decimal(-33_333), "-0.033333");
        assert_eq!(decimal(10_000_001), "10.000001");
    }

    #[test]
    fn hashes_as_ffprobe_writes_them() {
        assert_eq!(md5(b""), "MD5:d41d8cd98f00b204e9800998ecf8427e");
    }
}
