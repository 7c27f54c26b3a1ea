//! Plans made by hand, run for real.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod kept;
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use support::Fixture;
use vidc_compiler::cost::Work;
use vidc_compiler::facts::Facts;
use vidc_compiler::plan::{
    Arg, Chain, Destination, Expected, ExpectedAudio, ExpectedVideo, FilterCall, FilterGraph, FilterName,
    GeneratedFile, PLAN_VERSION, Pad, Plan, Run, RunInput, RunOutput, RunSource, Stage, StageKind, Track,
    TrackKind, TrackSource,
};
use vidc_compiler::time::{Rational, Time};
use vidc_dsl::{FileId, Span};
use vidc_engine::ffmpeg::capabilities::capabilities;
use vidc_engine::ffmpeg::failure::Cause;
use vidc_engine::{Artifact, Cancel, Error, ErrorKind, Event, ExecContext, LocalOnly, StageCache, execute};

fn input(key: &str) -> RunInput {
    RunInput {
        source: RunSource::Media(key.to_owned()),
        seek: None,
        inaccurate_seek: false,
        duration: None,
        options: vec![],
    }
}

fn track(kind: TrackKind, source: TrackSource, encoder: &str) -> Track {
    Track {
        kind,
        source,
        encoder: encoder.to_owned(),
        options: vec![],
        metadata: vec![],
    }
}

fn chain(stream: u32, filters: Vec<FilterCall>, link: u32) -> Chain {
    Chain {
        inputs: vec![Pad::Stream { input: 0, stream }],
        filters,
        outputs: vec![link],
    }
}

fn expected() -> Expected {
    Expected {
        duration: Some(Time::seconds(2)),
        tolerance: Time::millis(20),
        video: Some(ExpectedVideo {
            width: 160,
            height: 120,
            frame_rate: Some(Rational::from_integer(30)),
            duration: Some(Time::seconds(2)),
            pts_jitter: Time::ZERO,
        }),
        audio: Some(ExpectedAudio {
            sample_rate: 44_100,
            channels: 1,
            duration: Some(Time::seconds(2)),
            gapless: false,
        }),
        subtitles: 0,
        equal_lengths: true,
        seams: Vec::new(),
    }
}

/// Scales `in.mp4` to 160×120 into `name`.
fn render(name: &str) -> Stage {
    let mut scale = FilterCall::new(FilterName::Scale, [("w", "160"), ("h", "120")]);
    scale.origin = Some(Span::new(FileId::default(), 10, 20));
    Stage {
        kind: StageKind::Render,
        title: format!("render {name}"),
        key: "key".to_owned(),
        duration: Time::seconds(2),
        work: Work::default(),
        run: Run {
            copy_timestamps: false,
            inputs: vec![input("in.mp4")],
            files: vec![],
            graph: FilterGraph {
                chains: vec![
                    chain(0, vec![scale], 0),
                    chain(
                        1,
                        vec![FilterCall::new(FilterName::Aformat, [("sample_fmts", "fltp")])],
                        1,
                    ),
                ],
            },
            outputs: vec![RunOutput {
                destination: Destination::Named(name.to_owned()),
                muxer: "mp4".to_owned(),
                tracks: vec![
                    track(TrackKind::Video, TrackSource::Link(0), "libx264"),
                    track(TrackKind::Audio, TrackSource::Link(1), "aac"),
                ],
                options: vec![],
                expected: expected(),
            }],
        },
    }
}

fn plan(stages: Vec<Stage>) -> Plan {
    Plan {
        version: PLAN_VERSION,
        ffmpeg_build: String::new(),
        stages,
    }
}

struct Scene {
    fixture: Fixture,
    facts: Facts,
    events: Mutex<Vec<Event>>,
}

