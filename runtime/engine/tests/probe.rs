//! Probes files of many formats.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use support::{Fixture, stream_kinds, video};
use vidc_compiler::facts::{Problem, StreamFacts};
use vidc_compiler::time::{Rational, Time};
use vidc_engine::probe::{Fingerprint, Prober, find_cut_points, probe};

const VIDEO: &str = "-f lavfi -i testsrc2=s=320x240:r=30:d=2";
const H264: &str = "-c:v libx264 -preset ultrafast";

fn assert_near(time: Option<Time>, seconds: f64, tolerance: f64) {
    let time = time.unwrap().as_secs_f64();
    assert!((time - seconds).abs() <= tolerance, "{time} is not {seconds}");
}

#[tokio::test]
async fn rotated_video_has_its_displayed_size() {
    let fixture = Fixture::new();
    fixture.ffmpeg(&format!(
        "{VIDEO} -vf setsar=4/3 {H264} -metadata:s:v:0 language=deu upright.mp4"
    ));
    for (tag, rotation, size) in [
        ("90", 270, (240, 320)),
        ("180", 180, (320, 240)),
        ("270", 90, (240, 320)),
        ("0", 0, (320, 240)),
    ] {
        let media = fixture
            .make_media(&format!(
                "-i upright.mp4 -c copy -metadata:s:v:0 rotate={tag} rotated.mp4"
            ))
            .await;
        let facts = video(&media);
        // FFmpeg takes the tag for degrees counterclockwise when it writes the display matrix.
        assert_eq!(facts.rotation, rotation, "{tag}");
        assert_eq!((facts.width, facts.height), size, "{tag}");
        let aspect = Rational::new(4, 3);
        let swaps_sides = facts.rotation % 180 == 90;
        assert_eq!(
            facts.sample_aspect,
            if swaps_sides { aspect.recip() } else { aspect }
        );
        assert_eq!(media.streams[0].language.as_deref(), Some("deu"));
    }
}

#[tokio::test]
async fn containers_frame_rates_and_durations() {
    let fixture = Fixture::new();
    let avi = fixture
        .make_media(
            "-f lavfi -i testsrc2=s=320x240:r=24000/1001:d=2 -f lavfi -i sine=d=2:r=44100 -vf setsar=4/3 \
             -c:v mpeg4 -c:a libmp3lame a.avi",
        )
        .await;
    assert_eq!((avi.format.as_str(), stream_kinds(&avi).as_str()), ("avi", "va"));
    assert_eq!(video(&avi).frame_rate, Rational::new(24_000, 1001));
    assert_eq!(video(&avi).sample_aspect, Rational::new(4, 3));
    assert!(video(&avi).variable_rate, "FFmpeg drops the second frame in AVI");
    assert_near(avi.streams[0].duration, 2.0, 0.05);
    assert_near(avi.streams[1].duration, 2.0, 0.06);

    let short = fixture
        .make_media(&format!(
            "{VIDEO} -f lavfi -i sine=d=1:r=44100 {H264} -c:a aac -ac 1 short.mp4"
        ))
        .await;
    let (stream, audio) = short.audio().unwrap();
    assert_eq!(
        (audio.sample_rate, audio.channels, audio.layout.as_str()),
        (44_100, 1, "mono")
    );
    assert_near(stream.duration, 1.0, 0.03);
    assert_eq!(short.video().unwrap().0.duration, Some(Time::seconds(2)));
    assert_eq!(video(&short).frames, Some(60));
    assert_eq!(video(&short).frame_rate, Rational::from_integer(30));

    for name in ["a.mkv", "a.ts", "a.flv", "a.mov"] {
        let media = fixture
            .make_media(&format!(
                "{VIDEO} -f lavfi -i sine=d=2:r=44100 -pix_fmt yuv420p -bf 2 -c:v libx264 -c:a aac {name}"
            ))
            .await;
        assert_eq!(stream_kinds(&media), "va", "{name}");
        assert_eq!(video(&media).frame_rate, Rational::from_integer(30), "{name}");
        assert!(!video(&media).variable_rate, "{name}");
        assert_near(media.video().unwrap().0.duration, 2.0, 0.04);
        assert_near(media.audio().unwrap().0.duration, 2.0, 0.06);
        assert_near(media.duration, 2.0, 0.12);
        assert_eq!(
            (video(&media).pixel_format.as_str(), video(&media).bit_depth),
            ("yuv420p", 8)
        );
    }
    let webm = fixture
        .make_media(&format!(
            "{VIDEO} -f lavfi -i sine=d=2 -c:v libvpx -deadline realtime -c:a libopus a.webm"
        ))
        .await;
    assert_near(webm.video().unwrap().0.duration, 2.0, 0.04);
    assert_eq!(webm.audio().unwrap().1.sample_rate, 48_000);
    let ntsc = fixture
        .make_media(&format!(
            "-f lavfi -i testsrc2=s=320x240:r=30000/1001:d=2 {H264} ntsc.mkv"
        ))
        .await;
    assert_eq!(
        video(&ntsc).frame_rate,
        Rational::new(30_000, 1001),
        "with a time base of milliseconds"
    );
    let interlaced = fixture
        .make_media("-f lavfi -i testsrc2=s=720x576:r=25:d=1 -c:v mpeg2video -flags +ildct+ilme -top 1 i.ts")
        .await;
    assert_eq!(video(&interlaced).frame_rate, Rational::from_integer(25));
    assert!(video(&interlaced).interlaced);
}

