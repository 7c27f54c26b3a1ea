//! Small files of many kinds. Each frame is unlike the others and each moment of sound is, so that what is shown or
//! heard at the wrong time is seen.

use std::path::PathBuf;

use vidc_tests::fixture;

/// A file that recipes use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Medium {
    pub(super) name: &'static str,
    /// How long it is, seconds.
    pub(super) length: f64,
    /// Frames per second; none if it is only sound.
    pub(super) rate: Option<f64>,
}

const fn medium(name: &'static str, length: f64, rate: f64) -> Medium {
    Medium {
        name,
        length,
        rate: Some(rate),
    }
}

const fn song(name: &'static str, length: f64) -> Medium {
    Medium {
        name,
        length,
        rate: None,
    }
}

/// Moving pictures, from simple to strange: a failing recipe shrinks towards the first.
pub(super) const CLIPS: &[Medium] = &[
    medium("main.mp4", 6.0, 25.0),
    medium("twin.mp4", 4.0, 25.0),
    medium("mute.mp4", 4.0, 25.0),
    medium("open.mp4", 5.0, 25.0),
    medium("plain.mov", 4.0, 25.0),
    medium("short.mp4", 4.0, 25.0),
    medium("mono.mp4", 4.0, 30_000.0 / 1001.0),
    medium("late.mov", 4.2, 25.0),
    medium("edited.mp4", 3.5, 25.0),
    medium("clip.mkv", 4.0, 30.0),
    medium("film.avi", 4.0, 24_000.0 / 1001.0),
    medium("uneven.mp4", 4.0, 20.0),
    medium("turned.mp4", 4.0, 25.0),
];

/// Sounds.
pub(super) const SONGS: &[Medium] = &[
    song("song.flac", 5.0),
    song("song.mp3", 5.0),
    song("voice.m4a", 2.0),
];

/// Still pictures.
pub(super) const OTHERS: &[&str] = &["still.png"];

/// Subtitles, `words.srt`.
pub(super) const WORDS: &str = "1\n00:00:00,300 --> 00:00:01,400\nThe first words\n\n\
    2\n00:00:01,600 --> 00:00:03,000\nand more of them\n\n3\n00:00:03,200 --> 00:00:05,500\nuntil they end\n";

/// Where a file is; it is made if it is not there.
pub(super) fn path(name: &str) -> PathBuf {
    fixture::generated_file(name, &arguments(name))
}

/// Cells of a random brightness and tint; a quarter of them change with each frame.
fn cells(size: &str, rate: &str, seconds: f64, seed: u32) -> String {
    let random = |salt: u32| {
        format!("mod(abs(sin((X+16*Y)*12.9898+floor((N+(X+3*Y)*7)/4)*78.233+{salt}))*43758.5453,1)")
    };
    let flags = size.replace('x', ":");
    format!(
        "-f lavfi -i color=black:s=16x9:r={rate}:d={seconds},format=yuv444p,\
         geq=lum='24+200*{}':cb='96+64*{}':cr='96+64*{}',scale={flags}:flags=neighbor,format=yuv420p",
        random(seed),
        random(seed + 1),
        random(seed + 2)
    )
}

/// Rising tones, each louder or softer than the one before; the second channel is another voice.
fn tones(rate: u32, seconds: f64, seed: u32, stereo: bool) -> String {
    let voice = |low: u32, swing: u32| {
        format!(
            "(0.1+0.25*mod(abs(sin(floor(t/0.35)*91.7+{seed}))*437.5,1))\
             *sin(2*PI*({low}+{seed}*13)*t+2*PI*{swing}*mod(t,0.35)*mod(t,0.35))"
        )
    };
    let second = if stereo {
        format!("|{}", voice(500, 900))
    } else {
        String::new()
    };
    format!(
        "-f lavfi -i aevalsrc='{}{second}':s={rate}:d={seconds}",
        voice(330, 1400)
    )
}

/// H.264 with a keyframe at every so many frames.
fn x264(group: u32, more: &str) -> String {
    format!(
        "-c:v libx264 -preset veryfast -crf 16 -bf 2 -g {group} -keyint_min {group} -sc_threshold 0 \
         -x264-params b-pyramid=none{more}"
    )
}

fn arguments(name: &str) -> String {
    let small = |seconds, seed| cells("160x90", "25", seconds, seed);
    let aac = "-c:a aac -b:a 128k";
    match name {
        "main.mp4" => format!(
            "{} {} {} {aac}",
            small(6.0, 1),
            tones(48_000, 6.0, 1, true),
            x264(12, "")
        ),
        "twin.mp4" => format!(
            "{} {} {} {aac}",
            small(4.0, 2),
            tones(48_000, 4.0, 2, true),
            x264(10, "")
        ),
        "mute.mp4" => format!("{} {}", small(4.0, 3), x264(12, "")),
        // Groups that lean on the one before.
        "open.mp4" => format!(
            "{} {} {} {aac}",
            small(5.0, 4),
            tones(48_000, 5.0, 4, true),
            x264(15, ":open-gop=1")
        ),
        "plain.mov" => format!(
            "{} {} {} -c:a pcm_s16le",
            small(4.0, 5),
            tones(48_000, 4.0, 5, true),
            x264(25, "")
        ),
        "short.mp4" => format!(
            "{} {} {} {aac}",
            small(4.0, 6),
            tones(48_000, 1.5, 6, true),
            x264(12, "")
        ),
        "mono.mp4" => format!(
            "{} {} {} {aac}",
            cells("160x90", "30000/1001", 4.004, 7),
            tones(44_100, 4.004, 7, false),
            x264(15, "")
        ),
        // The picture begins a fifth of a second after the sound.
        "late.mov" => format!(
            "-itsoffset 0.2 {} {} {} {aac}",
            small(4.0, 8),
            tones(48_000, 4.2, 8, true),
            x264(12, "")
        ),
        // Packets before its beginning are hidden by an edit list.
        "edited.mp4" => format!("-ss 2.5 -i {} -c copy", path("main.mp4").display()),
        "clip.mkv" => format!(
            "{} {} {} -c:a flac",
            cells("320x180", "30", 4.0, 9),
            tones(48_000, 4.0, 9, true),
            x264(30, "")
        ),
        "film.avi" => format!(
            "{} {} -c:v mpeg4 -q:v 2 -g 12 -vf setsar=4/3 -c:a libmp3lame -b:a 160k",
            cells("160x120", "24000/1001", 4.004, 10),
            tones(48_000, 4.004, 10, true)
        ),
        // Two of three frames.
        "uneven.mp4" => format!(
            "{} {} -vf select='mod(n,3)' -fps_mode vfr {} {aac}",
            cells("160x90", "30", 4.0, 11),
            tones(48_000, 4.0, 11, true),
            x264(12, "")
        ),
        "lying.mp4" => format!(
            "{} {} {} {aac}",
            small(4.0, 12),
            tones(48_000, 4.0, 12, true),
            x264(12, "")
        ),
        "turned.mp4" => format!(
            "-i {} -c copy -metadata:s:v rotate=270",
            path("lying.mp4").display()
        ),
        "song.flac" => format!("{} -c:a flac", tones(48_000, 5.0, 13, true)),
        "song.mp3" => format!("{} -c:a libmp3lame -b:a 160k", tones(44_100, 5.0, 14, true)),
        "voice.m4a" => format!("{} {aac}", tones(48_000, 2.0, 15, false)),
        "still.png" => format!("{} -frames:v 1", cells("120x80", "25", 1.0, 16)),
        _ => panic!("no file is called {name}"),
    }
}
