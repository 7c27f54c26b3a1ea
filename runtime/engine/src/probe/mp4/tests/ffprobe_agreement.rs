//! Compares the index reader with ffprobe on files made by FFmpeg.

use std::path::Path;

use vidc_compiler::time::Time;

use super::Fixture;
use crate::probe::inspect::inspect_for_copy;
use crate::probe::mp4::movie::Movie;
use crate::probe::reader::MediaReader;

const VIDEO: &str = "-f lavfi -i testsrc2=s=320x240:r=30:d=4";
const AUDIO: &str = "-f lavfi -i sine=d=4:r=48000";
const H264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 30";
/// H.264 with reordered frames.
const BFRAMES: &str = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 30 -bf 3";

#[tokio::test]
async fn example_media() {
    let fixture = Fixture::new();
    let media = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/media");
    // The examples' media may not have been made.
    let Ok(entries) = std::fs::read_dir(media) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|e| e == "mp4" || e == "mov" || e == "m4a")
        {
            fixture.assert_agreement_on(&path, &path.to_string_lossy()).await;
        }
    }
    fixture.finish();
}

#[tokio::test]
async fn video_formats_and_metadata() {
    let fixture = Fixture::new();
    let arguments = |codec: &str, rest: &str| format!("{VIDEO} {codec} {rest}");
    for (rest, name) in [
        ("-bf 0", "plain.mp4"),
        ("-movflags +faststart", "front.mp4"),
        ("-profile:v baseline", "baseline.mp4"),
        ("-vf setsar=4/3", "anamorphic.mp4"),
        ("-vf setsar=64/45", "wide.mov"),
        ("-vf scale=322:182", "cropped.mp4"),
        (
            "-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv",
            "colors.mp4",
        ),
        (
            "-colorspace bt470bg -color_primaries bt470bg -color_trc gamma28",
            "pal.mov",
        ),
        (
            "-colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m",
            "ntsc.mov",
        ),
        (
            "-colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084",
            "dark.mp4",
        ),
        (
            "-colorspace bt2020nc -color_primaries bt2020 -color_trc arib-std-b67",
            "broadcast.mov",
        ),
        ("-color_range pc", "full.mp4"),
        ("-movflags write_colr -color_trc iec61966-2-1", "srgb.mp4"),
        ("-video_track_timescale 12345", "odd-timescale.mp4"),
        ("-video_track_timescale 1000", "coarse-timescale.mp4"),
        ("-r 30000/1001", "ntsc.mp4"),
        ("-r 24000/1001", "film.mov"),
        ("-r 12.34", "odd-rate.mp4"),
        ("-t 0.03", "one-frame.mp4"),
        ("-t 0.06", "two-frames.mp4"),
        ("-metadata title=A -metadata:s:v language=deu", "named.mp4"),
        ("-metadata:s:v language=fra", "named.mov"),
        ("-disposition:v 0", "not-default.mp4"),
        ("-brand mp42", "brand.mp4"),
        ("-use_editlist 0", "no-edits.mp4"),
        ("-movflags negative_cts_offsets", "negative.mp4"),
        (
            "-movflags negative_cts_offsets -use_editlist 0",
            "negative-no-edits.mp4",
        ),
        ("-empty_hdlr_name 1", "nameless.mp4"),
        // Timescales that need 64-bit times.
        ("-video_track_timescale 1000000000", "fine-timescale.mp4"),
        (
            "-video_track_timescale 1000000000 -output_ts_offset 3",
            "fine-timescale.mov",
        ),
        ("-x264-params pic-struct=1", "frames.mp4"),
        ("-x264-params intra-refresh=1", "refreshed.mp4"),
        ("-map 0 -map 0 -s:v:1 160x120", "two.mp4"),
    ] {
        fixture
            .assert_agreement(&arguments(BFRAMES, &format!("{rest} {name}")))
            .await;
    }
    for (format, profile) in [
        ("yuv422p", ""),
        ("yuv444p", ""),
        ("yuv420p10le", ""),
        ("yuv422p10le", ""),
        ("yuv444p10le", ""),
        ("yuvj420p", ""),
        ("yuvj422p", ""),
        ("yuvj444p", ""),
        ("yuv420p", "-profile:v main"),
        ("yuv420p10le", "-x264-params keyint=1"),
    ] {
        let codec = format!("-c:v libx264 -preset veryfast -pix_fmt {format} {profile} -g 30");
        fixture.assert_agreement(&arguments(&codec, "format.mp4")).await;
    }
    fixture.ffmpeg(&arguments(H264, "upright.mp4"));
    for degrees in ["90", "180", "270"] {
        fixture
            .assert_agreement(&format!(
                "-i upright.mp4 -c copy -metadata:s:v rotate={degrees} turned.mp4"
            ))
            .await;
    }
    fixture.finish();
}