#[tokio::test]
async fn durations_of_long_files_that_do_not_state_them() {
    let fixture = Fixture::new();
    let long = "-f lavfi -i testsrc2=s=64x64:r=30:d=30 -f lavfi -i sine=d=5:r=44100 -c:v libx264 -g 30 -preset ultrafast \
                -c:a aac";
    for name in ["a.ts", "a.flv", "-f matroska -live 1 live.mkv"] {
        let media = fixture.make_media(&format!("{long} {name}")).await;
        assert_near(media.video().unwrap().0.duration, 30.0, 0.05);
        assert_near(media.audio().unwrap().0.duration, 5.0, 0.06);
        assert_near(media.duration, 30.0, 0.15);
    }
}

#[tokio::test]
async fn variable_frame_rate_is_distinguished_from_inconsistent_headers() {
    let fixture = Fixture::new();
    let vfr = "-vf select='not(mod(n\\,3))+gt(n\\,40)' -vsync vfr";
    for name in ["vfr.mp4", "vfr.mkv"] {
        let media = fixture.make_media(&format!("{VIDEO} {vfr} {H264} {name}")).await;
        assert!(video(&media).variable_rate, "{name}");
    }
    // VFR only after the packets that are read first.
    let late = fixture
        .make_media(&format!(
            "-f lavfi -i testsrc2=s=64x64:r=30:d=60 -vf select='lt(n\\,900)+not(mod(n\\,3))' -vsync vfr {H264} late.mp4"
        ))
        .await;
    assert!(video(&late).variable_rate);
    // After a stream copy from the middle, the reported rates differ although the video is CFR.
    fixture.ffmpeg(&format!(
        "-f lavfi -i testsrc2=s=64x64:r=25:d=20 {H264} -g 100 whole.mp4"
    ));
    let cut = fixture.make_media("-ss 3.5 -i whole.mp4 -c copy cut.mp4").await;
    assert!(!video(&cut).variable_rate);
    assert_eq!(video(&cut).frame_rate, Rational::from_integer(25));
}