impl Scene {
    async fn new() -> Scene {
        let fixture = Fixture::new();
        let media = fixture
            .make_media(
                "-f lavfi -i testsrc2=s=320x240:r=30:d=2 -f lavfi -i sine=d=2:r=44100 -c:v libx264 -preset ultrafast \
                 -c:a aac in.mp4",
            )
            .await;
        let mut facts = Facts {
            ffmpeg: capabilities(&fixture.tools, &fixture.cache).await.unwrap(),
            ..Facts::default()
        };
        facts.media.insert("in.mp4".to_owned(), Ok(media));
        Scene {
            fixture,
            facts,
            events: Mutex::default(),
        }
    }

    async fn run(&self, stages: Vec<Stage>) -> Result<Vec<Artifact>, Error> {
        /// A worker runs plans on any thread.
        fn sendable<F: Future + Send>(future: F) -> F {
            future
        }
        let note = |event| self.events.lock().unwrap().push(event);
        let out = self.out();
        sendable(execute(
            &self.context(&StageCache::disabled()),
            &plan(stages),
            &self.facts,
            &out,
            &note,
            Cancel::never(),
        ))
        .await
    }

    fn context<'a>(&'a self, stage_cache: &'a StageCache) -> ExecContext<'a> {
        ExecContext {
            tools: &self.fixture.tools,
            stage_cache,
            elsewhere: &LocalOnly,
        }
    }

    fn out(&self) -> PathBuf {
        self.fixture.path("out")
    }

    fn percents(&self) -> Vec<f64> {
        let events = self.events.lock().unwrap();
        let percent = |event: &Event| match event {
            Event::Progress { percent, .. } => Some(*percent),
            _ => None,
        };
        events.iter().filter_map(percent).collect()
    }
}

#[tokio::test]
async fn outputs_appear_whole() {
    let scene = Scene::new().await;
    let made = scene
        .run(vec![render("sub/a %d.mp4"), render("b.mp4")])
        .await
        .unwrap();
    assert_eq!(scene.fixture.file_names("out"), ["b.mp4", "sub"]);
    assert_eq!(scene.fixture.file_names("out/sub"), ["a %d.mp4"]);
    assert_eq!(made[0].path, scene.out().join("sub/a %d.mp4"));
    assert_eq!(made[0].bytes, std::fs::metadata(&made[0].path).unwrap().len());
    let percents = scene.percents();
    assert!(
        percents.is_sorted() && percents.last() == Some(&100.0),
        "{percents:?}"
    );
    let events = scene.events.lock().unwrap();
    assert!(matches!(
        &events[0],
        Event::Started {
            stage: 0,
            stages: 2,
            ..
        }
    ));
    // They run side by side, and either may be done first.
    assert!(matches!(events.last(), Some(Event::Finished { .. })));
    let stage_cache = events.iter().filter_map(|event| match event {
        Event::Finished { stage, .. } => Some(*stage),
        _ => None,
    });
    let mut stage_cache: Vec<usize> = stage_cache.collect();
    stage_cache.sort_unstable();
    assert_eq!(stage_cache, [0, 1]);
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&made[0].path).unwrap().permissions());
    assert_ne!(mode & 0o044, 0, "others may read it as the umask says: {mode:o}");
}

#[tokio::test]
async fn what_one_stage_measures_another_uses() {
    let scene = Scene::new().await;
    let ebur128 = FilterCall::new(FilterName::Ebur128, [("framelog", "verbose")]);
    let measure = Stage {
        kind: StageKind::Measure,
        title: "measure loudness".to_owned(),
        key: String::new(),
        duration: Time::seconds(2),
        work: Work::default(),
        run: Run {
            copy_timestamps: false,
            inputs: vec![input("in.mp4")],
            files: vec![],
            graph: FilterGraph {
                chains: vec![chain(1, vec![ebur128], 0)],
            },
            outputs: vec![RunOutput {
                destination: Destination::Null,
                muxer: "null".to_owned(),
                tracks: vec![track(TrackKind::Audio, TrackSource::Link(0), "pcm_s16le")],
                options: vec![],
                expected: Expected::default(),
            }],
        },
    };
    let mut volume = FilterCall::plain(FilterName::Volume);
    let target = Rational::from_integer(-30);
    volume
        .args
        .push(("volume".to_owned(), Arg::GainTo { stage: 0, target }));
    let mut normalised = render("loud.mp4");
    normalised.run.graph.chains[1].filters = vec![volume];
    let made = scene.run(vec![measure, normalised.clone()]).await.unwrap();
    assert_eq!(made.len(), 1);
    let percents = scene.percents();
    assert!(
        percents.is_sorted() && percents.last() == Some(&100.0),
        "{percents:?}"
    );
    let error = scene.run(vec![normalised]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal, "{error}");
}

