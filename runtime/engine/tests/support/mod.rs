//! Media made on the spot, in a directory that goes away.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use vidc_compiler::facts::{Media, Problem, StreamFacts, VideoFacts};
use vidc_engine::probe::{Identity, Prober, probe};
use vidc_engine::{ProbeCache, Tools};

/// A directory with a cache and the tools.
pub(crate) struct Bench {
    directory: tempfile::TempDir,
    pub(crate) tools: Tools,
    pub(crate) cache: ProbeCache,
}

impl Bench {
    pub(crate) fn new() -> Bench {
        let directory = tempfile::tempdir().unwrap();
        Bench {
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

    /// Writes a shell script that can be run as a program.
    pub(crate) fn script(&self, name: &str, lines: &str) -> PathBuf {
        let path = self.write(name, format!("#!/bin/sh\n{lines}\n"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Puts a script in front of ffprobe, a release of it, by which it fails while there is a file called `blind`.
    pub(crate) fn may_be_blind(&mut self, release: &str) {
        let real = Tools::find().unwrap().ffprobe;
        let blind = self.path("blind");
        let lines = format!(
            "# {release}\ntest ! -e '{}' && exec '{}' \"$@\"",
            blind.display(),
            real.display()
        );
        self.tools.ffprobe = self.script("ffprobe", &lines);
    }

    /// Runs ffmpeg in the directory with the words of `arguments`; the last is the file it makes.
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
            identity: Identity::Content,
        }
    }

    /// Makes a file with ffmpeg and probes it.
    pub(crate) async fn made(&self, arguments: &str) -> Media {
        let path = self.ffmpeg(arguments);
        self.probe(&path).await.unwrap()
    }

    /// Names of everything in a directory below.
    pub(crate) fn names(&self, directory: &str) -> Vec<String> {
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

/// What kinds of streams there are, a letter each.
pub(crate) fn kinds(media: &Media) -> String {
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
