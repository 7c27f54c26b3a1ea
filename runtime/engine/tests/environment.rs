//! What is found out about this machine, and that it is found out once.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::Fixture;
use vidc_compiler::{Bindings, Options};
use vidc_engine::ffmpeg::capabilities::capabilities;
use vidc_engine::fonts::fonts;
use vidc_engine::{ErrorKind, ProbeCache, gather};

#[tokio::test]
async fn ffmpeg_says_what_it_can_do() {
    let fixture = Fixture::new();
    let found = capabilities(&fixture.tools, &fixture.cache).await.unwrap();
    assert!(found.version.major >= 5, "{}", found.version);
    for (set, names) in [
        (&found.filters, ["xfade", "scale", "loudnorm"]),
        (&found.encoders, ["libx264", "aac", "png"]),
        (&found.decoders, ["h264", "mp3", "subrip"]),
        (&found.muxers, ["mp4", "matroska", "null"]),
        (&found.transitions, ["fade", "fadeslow", "hlslice"]),
    ] {
        assert!(
            names.iter().all(|name| set.contains(*name)),
            "{names:?} in {set:?}"
        );
    }
    assert!(!found.filters.contains("="));
    assert!(!found.muxers.contains("avfoundation") && !found.transitions.contains("duration"));
    assert_eq!(capabilities(&fixture.tools, &fixture.cache).await.unwrap(), found);
}

#[tokio::test]
async fn a_program_that_is_not_ffmpeg_is_an_environment_error() {
    let mut fixture = Fixture::new();
    fixture.tools.ffmpeg = "/bin/true".into();
    let error = capabilities(&fixture.tools, &ProbeCache::disabled())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Environment);
    assert!(error.to_string().contains("/bin/true"), "{error}");
}

#[tokio::test]
async fn fonts_are_listed_and_recalled() {
    let fixture = Fixture::new();
    let found = fonts(&fixture.cache).await;
    assert!(found.has_family("DejaVu Sans"));
    assert!(found.draws('A') && found.draws('Ж') && !found.draws('\u{10ffff}'));
    assert!(
        found.coverage.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0),
        "ascending and disjoint"
    );
    assert_eq!(fonts(&fixture.cache).await, found);
    assert_eq!(fixture.file_names("cache/fonts").len(), 1);
}

#[tokio::test]
async fn facts_without_files_are_ffmpeg_and_fonts() {
    let fixture = Fixture::new();
    let recipe = Default::default();
    let facts = gather(
        &fixture.prober(),
        &recipe,
        &Bindings::default(),
        &vidc_engine::DirResolver("/".into()),
        &Options::default(),
    )
    .await
    .unwrap();
    assert!(!facts.ffmpeg.filters.is_empty() && !facts.fonts.families.is_empty());
    assert!(facts.media.is_empty());
}