#[tokio::test]
async fn generated_files_and_long_graphs_are_written_for_the_run() {
    let scene = Scene::new().await;
    let mut stage = render("long.mp4");
    stage.run.files = vec![GeneratedFile {
        extension: "srt".to_owned(),
        text: "1\n00:00:00,000 --> 00:00:02,000\n100% it's: [fine]\n".to_owned(),
    }];
    let mut text = FilterCall::plain(FilterName::Subtitles);
    text.args.push(("filename".to_owned(), Arg::File(0)));
    let filters = &mut stage.run.graph.chains[0].filters;
    filters.push(text);
    // More than fits one argument.
    let long = "0".repeat(140 * 1024);
    filters.push(FilterCall::new(FilterName::Eq, [("brightness", &long)]));
    scene.run(vec![stage]).await.unwrap();
}

#[tokio::test]
async fn a_failing_filter_points_at_its_recipe_line_and_leaves_nothing() {
    let scene = Scene::new().await;
    let mut stage = render("a.mp4");
    let other = chain(
        0,
        vec![FilterCall::new(FilterName::Scale, [("w", "64"), ("h", "64")])],
        3,
    );
    stage.run.graph.chains[0].outputs = vec![2];
    let mut xfade = FilterCall::new(FilterName::Xfade, [("offset", "1")]);
    xfade.origin = Some(Span::new(FileId::default(), 30, 40));
    let join = Chain {
        inputs: vec![Pad::Link(2), Pad::Link(3)],
        filters: vec![xfade],
        outputs: vec![0],
    };
    stage.run.graph.chains.extend([other, join]);
    let error = scene.run(vec![stage]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RenderFailed);
    let Error::Render(failure) = error else {
        panic!("{error:?}")
    };
    assert_eq!(failure.cause, Cause::GraphRefused, "{failure}");
    assert_eq!(failure.origin, Some(Span::new(FileId::default(), 30, 40)));
    assert!(failure.message.contains("do not match"), "{failure}");
    assert_eq!(scene.fixture.file_names("out"), [""; 0]);
}

#[tokio::test]
async fn what_differs_from_the_prediction_is_not_kept() {
    let scene = Scene::new().await;
    let mut stage = render("a.mp4");
    let expected = &mut stage.run.outputs[0].expected;
    expected.duration = Some(Time::seconds(3));
    expected.subtitles = 1;
    if let Some(video) = &mut expected.video {
        (video.width, video.frame_rate) = (162, Some(Rational::new(30_000, 1001)));
    }
    expected.audio = None;
    let Err(Error::Mismatch { mismatches, .. }) = scene.run(vec![stage]).await else {
        panic!("it was kept")
    };
    let all = mismatches.join("\n");
    for part in [
        "160×120, but should be 162×120",
        "29.97",
        "audio",
        "subtitle",
        "should be 3 s",
    ] {
        assert!(all.contains(part), "{part}: {all}");
    }
    assert_eq!(scene.fixture.file_names("out"), [""; 0]);
}

#[tokio::test]
async fn an_empty_result_is_a_failure() {
    let scene = Scene::new().await;
    let mut stage = render("a.mp4");
    stage.run.graph.chains[0]
        .filters
        .push(FilterCall::new(FilterName::Trim, [("start", "10")]));
    stage.run.graph.chains[1]
        .filters
        .push(FilterCall::new(FilterName::Atrim, [("start", "10")]));
    let error = scene.run(vec![stage]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RenderFailed, "{error}");
    assert_eq!(scene.fixture.file_names("out"), [""; 0]);
}