#[tokio::test]
async fn audio_and_timed_text() {
    let fixture = Fixture::new();
    let text = "1\n00:00:00,500 --> 00:00:01,000\nhi\n\n2\n00:00:02,000 --> 00:00:03,000\n<i>ho</i>\n";
    std::fs::write(fixture.path("a.srt"), text).unwrap();
    std::fs::write(fixture.path("late.srt"), "1\n00:00:03,000 --> 00:00:03,500\nhi\n").unwrap();
    for (codec, name) in [
        ("-c:a aac", "stereo.m4a"),
        ("-c:a aac -ac 1 -ar 44100", "mono.m4a"),
        ("-c:a aac -ac 6", "six.mp4"),
        ("-af pan=5.0|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0 -c:a aac", "five.mp4"),
        ("-af pan=4.0|c0=c0|c1=c0|c2=c0|c3=c0 -c:a aac", "four.mp4"),
        ("-af pan=3.0|c0=c0|c1=c0|c2=c0 -c:a aac", "three.mp4"),
        ("-c:a aac -ar 22050", "low.m4a"),
        ("-c:a aac -ar 8000 -ac 1", "lowest.mov"),
        ("-c:a aac -ar 96000", "high.mov"),
        (
            "-c:a aac -metadata title=Song -metadata artist=Nobody -metadata track=1/2",
            "tagged.m4a",
        ),
        ("-c:a aac -use_editlist 0", "no-edits.m4a"),
        ("-c:a aac -b:a 32k", "thin.mp4"),
    ] {
        fixture.assert_agreement(&format!("{AUDIO} {codec} {name}")).await;
        fixture
            .assert_agreement(&format!("{VIDEO} {AUDIO} {BFRAMES} {codec} both-{name}.mp4"))
            .await;
        fixture
            .assert_agreement(&format!("{VIDEO} {AUDIO} {BFRAMES} {codec} both-{name}.mov"))
            .await;
    }
    let two = format!(
        "{VIDEO} {AUDIO} {AUDIO} -map 0 -map 1 -map 2 {H264} -c:a aac -metadata:s:a:0 language=eng \
         -metadata:s:a:1 language=fra -disposition:a:1 default"
    );
    fixture.assert_agreement(&format!("{two} two.mp4")).await;
    fixture.assert_agreement(&format!("{two} two.mov")).await;
    for srt in ["a.srt", "late.srt"] {
        let texts = format!(
            "{VIDEO} {AUDIO} -i {srt} -i {srt} -map 0 -map 1 -map 2 -map 3 {BFRAMES} -c:a aac -c:s mov_text"
        );
        fixture
            .assert_agreement(&format!(
                "{texts} -metadata:s:s:0 language=deu -disposition:s:1 default texts.mp4"
            ))
            .await;
        fixture.assert_agreement(&format!("{texts} texts.mov")).await;
        for rest in ["-map 0", "-map 0:s -map 0:a -map 0:v"] {
            fixture
                .assert_agreement(&format!("-ss 1.3 -i texts.mp4 -c copy {rest} cut-texts.mp4"))
                .await;
        }
    }
    // Audio and video that begin at different times.
    for (offset, which) in [
        ("0.5", "-map 0 -map 1"),
        ("1.234", "-map 1 -map 0"),
        ("-0.4", "-map 0 -map 1"),
    ] {
        fixture
            .assert_agreement(&format!(
                "{VIDEO} -itsoffset {offset} {AUDIO} {which} {BFRAMES} -c:a aac late.mp4"
            ))
            .await;
        fixture
            .assert_agreement(&format!(
                "-itsoffset {offset} {VIDEO} {AUDIO} {which} {BFRAMES} -c:a aac late.mov"
            ))
            .await;
    }
    fixture.finish();
}

