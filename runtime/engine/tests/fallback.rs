//! What is done where parts of an output do not fit.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::Mutex;

use support::Fixture;
use vidc_compiler::{Bindings, Options};
use vidc_dsl::{Sources, Syntax};
use vidc_engine::{
    Cancel, DirResolver, Error, Event, ExecContext, LocalOnly, StageCache, Tools, compile_recipe,
};

/// A picture of so many files that it is made in batches.
fn many_clips() -> String {
    let clips = (0..160).map(|n| {
        format!(
            "small | trim({:.2}s..{:.2}s)",
            f64::from(n) * 0.02,
            f64::from(n) * 0.02 + 0.08
        )
    });
    format!(
        "vidc 1\ninput small = \"small.mp4\"\noutput(\"a.mov\", from: concat([{}]), video: h264(crf: 30, preset: ultrafast))",
        clips.collect::<Vec<_>>().join(", ")
    )
}

/// Renders many clips with an `ffmpeg` in front of which a script stands, and tells how it ended, how many fallbacks were
/// said, and how many stages had been begun by then.
async fn rendered(script: &str) -> (Result<(), Error>, usize, usize) {
    let fixture = Fixture::new();
    fixture.ffmpeg("-f lavfi -i testsrc2=s=64x48:r=25:d=4 -c:v libx264 -preset ultrafast small.mp4");
    let real = fixture.tools.ffmpeg.to_string_lossy();
    let ffmpeg = fixture.script("ffmpeg", &script.replace("FFMPEG", &real));
    let mut sources = Sources::default();
    let file = sources.add("r.vidc", many_clips(), Syntax::Text);
    let source = sources.get(file).unwrap();
    let library = DirResolver(fixture.path("."));
    let prober = fixture.prober();
    let compilation = compile_recipe(
        &prober,
        source,
        Bindings::default(),
        Options::default(),
        &library,
        0,
    );
    let compilation = compilation.await.unwrap();
    assert!(compilation.compiled.as_ref().unwrap().plan.joins_packets());
    let tools = Tools {
        ffmpeg,
        ..fixture.tools.clone()
    };
    let context = ExecContext {
        tools: &tools,
        stage_cache: &StageCache::disabled(),
        elsewhere: &LocalOnly,
    };
    let told = Mutex::new((0, 0));
    let note = |event| match event {
        Event::Fallback { .. } => told.lock().unwrap().0 += 1,
        Event::Started { .. } => told.lock().unwrap().1 += 1,
        _ => {}
    };
    let made = compilation
        .render(&context, &fixture.path("out"), &note, Cancel::never())
        .await;
    let (fallbacks, started) = *told.lock().unwrap();
    (made.map(drop), fallbacks, started)
}

/// Two stretches, what joins them, and the whole.
#[tokio::test]
async fn batches_that_do_not_fit_are_made_as_a_whole() {
    let (made, fallbacks, started) =
        rendered("case \"$*\" in *ffconcat*) exit 1;; esac\nexec FFMPEG \"$@\"").await;
    made.unwrap();
    assert_eq!((fallbacks, started), (1, 4));
}

#[tokio::test]
async fn a_whole_that_fails_is_not_tried_again() {
    let (made, fallbacks, _) = rendered("exit 1").await;
    assert!(matches!(made, Err(Error::Render(_))), "{made:?}");
    assert_eq!(fallbacks, 1);
}