#[tokio::test]
async fn cancelling_leaves_nothing() {
    let scene = Scene::new().await;
    let (canceller, cancel) = Cancel::new();
    let mut stage = render("a.mp4");
    stage.run.inputs[0].options = vec![("stream_loop".to_owned(), "-1".to_owned())];
    let on_progress = |event| {
        if matches!(event, Event::Progress { .. }) {
            canceller.cancel();
        }
    };
    let out = scene.out();
    let ended = execute(
        &scene.context(&StageCache::disabled()),
        &plan(vec![stage]),
        &scene.facts,
        &out,
        &on_progress,
        cancel,
    )
    .await;
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::Interrupted);
    assert_eq!(scene.fixture.file_names("out"), [""; 0]);
}

#[tokio::test]
async fn names_that_would_do_harm_are_refused_before_anything_runs() {
    let scene = Scene::new().await;
    for name in ["/tmp/vidc-never.mp4", "../escaped.mp4", "a/../../b.mp4", ""] {
        let error = scene.run(vec![render(name)]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{name}: {error}");
    }
    let twice = scene
        .run(vec![render("a.mp4"), render("./a.mp4")])
        .await
        .unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::Usage, "{twice}");
    assert!(scene.events.lock().unwrap().is_empty());

    std::fs::create_dir(scene.out()).unwrap();
    std::os::unix::fs::symlink("../in.mp4", scene.out().join("link.mp4")).unwrap();
    let error = scene.run(vec![render("link.mp4")]).await.unwrap_err();
    assert!(matches!(error, Error::OutputIsInput { .. }), "{error}");
    let note = |_| {};
    let here = scene.fixture.path(".");
    let error = execute(
        &scene.context(&StageCache::disabled()),
        &plan(vec![render("in.mp4")]),
        &scene.facts,
        &here,
        &note,
        Cancel::never(),
    )
    .await
    .unwrap_err();
    assert!(matches!(error, Error::OutputIsInput { .. }), "{error}");
}

#[tokio::test]
async fn inputs_must_be_as_they_were_probed() {
    let scene = Scene::new().await;
    let path = scene.fixture.path("in.mp4");
    let grow = |path: &Path| {
        let mut bytes = std::fs::read(path).unwrap();
        bytes.push(0);
        std::fs::write(path, bytes).unwrap();
    };
    grow(&path);
    let error = scene.run(vec![render("a.mp4")]).await.unwrap_err();
    assert!(
        error.to_string().contains("changed since it was probed"),
        "{error}"
    );
    std::fs::remove_file(&path).unwrap();
    let error = scene.run(vec![render("a.mp4")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Environment, "{error}");
}

#[tokio::test]
async fn nothing_is_kept_of_an_input_that_changed_while_it_was_read() {
    let scene = Scene::new().await;
    let stage_cache = StageCache::at(scene.fixture.path("finished"), 1 << 30);
    let path = scene.fixture.path("in.mp4");
    let replace = |event| {
        if matches!(event, Event::Started { .. }) {
            // A file of the same size, put in its place.
            let aside = scene.fixture.path("aside.mp4");
            std::fs::copy(&path, &aside).unwrap();
            std::fs::rename(&aside, &path).unwrap();
        }
    };
    let ended = execute(
        &scene.context(&stage_cache),
        &plan(vec![render("a.mp4")]),
        &scene.facts,
        &scene.out(),
        &replace,
        Cancel::never(),
    )
    .await;
    let error = ended.unwrap_err();
    assert!(
        error.to_string().contains("changed while it was being read"),
        "{error}"
    );
    assert_eq!(scene.fixture.file_names("out"), [""; 0]);
    assert_eq!(stage_cache.usage().entries, 0);
}