#[tokio::test]
async fn cut_concatenated_and_long_files() {
    let fixture = Fixture::new();
    fixture.ffmpeg(&format!("{VIDEO} {AUDIO} {BFRAMES} -c:a aac whole.mp4"));
    for (from, rest) in [
        ("0.5", ""),
        ("1", ""),
        ("1.3", "-t 1.2"),
        ("2.01", "-t 0.5"),
        ("1.3", "-avoid_negative_ts make_zero"),
        ("1.3", "-avoid_negative_ts disabled"),
        ("1.3", "-copyts"),
        ("1.3", "-an"),
        ("1.3", "-vn"),
        ("1.3", "-copyinkf"),
        ("0.7", "-use_editlist 0"),
        ("0.7", "-output_ts_offset 2.5"),
    ] {
        for name in ["cut.mp4", "cut.mov"] {
            fixture
                .assert_agreement(&format!("-ss {from} -i whole.mp4 -c copy {rest} {name}"))
                .await;
            fixture
                .assert_agreement(&format!("-i whole.mp4 -ss {from} -c copy {rest} {name}"))
                .await;
        }
    }
    // A cut of a cut, and a cut with re-encoded audio.
    fixture.ffmpeg("-ss 1.3 -i whole.mp4 -c copy cut.mp4");
    fixture
        .assert_agreement("-ss 0.4 -i cut.mp4 -c copy again.mp4")
        .await;
    fixture.assert_agreement("-i cut.mp4 -c copy through.mp4").await;
    fixture
        .assert_agreement("-ss 1.3 -i whole.mp4 -c:v copy -c:a aac sound.mp4")
        .await;
    std::fs::write(
        fixture.path("list.txt"),
        "ffconcat version 1.0\nfile cut.mp4\nfile whole.mp4\nfile cut.mp4\nduration 4.2\nfile whole.mp4\ninpoint 1.5\n",
    )
    .unwrap();
    fixture
        .assert_agreement("-f concat -i list.txt -c copy joined.mp4")
        .await;
    fixture
        .assert_agreement("-f concat -i list.txt -c copy joined.mov")
        .await;
    let long = "-itsoffset 3 -f lavfi -i testsrc2=s=64x64:r=30:d=120 -f lavfi -i sine=d=100:r=44100 -c:a aac";
    fixture
        .assert_agreement(&format!("{long} {BFRAMES} -g 150 long.mp4"))
        .await;
    fixture
        .assert_agreement(&format!(
            "{long} {H264} -movflags +faststart -flush_packets 0 long.mov"
        ))
        .await;
    // One track far after the other, in time or in the file.
    for length in ["300000", "900000", "1500000", "4000000"] {
        fixture
            .assert_agreement(&format!("{long} {BFRAMES} -chunk_duration {length} chunks.mp4"))
            .await;
    }
    fixture
        .assert_agreement(&format!("{long} {BFRAMES} -max_interleave_delta 0 apart.mp4"))
        .await;
    fixture.finish();
}

