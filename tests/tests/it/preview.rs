//! Previews of a recipe while it is edited.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;
use ureq::http::Method;
use vidc_tests::audio::decode_audio;
use vidc_tests::fixture::{Fixture, generated_file};
use vidc_tests::media::{beeps, decode, flashes};
use vidc_tests::server::{Client, Process};
use vidc_tests::video::{frame_numbers, frames, is_close};
use vidc_tests::{run, vidc};

use crate::VIDC;

/// Red, then lime, then another color: five seconds and two fifths, with a sound.
fn recipe(last: &str) -> String {
    let card =
        |color: &str, duration: &str| format!("color({color}, size: 320x180, fps: 25, duration: {duration})");
    let cards = [card("red", "2s"), card("lime", "2s"), card(last, "1.4s")].join(", ");
    format!("input tone = \"low.wav\"\noutput(\"o.mp4\", from: concat([{cards}]) | mix(tone))\n")
}

fn fixture() -> Fixture {
    let fixture = Fixture::with(VIDC, &["low.wav"]);
    fixture.write("r.vidc", recipe("blue"));
    fixture
}

#[test]
fn one_frame() {
    let fixture = fixture();
    let frame = |at: &str| {
        let path = fixture.path("frame.png");
        run(vidc(VIDC, &fixture.path("")).args(["preview", "--frame", at, "r.vidc"])).expect(0);
        frames(&path).remove(0)
    };
    for (at, color) in [
        ("0s", [255, 0, 0]),
        ("1960ms", [255, 0, 0]),
        ("2s", [0, 255, 0]),
        ("0:05.39", [0, 0, 255]),
    ] {
        let seen = frame(at);
        assert_eq!((seen.width, seen.height), (320, 180));
        assert!(
            is_close(seen.at(160, 90), color, 12),
            "{at}: {:?}",
            seen.at(160, 90)
        );
    }
    let past = run(vidc(VIDC, &fixture.path("")).args(["preview", "--frame", "5.4s", "r.vidc"])).expect(2);
    assert!(
        past.stderr.contains("`o.mp4` has no frame at 5.4 s"),
        "{}",
        past.stderr
    );
    let other =
        run(vidc(VIDC, &fixture.path("")).args(["preview", "--frame", "1s", "--show", "x", "r.vidc"]));
    assert!(other.expect(2).stderr.contains("outputs with video: o.mp4"));
}

#[test]
fn one_of_uneven_frames() {
    let fixture = Fixture::with(VIDC, &["held.mp4"]);
    fixture.write(
        "r.vidc",
        "vidc 1\n\noutput(\"o.mp4\", from: input(\"held.mp4\"))\n",
    );
    for (at, number) in [("0s", 0), ("400ms", 6), ("2s", 22), ("3.19s", 52), ("3.23s", 80)] {
        run(vidc(VIDC, &fixture.path("")).args(["preview", "--frame", at, "r.vidc"])).expect(0);
        assert_eq!(frame_numbers(&fixture.path("frame.png")), [number], "{at}");
    }
}

/// A segment in which no frame begins shows the one from before.
#[test]
fn a_stream_of_uneven_frames() {
    let fixture = Fixture::with(VIDC, &[]);
    let slides = generated_file(
        "slides.mp4",
        "-f lavfi -i testsrc2=r=25:s=320x240:d=20 -vf select='eq(n,0)+eq(n,30)+eq(n,260)+eq(n,400)' -fps_mode vfr \
         -c:v libx264 -bf 0 -pix_fmt yuv420p",
    );
    std::fs::copy(slides, fixture.path("slides.mp4")).unwrap();
    fixture.write(
        "r.vidc",
        "vidc 1\n\noutput(\"o.mp4\", from: input(\"slides.mp4\"))\n",
    );
    let mut shown = Shown::of(&fixture, &[]);
    let picture = shown.events.next().unwrap()["stream"].clone();
    let path = shown.joined(&fixture, &picture);
    let rate = 24_000.0 / 1001.0;
    let frames = frames(&path);
    assert!(
        (frames.len() as f64 - 16.04 * rate).abs() < 2.0,
        "{}",
        frames.len()
    );
    // All of the segments between 1.2 s and 10.4 s show the same frame.
    let index = |time: f64| (time * rate) as usize;
    for time in [3.0, 5.0, 7.0, 10.0] {
        assert!(frames[index(time)].psnr(&frames[index(2.0)]) > 30.0, "{time}");
    }
    assert!(frames[index(11.0)].psnr(&frames[index(2.0)]) < 25.0);
}

/// A preview, and what it tells of the recipe as it is now.
struct Shown {
    _process: Process,
    client: Client,
    events: Box<dyn Iterator<Item = Value>>,
}

impl Shown {
    fn of(fixture: &Fixture, options: &[&str]) -> Shown {
        let mut command = vidc(VIDC, &fixture.path(""));
        let mut child = command
            .args(["preview", "r.vidc"])
            .args(options)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let client = Client {
            address: line.trim().strip_prefix("preview at ").unwrap().to_owned(),
            key: String::new(),
        };
        let events = client
            .open(Method::GET, "/events", &[], &[])
            .into_body()
            .into_reader();
        let events = BufReader::new(events).lines().filter_map(|line| {
            let line = line.unwrap();
            Some(serde_json::from_str(line.strip_prefix("data: ")?).unwrap())
        });
        Shown {
            _process: Process::from(child),
            client,
            events: Box::new(events),
        }
    }

