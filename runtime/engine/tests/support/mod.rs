//! Makes media in a temporary directory.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use vidc_compiler::facts::{Media, Problem, StreamFacts, VideoFacts};
use vidc_engine::probe::{Fingerprint, Prober, probe};
use vidc_engine::{ProbeCache, Tools};

/// A temporary directory, a cache in it, and the tools.
pub(crate) struct Fixture {
    directory: tempfile::TempDir,
    pub(crate) tools: Tools,
    pub(crate) cache: ProbeCache,
}

impl Fixture {
    pub(crate) fn new() -> Fixture {
        let directory = tempfile::tempdir().unwrap();
        Fixture {
            cache: ProbeCache::at(directory.path().join("cache")),
            tools: Tools::find().unwrap(),
            directory,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Writes an executable shell script.
    pub(crate) fn script(&self, name: &str, lines: &str) -> PathBuf {
        let path = self.write(name, format!("#!/bin/sh\n{lines}\n"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Replaces ffprobe by a script that fails while there is a file called `ffprobe-fails`. Another `release` makes another
    /// script, as an upgrade would.
    pub(crate) fn wrap_ffprobe(&mut self, release: &str) {
        let real = Tools::find().unwrap().ffprobe;
        let switch = self.path("ffprobe-fails");
        let lines = format!(
            "# {release}\ntest ! -e '{}' && exec '{}' \"$@\"",
            switch.display(),
            real.display()
        );
        self.tools.ffprobe = self.script("ffprobe", &lines);
    }

    /// Runs ffmpeg in the directory with arguments separated by spaces, the last of which is the output file.
    pub(crate) fn ffmpeg(&self, arguments: &str) -> PathBuf {
        let words: Vec<&str> = arguments.split_whitespace().collect();
        let status = Command::new(&self.tools.ffmpeg)
            .args(["-nostdin", "-v", "error", "-y"])
            .args(&words)
            .current_dir(self.directory.path())
            .status()
            .unwrap();
        assert!(status.success(), "ffmpeg {arguments}");
        self.path(words.last().unwrap())
    }

    pub(crate) async fn probe(&self, path: &Path) -> Result<Media, Problem> {
        probe(&self.prober(), path).await
    }

    pub(crate) fn prober(&self) -> Prober {
        Prober {
            tools: self.tools.clone(),
            cache: self.cache.clone(),
            fingerprint: Fingerprint::Content,
        }
    }

    /// Makes a file with ffmpeg and probes it.
    pub(crate) async fn make_media(&self, arguments: &str) -> Media {
        let path = self.ffmpeg(arguments);
        self.probe(&path).await.unwrap()
    }

    /// The names of all entries of a subdirectory, sorted.
    pub(crate) fn file_names(&self, directory: &str) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.path(directory))
            .map(|entries| {
                entries
                    .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
                    .collect()
            })
            .unwrap_or_default();
        names.sort();
        names
    }
}

pub(crate) fn video(media: &Media) -> &VideoFacts {
    media.video().unwrap().1
}

/// The kinds of streams, one letter each.
pub(crate) fn stream_kinds(media: &Media) -> String {
    media
        .streams
        .iter()
        .map(|stream| match stream.facts {
            StreamFacts::Video(_) => 'v',
            StreamFacts::Audio(_) => 'a',
            StreamFacts::Subtitle => 's',
            StreamFacts::Other => 'o',
        })
        .collect()
}
