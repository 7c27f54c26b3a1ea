//! Facts of media that are nowhere, for tests that compile and never render.

use std::collections::BTreeMap;

use vidc_compiler::cost::Rates;
use vidc_compiler::facts::{
    AudioFacts, Capabilities, Cue, CutPoints, End, Facts, Fonts, GopKind, Keyframe, Media, Stream,
    StreamFacts, SubtitleFile, SubtitleFormat, Version, VideoFacts,
};
use vidc_compiler::time::{Rational, Time};
use vidc_compiler::{Bindings, Compiled, Options, compile, required_facts, signatures};
use vidc_dsl::ast::Recipe;
use vidc_dsl::{Diagnostics, Sources, Syntax};

/// Compiles a recipe in the text syntax, with facts such as [`facts`].
pub(crate) fn compiled(text: &str, options: &Options, facts: Facts) -> (Option<Compiled>, Diagnostics) {
    let (_, recipe, facts, mut diagnostics) = prepared(text, options, facts);
    let compiled = compile(&recipe, &Bindings::default(), &facts, options, &mut diagnostics);
    (compiled, diagnostics)
}

/// A parsed recipe, and the facts with the keyframes that it requires.
pub(crate) fn prepared(
    text: &str,
    options: &Options,
    mut facts: Facts,
) -> (Sources, Recipe, Facts, Diagnostics) {
    let mut sources = Sources::default();
    let file = sources.add("r.vidc", text.to_owned(), Syntax::Text);
    let mut diagnostics = Diagnostics::new();
    let file = sources.get(file).expect("the file was just added");
    let recipe = vidc_dsl::parse(file, &signatures(), &mut diagnostics);
    let bindings = Bindings::default();
    for (name, times) in required_facts(&recipe, &bindings, &facts, options).keyframes {
        let around = times.into_iter().map(|time| (time, every_two_seconds(time)));
        facts.keyframes.insert(name, around.collect());
    }
    (sources, recipe, facts, diagnostics)
}

/// The keyframes of the long clip.
fn every_two_seconds(time: Time) -> CutPoints {
    let second = Rational::from_integer(1);
    let group = Time::seconds(2);
    let before = Time::from_frames(time.floor_to(second / 2).frames(second / 2), second / 2);
    let after = if before == time { before } else { before + group };
    CutPoints {
        end: Some(End {
            pts: before,
            dts: before - Time::millis(80),
        }),
        after: Some(keyframe(after)),
    }
}

/// A keyframe two frames before whose time decoding begins.
fn keyframe(pts: Time) -> Keyframe {
    Keyframe {
        pts,
        dts: pts - Time::millis(80),
    }
}