#[tokio::test]
async fn variable_frame_rates() {
    let fixture = Fixture::new();
    for (filter, rest) in [
        ("select='not(mod(n\\,3))+gt(n\\,40)'", ""),
        ("select='not(mod(n\\,3))'", ""),
        ("select='lt(n\\,90)+not(mod(n\\,3))'", ""),
        ("select='not(eq(n\\,50))'", ""),
        ("setpts=PTS+random(0)*100", "-video_track_timescale 90000"),
        ("setpts=PTS+0.3*random(0)/30/TB", "-video_track_timescale 90000"),
        ("setpts=N*N*40", ""),
        ("setpts=if(gte(N\\,60)\\,PTS+5/TB\\,PTS)", ""),
        ("settb=1/90000,setpts=N*3003", "-video_track_timescale 90000"),
        (
            "settb=1/90000,setpts=N*3003+mod(N\\,2)",
            "-video_track_timescale 90000",
        ),
    ] {
        for codec in [H264, BFRAMES] {
            fixture
                .assert_agreement(&format!(
                    "{VIDEO} -vf {filter} -vsync vfr -enc_time_base -1 {codec} {rest} vfr.mp4"
                ))
                .await;
        }
    }
    let late = "-f lavfi -i testsrc2=s=64x64:r=30:d=60 -vf select='lt(n\\,900)+not(mod(n\\,3))' -vsync vfr";
    fixture
        .assert_agreement(&format!("{late} {BFRAMES} late.mp4"))
        .await;
    fixture.finish();
}

#[tokio::test]
async fn open_gops() {
    let fixture = Fixture::new();
    let open = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -bf 3 -x264-params keyint=30:open-gop=1";
    fixture
        .assert_agreement(&format!("{VIDEO} {open} open.mp4"))
        .await;
    fixture
        .assert_agreement(&format!("{VIDEO} {open} open.mov"))
        .await;
    fixture.ffmpeg(&format!("{VIDEO} {open} open.mp4"));
    fixture
        .assert_agreement("-ss 1.5 -i open.mp4 -c copy -metadata comment=open-gop cut.mp4")
        .await;
    fixture.finish();
}

#[tokio::test]
async fn in_band_parameter_sets() {
    let fixture = Fixture::new();
    fixture.ffmpeg(&format!("{VIDEO} {AUDIO} {BFRAMES} -c:a aac whole.mp4"));
    let same = "-c:v libx264 -preset veryfast -crf 17 -pix_fmt yuv420p -bf 3";
    fixture.ffmpeg(&format!("{VIDEO} -t 0.7 {same} -x264-params sps-id=1 head.mp4"));
    fixture.ffmpeg(&format!(
        "{VIDEO} -t 0.7 {same} -vf hflip -profile:v main other.mp4"
    ));
    fixture
        .assert_agreement("-i whole.mp4 -c copy -tag:v avc3 in-band.mp4")
        .await;
    fixture
        .assert_agreement("-ss 1.3 -i whole.mp4 -c copy -tag:v avc3 in-band.mov")
        .await;
    for first in ["head.mp4", "other.mp4"] {
        std::fs::write(
            fixture.path("list.txt"),
            format!("file {first}\nfile whole.mp4\ninpoint 1\n"),
        )
        .unwrap();
        let joined = "-f concat -i list.txt -c copy -tag:v avc3 joined.mp4";
        match first {
            "head.mp4" => fixture.assert_agreement(joined).await,
            _ => fixture.assert_unsupported(joined, "in-band SPS differs"),
        }
    }
    fixture.finish();
}