#[tokio::test]
async fn still_images_have_no_duration() {
    let fixture = Fixture::new();
    for name in ["a.png", "a.jpg", "a.webp", "a.bmp", "a.tiff", "50%d off.png"] {
        let path = fixture.ffmpeg("-f lavfi -i testsrc=s=64x48 -frames:v 1 a.png");
        let path = if name.contains('%') {
            std::fs::rename(path, fixture.path(name)).unwrap();
            fixture.path(name)
        } else {
            fixture.ffmpeg(&format!("-f lavfi -i testsrc=s=64x48 -frames:v 1 {name}"))
        };
        let media = fixture.probe(&path).await.unwrap();
        assert!(video(&media).still, "{name}");
        assert_eq!(
            (media.duration, media.streams[0].duration),
            (None, None),
            "{name}"
        );
        assert_eq!((video(&media).width, video(&media).height), (64, 48), "{name}");
        assert_eq!(media.path, path.to_string_lossy(), "{name}");
    }
    let photo = fixture.ffmpeg("-f lavfi -i testsrc=s=64x48 -frames:v 1 photo.jpg");
    let upright = std::fs::read(&photo).unwrap();
    for (orientation, rotation, mirrored) in [(1, 0, false), (3, 180, false), (5, 90, true), (6, 90, false)] {
        // Exif: a TIFF with one entry, the orientation (CIPA DC-008, 4.6.4).
        let exif = [
            b"\xff\xe1\0\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0",
            &[orientation][..],
            &[0; 6],
        ];
        std::fs::write(&photo, [&upright[..2], &exif.concat(), &upright[2..]].concat()).unwrap();
        let media = fixture.probe(&photo).await.unwrap();
        let video = video(&media);
        assert_eq!(video.rotation % 180, rotation % 180, "{orientation}");
        assert_eq!(video.mirrored, mirrored, "{orientation}");
        let size = if rotation == 90 { (48, 64) } else { (64, 48) };
        assert_eq!((video.width, video.height), size, "{orientation}");
    }
    let jpeg = fixture.ffmpeg("-f lavfi -i testsrc=s=64x48 -frames:v 1 plain.jpg");
    std::fs::rename(&jpeg, fixture.path("a%03d.jpg")).unwrap();
    let media = fixture.probe(&fixture.path("a%03d.jpg")).await.unwrap();
    assert!(video(&media).still, "a name that image2 takes for a sequence");
    let media = fixture
        .make_media("-f lavfi -i color=red@0.5:s=64x48,format=rgba -frames:v 1 alpha.png")
        .await;
    assert!(video(&media).alpha);
    let gif = fixture
        .make_media("-f lavfi -i testsrc=s=64x48:r=10:d=1 a.gif")
        .await;
    assert!(!video(&gif).still);
    assert_eq!(video(&gif).frame_rate, Rational::from_integer(10));
    assert_near(gif.duration, 1.0, 0.11);
}

#[tokio::test]
async fn audio_files() {
    let fixture = Fixture::new();
    fixture.ffmpeg("-f lavfi -i testsrc=s=64x48 -frames:v 1 cover.jpg");
    let mp3 = fixture
        .make_media(
            "-f lavfi -i sine=d=2:r=44100 -i cover.jpg -map 0 -map 1 -c:a libmp3lame -c:v copy \
             -disposition:v attached_pic -id3v2_version 3 cover.mp3",
        )
        .await;
    assert_eq!(stream_kinds(&mp3), "a", "the cover is not a video");
    assert_near(mp3.duration, 2.0, 0.08);
    for (name, format) in [("a.wav", "wav"), ("a.flac", "flac")] {
        let media = fixture
            .make_media(&format!("-f lavfi -i anoisesrc=d=1.5:r=48000 -ac 2 {name}"))
            .await;
        assert_eq!(media.format, format);
        assert_eq!(
            media.audio().unwrap().0.duration,
            Some(Time::millis(1500)),
            "{name}"
        );
        assert_eq!(media.audio().unwrap().1.channels, 2);
    }
}