    /// Every frame that the playlist leads to.
    fn play(&self, fixture: &Fixture, picture: &Value) -> Vec<[u8; 3]> {
        let path = self.joined(fixture, picture);
        frames(&path).iter().map(|frame| frame.at(160, 90)).collect()
    }

    /// The segments that the playlist leads to, one behind the other.
    fn joined(&self, fixture: &Fixture, picture: &Value) -> PathBuf {
        let list = self
            .client
            .get(&format!("/{picture}/stream.m3u8"))
            .expect(200)
            .text();
        let mut joined = Vec::new();
        for name in list.lines().filter(|line| !line.starts_with('#')) {
            joined.extend(self.client.get(&format!("/{picture}/{name}")).expect(200).body);
        }
        let path = fixture.path("joined.ts");
        std::fs::write(&path, joined).unwrap();
        path
    }
}

#[test]
fn a_stream_follows_the_recipe() {
    let fixture = fixture();
    let mut shown = Shown::of(&fixture, &[]);
    let first = shown.events.next().unwrap();
    assert_eq!(
        (&first["output"], &first["message"]),
        (&"o.mp4".into(), &"".into()),
        "{first}"
    );
    let list = shown
        .client
        .get(&format!("/{}/stream.m3u8", first["stream"]))
        .expect(200)
        .text();
    let lengths: Vec<&str> = list
        .lines()
        .filter_map(|line| line.strip_prefix("#EXTINF:"))
        .collect();
    assert_eq!(lengths, ["1,", "2,", "2,", "0.4,"]);
    let seen = shown.play(&fixture, &first["stream"]);
    assert_eq!(seen.len(), 135);
    for (at, color) in [
        (0, [255, 0, 0]),
        (49, [255, 0, 0]),
        (50, [0, 255, 0]),
        (99, [0, 255, 0]),
        (100, [0, 0, 255]),
        (134, [0, 0, 255]),
    ] {
        assert!(is_close(seen[at], color, 16), "{at}: {:?}", seen[at]);
    }
    shown
        .client
        .get(&format!("/{}/4.ts", first["stream"]))
        .expect(404);
    let elsewhere = shown
        .client
        .send(Method::GET, "/", &[("host", "example.com")], &[]);
    elsewhere.expect(403);

    fixture.write("r.vidc", recipe("white") + "output(\"x.mp4\", from: nothing)\n");
    let wrong = shown.events.next().unwrap();
    assert_eq!(
        wrong["stream"], first["stream"],
        "the last picture that could be made stays"
    );
    assert!(
        wrong["message"].as_str().unwrap().contains("r.vidc:3:"),
        "{wrong}"
    );

    fixture.write("r.vidc", recipe("white"));
    let right = shown.events.next().unwrap();
    assert_eq!(right["message"], "");
    let seen = shown.play(&fixture, &right["stream"]);
    assert!(is_close(seen[134], [255, 255, 255], 16), "{:?}", seen[134]);
    shown
        .client
        .get(&format!("/{}/0.ts", first["stream"]))
        .expect(404);
}

/// Each segment is encoded by itself, and AAC overlaps from packet to packet: a tone that goes on is heard without a click,
/// and in time.
#[test]
fn sound_goes_on_from_segment_to_segment() {
    let fixture = Fixture::with(VIDC, &["flash.mp4"]);
    fixture.write(
        "r.vidc",
        "input tone = \"tone.wav\"\ninput flash = \"flash.mp4\"\n\
         output(\"tone.mp4\", from: color(red, size: 64x48, fps: 25, duration: 6s) | mix(tone))\n\
         output(\"flash.mp4\", from: concat([flash, flash]))\n",
    );
    let tone = generated_file(
        "steady.wav",
        "-f lavfi -i aevalsrc='0.5*sin(2*PI*300*t)':s=48000:d=6 -c:a pcm_s16le",
    );
    std::fs::copy(tone, fixture.path("tone.wav")).unwrap();

    let mut shown = Shown::of(&fixture, &["--show", "tone.mp4"]);
    let picture = shown.events.next().unwrap()["stream"].clone();
    let path = shown.joined(&fixture, &picture);
    let heard = decode_audio(&path);
    let length = heard.seconds();
    assert!((5.99..6.05).contains(&length), "{length}");
    // Clicks are in all frequencies; so the tone alone, without them, would be louder by a hair.
    let options = [
        "-vn",
        "-af",
        "highpass=f=3000:p=2,highpass=f=3000:p=2",
        "-f",
        "s16le",
    ];
    let high = decode(&path, &options);
    let samples = high
        .chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
    let loudest = samples.skip(4800).take(5 * 48_000).map(i16::unsigned_abs).max();
    assert!(loudest < Some(40), "{loudest:?}");
    drop(shown);

    let mut shown = Shown::of(&fixture, &["--show", "flash.mp4"]);
    let picture = shown.events.next().unwrap()["stream"].clone();
    let path = shown.joined(&fixture, &picture);
    let (beeps, flashes) = (beeps(&path), flashes(&path, 25.0));
    assert_eq!((beeps.len(), flashes.len()), (8, 8));
    for (beep, flash) in beeps.iter().zip(&flashes) {
        assert!((beep - flash).abs() < 0.012, "{beep} {flash}");
    }
}