#[tokio::test]
async fn unsupported_files_are_left_to_ffprobe() {
    let fixture = Fixture::new();
    fixture.ffmpeg(&format!("{VIDEO} {AUDIO} {H264} -c:a aac whole.mp4"));
    fixture.ffmpeg("-f lavfi -i testsrc=s=64x48 -frames:v 1 cover.jpg");
    for (arguments, reason) in [
        (
            "-i whole.mp4 -c copy -movflags frag_keyframe+empty_moov frag.mp4",
            "unknown box",
        ),
        (
            "-i whole.mp4 -c copy -movflags frag_keyframe frag.mp4",
            "unknown box",
        ),
        (
            "-i whole.mp4 -c copy -timecode 01:00:00:00 timecode.mov",
            "unknown box",
        ),
        (
            "-i whole.mp4 -c copy -metadata:s:v title=Title title.mp4",
            "unknown box",
        ),
        (
            "-i whole.mp4 -c copy -movflags use_metadata_tags -metadata a=b keys.mp4",
            "unknown box",
        ),
        (
            "-i whole.mp4 -i cover.jpg -map 0 -map 1 -c copy -disposition:v:1 attached_pic cover.mp4",
            "cover",
        ),
        (
            "-i whole.mp4 -c:v copy -c:a ac3 other.mp4",
            "not H.264, AAC or timed text",
        ),
        (
            "-i whole.mp4 -c:v copy -c:a pcm_s16le other.mov",
            "not H.264, AAC or timed text",
        ),
        (
            "-i whole.mp4 -c:v mpeg4 -c:a copy other.mp4",
            "not H.264, AAC or timed text",
        ),
        (
            "-i whole.mp4 -c:a copy -c:v libx264 -flags +ildct+ilme interlaced.mp4",
            "interlaced",
        ),
        (
            "-i whole.mp4 -an -c:v libx264 -pix_fmt gray gray.mp4",
            "chroma format",
        ),
        ("-i whole.mp4 -an -c:v libx264rgb rgb.mp4", "color code point"),
        ("-i whole.mp4 -c copy -movflags +rtphint hints.mp4", "unknown box"),
        (
            "-i whole.mp4 -an -vf hflip -c:v libx264 -x264-params fake-interlaced=1 fake.mp4",
            "interlaced",
        ),
        ("-i whole.mp4 -c copy whole.mkv", ""),
    ] {
        fixture.assert_unsupported(arguments, reason);
    }
    let encrypted = "-i whole.mp4 -c copy -encryption_scheme cenc-aes-ctr -encryption_key \
                     76a6c65c5ea762046bd749a2e632ccbb -encryption_kid a7e61c373e219033c21091fa607bf3b8 secret.mp4";
    fixture.assert_unsupported(encrypted, "unknown box");
    std::fs::write(
        fixture.path("chapters.txt"),
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=2\ntitle=One\n",
    )
    .unwrap();
    let chapters = "-i whole.mp4 -i chapters.txt -map 0 -map_chapters 1 -c copy chapters.mp4";
    fixture.assert_unsupported(chapters, "unknown box");
    fixture.finish();
}

#[tokio::test]
async fn truncated_files_are_left_to_ffprobe() {
    let fixture = Fixture::new();
    let path = fixture.ffmpeg(&format!(
        "{VIDEO} {AUDIO} {H264} -c:a aac -movflags +faststart front.mp4"
    ));
    let whole = std::fs::read(&path).unwrap();
    assert!(Movie::read(&path).is_ok());
    for twentieths in 0..20 {
        let truncated = fixture.path("truncated.mp4");
        std::fs::write(&truncated, &whole[..whole.len() * twentieths / 20]).unwrap();
        assert!(Movie::read(&truncated).is_err(), "{twentieths} twentieths");
    }
    std::fs::write(&path, [&whole[..], b"more"].concat()).unwrap();
    assert!(Movie::read(&path).is_err());
    fixture.finish();
}

#[tokio::test]
async fn gradual_decoder_refresh_is_detected() {
    let fixture = Fixture::new();
    for (parameters, is_gradual) in [
        ("intra-refresh=1", true),
        ("open-gop=1:scenecut=0", false),
        ("scenecut=0", false),
        ("slices=4:scenecut=0", false),
    ] {
        for container in ["mp4", "mkv"] {
            let name = format!("{}.{container}", parameters.replace([':', '='], "-"));
            let path = fixture.ffmpeg(&format!("{VIDEO} {BFRAMES} -x264-params {parameters} {name}"));
            let (media, _) = inspect_for_copy(&fixture.tools, &path).await.unwrap();
            assert_eq!(
                media.video().unwrap().1.gradual_decoder_refresh,
                is_gradual,
                "{name}"
            );
            let by_ffprobe = MediaReader::with_ffprobe(&fixture.tools, &path);
            assert_eq!(
                by_ffprobe
                    .has_gradual_decoder_refresh(0, Some(Time::seconds(4)))
                    .await,
                Ok(is_gradual),
                "{name}"
            );
        }
    }
}