/// What these tests know of the world: a minute of film with a keyframe every two seconds, a 10 s talk, a portrait phone clip, an anamorphic film with mono sound, a clip
/// without sound, a song, a logo, subtitles; and an FFmpeg 5.1 with everything in it.
pub(crate) fn facts() -> Facts {
    let ntsc = Rational::new(30_000, 1001);
    let file = |name: &str, format: &str, duration: Option<i64>, streams: Vec<Stream>| {
        let media = Media {
            path: format!("/media/{name}"),
            hash: format!("hash-of-{name}"),
            bytes: 2_000_000,
            format: format.to_owned(),
            duration: duration.map(Time::seconds),
            start: Time::ZERO,
            lead: Time::ZERO,
            streams: streams
                .into_iter()
                .map(|stream| Stream {
                    duration: duration.map(Time::seconds),
                    ..stream
                })
                .collect(),
        };
        (name.to_owned(), Ok(media))
    };
    let mp4 = "mov,mp4,m4a,3gp,3g2,mj2";
    let media = BTreeMap::from([
        file(
            "talk.mp4",
            mp4,
            Some(10),
            vec![video(1280, 720, Rational::from_integer(25)), audio(48_000, 2)],
        ),
        file("phone.mp4", mp4, Some(6), vec![turned(), audio(44_100, 1)]),
        file(
            "film.avi",
            "avi",
            Some(8),
            vec![anamorphic(ntsc), audio(44_100, 2)],
        ),
        file(
            "silent.mp4",
            mp4,
            Some(5),
            vec![video(640, 361, Rational::from_integer(30))],
        ),
        file(
            "song.mp3",
            "mp3",
            Some(20),
            vec![Stream {
                codec: "mp3".into(),
                ..audio(44_100, 2)
            }],
        ),
        file("long.mp4", mp4, Some(60), vec![joinable(), spliceable()]),
        file("logo.png", "png_pipe", None, vec![still()]),
    ]);
    let cue = |start: i64, text: &str| Cue {
        start: Time::seconds(start),
        end: Time::seconds(start + 2),
        ass: text.to_owned(),
        ass_fields: None,
    };
    let subtitles = SubtitleFile {
        format: SubtitleFormat::Srt,
        charset: "UTF-8".into(),
        charset_guessed: false,
        ass_header: String::new(),
        cues: vec![cue(1, "Hello"), cue(4, "{\\i1}and{\\i0} goodbye")],
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Facts {
        rates: Rates::default(),
        keyframes: BTreeMap::new(),
        media,
        subtitles: BTreeMap::from([("talk.srt".to_owned(), Ok(subtitles))]),
        ffmpeg: Capabilities {
            version: Version { major: 5, minor: 1 },
            build: "test".into(),
            filters: names(&["ass", "subtitles", "ebur128", "zscale"]),
            encoders: names(&[
                "libx264",
                "libx265",
                "libvpx-vp9",
                "mpeg4",
                "gif",
                "png",
                "mjpeg",
                "aac",
                "libmp3lame",
                "libopus",
                "libvorbis",
                "flac",
                "pcm_s16le",
                "pcm_s24le",
                "pcm_s32le",
            ]),
            decoders: names(&["h264"]),
            muxers: names(&[
                "mp4", "mov", "matroska", "webm", "avi", "gif", "mp3", "ipod", "adts", "wav", "flac", "ogg",
                "opus", "image2",
            ]),
            transitions: names(&["fade", "wipeleft", "dissolve"]),
        },
        fonts: Fonts {
            families: names(&["DejaVu Sans"]),
            coverage: vec![(0x20, 0x2FFF)],
            ..Fonts::default()
        },
    }
}

fn stream(codec: &str, facts: StreamFacts) -> Stream {
    let index = u32::from(matches!(facts, StreamFacts::Audio(_)));
    Stream {
        index,
        codec: codec.to_owned(),
        start: Time::ZERO,
        duration: None,
        time_base: None,
        bit_rate: None,
        language: None,
        title: None,
        default: true,
        facts,
    }
}

fn video(width: u32, height: u32, frame_rate: Rational) -> Stream {
    stream("h264", StreamFacts::Video(picture(width, height, frame_rate)))
}

fn picture(width: u32, height: u32, frame_rate: Rational) -> VideoFacts {
    VideoFacts {
        width,
        height,
        rotation: 0,
        mirrored: false,
        sample_aspect: Rational::from_integer(1),
        frame_rate,
        variable_rate: false,
        pixel_format: "yuv420p".into(),
        bit_depth: 8,
        alpha: false,
        still: false,
        interlaced: false,
        color_range: None,
        color_space: None,
        color_primaries: None,
        color_transfer: None,
        profile: None,
        level: None,
        frames: None,
        first_keyframe: None,
        nonzero_first_pts: false,
        in_band_parameter_sets: false,
        edit_list_trims_start: false,
        edit_list_trims_end: false,
        gradual_decoder_refresh: false,
        gop: GopKind::Closed,
        parameter_sets: None,
    }
}

/// What packets can be copied of.
fn joinable() -> Stream {
    let facts = VideoFacts {
        first_keyframe: Some(keyframe(Time::ZERO)),
        parameter_sets: Some("sets".into()),
        ..picture(1280, 720, Rational::from_integer(25))
    };
    Stream {
        time_base: Some(Rational::new(1, 12_800)),
        ..stream("h264", StreamFacts::Video(facts))
    }
}

/// A minute of packets that one encoder made, with its priming in front.
fn spliceable() -> Stream {
    let facts = AudioFacts {
        sample_rate: 48_000,
        channels: 2,
        layout: "stereo".into(),
        sample_format: None,
        profile: Some("LC".into()),
        first_packet: Some(Time::new(Rational::new(-1024, 48_000))),
        packets: Some(2814),
        contiguous: true,
        edit_list_trims_end: false,
    };
    Stream {
        time_base: Some(Rational::new(1, 48_000)),
        ..stream("aac", StreamFacts::Audio(facts))
    }
}

fn turned() -> Stream {
    let facts = VideoFacts {
        rotation: 90,
        variable_rate: true,
        ..picture(720, 1280, Rational::new(2997, 100))
    };
    stream("h264", StreamFacts::Video(facts))
}

fn anamorphic(rate: Rational) -> Stream {
    let facts = VideoFacts {
        sample_aspect: Rational::new(16, 15),
        ..picture(720, 576, rate)
    };
    stream("mpeg4", StreamFacts::Video(facts))
}

fn still() -> Stream {
    let facts = VideoFacts {
        pixel_format: "rgba".into(),
        alpha: true,
        still: true,
        ..picture(200, 101, Rational::from_integer(25))
    };
    stream("png", StreamFacts::Video(facts))
}

fn audio(sample_rate: u32, channels: u16) -> Stream {
    let layout = if channels == 1 { "mono" } else { "stereo" };
    let facts = AudioFacts {
        sample_rate,
        channels,
        layout: layout.into(),
        sample_format: None,
        profile: Some("LC".into()),
        first_packet: None,
        packets: None,
        contiguous: false,
        edit_list_trims_end: false,
    };
    stream("aac", StreamFacts::Audio(facts))
}