#[tokio::test]
async fn files_that_are_not_media_are_explained() {
    let fixture = Fixture::new();
    let reason_for = async |path: std::path::PathBuf| match fixture.probe(&path).await {
        Err(Problem::Unreadable(reason)) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        fixture.probe(&fixture.path("nothing.mp4")).await,
        Err(Problem::Missing)
    );
    assert!(reason_for(fixture.write("empty.mp4", "")).await.contains("empty"));
    assert!(reason_for(fixture.path(".")).await.contains("directory"));
    let garbage: Vec<u8> = (0..4096_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    for (name, bytes) in [
        ("garbage.mp4", garbage),
        ("page.mp4", b"<!doctype html><title>404</title>".to_vec()),
        ("notes.txt", b"Not a video.\nReally.\n".to_vec()),
        ("list.mp4", b"ffconcat version 1.0\nfile /etc/passwd\n".to_vec()),
        (
            "list.m3u8",
            b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n".to_vec(),
        ),
    ] {
        let reason = reason_for(fixture.write(name, bytes)).await;
        assert!(reason.contains("not"), "{name}: {reason}");
        assert!(!reason.contains("0x"), "{name}: {reason}");
    }
    let whole = std::fs::read(fixture.ffmpeg(&format!("{VIDEO} {H264} whole.mp4"))).unwrap();
    let reason = reason_for(fixture.write("cut.mp4", &whole[..whole.len() / 2])).await;
    assert!(reason.contains("cut short"), "{reason}");
}

#[tokio::test]
async fn the_cache_is_keyed_by_the_file() {
    let mut fixture = Fixture::new();
    fixture.wrap_ffprobe("a release");
    let path = fixture.ffmpeg("-f lavfi -i sine=d=1 a.wav");
    let first = fixture.probe(&path).await.unwrap();
    assert_eq!(
        first.hash,
        blake3::hash(&std::fs::read(&path).unwrap()).to_hex().to_string()
    );
    // A cached result needs no ffprobe.
    fixture.write("ffprobe-fails", "");
    assert_eq!(fixture.probe(&path).await.unwrap(), first);
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    std::fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(modified + Duration::from_nanos(1))
        .unwrap();
    assert!(fixture.probe(&path).await.is_err(), "it may have changed");
    std::fs::remove_file(fixture.path("ffprobe-fails")).unwrap();
    for entry in std::fs::read_dir(fixture.path("cache/media")).unwrap() {
        std::fs::write(entry.unwrap().path(), "{").unwrap();
    }
    assert_eq!(
        fixture.probe(&path).await.unwrap().hash,
        first.hash,
        "a damaged entry is a miss"
    );
}

#[tokio::test]
async fn metadata_fingerprints_do_not_read_the_content() {
    let fixture = Fixture::new();
    let path = fixture.ffmpeg("-f lavfi -i sine=d=1 a.wav");
    let metadata_hash = async || {
        let prober = Prober {
            fingerprint: Fingerprint::Metadata,
            ..fixture.prober()
        };
        probe(&prober, &path).await.unwrap().hash
    };
    let before = metadata_hash().await;
    let content = blake3::hash(&std::fs::read(&path).unwrap()).to_hex().to_string();
    assert_ne!(before, content);
    assert_eq!(metadata_hash().await, before);
    assert_eq!(fixture.probe(&path).await.unwrap().hash, content);
    assert_eq!(metadata_hash().await, content, "the content hash is cached now");
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let touched = metadata_hash().await;
    assert!(
        touched != before && touched != content,
        "the file may have changed"
    );
    assert_eq!(fixture.probe(&path).await.unwrap().hash, content);
}

#[tokio::test]
async fn the_cache_is_keyed_by_ffprobe() {
    let mut fixture = Fixture::new();
    fixture.wrap_ffprobe("a release");
    let media = fixture
        .make_media(&format!("{VIDEO} {H264} -bf 0 -g 15 a.mkv"))
        .await;
    let path = fixture.path("a.mkv");
    let at = Time::millis(700);
    let cut_points = find_cut_points(&fixture.tools, &fixture.cache, &media, at).await;
    assert_eq!(cut_points.after.unwrap().pts, Time::seconds(1));
    fixture.write("ffprobe-fails", "");
    assert_eq!(fixture.probe(&path).await.unwrap(), media);
    assert_eq!(
        find_cut_points(&fixture.tools, &fixture.cache, &media, at).await,
        cut_points
    );
    fixture.wrap_ffprobe("a newer release");
    assert!(fixture.probe(&path).await.is_err());
    assert_ne!(
        find_cut_points(&fixture.tools, &fixture.cache, &media, at).await,
        cut_points
    );
}

#[tokio::test]
async fn subtitle_and_other_streams_are_listed() {
    let fixture = Fixture::new();
    fixture.write("a.srt", "1\n00:00:00,500 --> 00:00:01,000\nhi\n");
    let media = fixture
        .make_media(&format!(
            "{VIDEO} -i a.srt {H264} -c:s srt -metadata:s:s:0 title=English subs.mkv"
        ))
        .await;
    assert_eq!(stream_kinds(&media), "vs");
    assert!(matches!(media.streams[1].facts, StreamFacts::Subtitle));
    assert_eq!(media.streams[1].title.as_deref(), Some("English"));
}
