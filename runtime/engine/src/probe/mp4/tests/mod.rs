//! The index and ffprobe must say the same of a file, whatever it is.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod agreement;
mod mutations;
mod tables;

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use vidc_compiler::time::Time;

use super::Movie;
use crate::ffmpeg::Tools;
use crate::probe::reading::Reading;
use crate::probe::report::{FIRST_PACKETS, Packet};
use crate::probe::{copying, describe, keyframes};

/// A directory in which FFmpeg makes files, and how the two ways differ on them.
pub(super) struct Bench {
    directory: tempfile::TempDir,
    pub(super) tools: Tools,
    faults: Mutex<Vec<String>>,
}

impl Bench {
    pub(super) fn new() -> Bench {
        Bench {
            directory: tempfile::tempdir().unwrap(),
            tools: Tools::find().unwrap(),
            faults: Mutex::default(),
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Runs ffmpeg with the words of some arguments; the last names the file it makes.
    pub(super) fn made(&self, arguments: &str) -> PathBuf {
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

    /// Makes a file that must be read by its index, and be the same by both ways.
    pub(super) async fn agrees(&self, arguments: &str) {
        let path = self.made(arguments);
        self.same(&path, arguments).await;
    }

    /// Makes a file that must be left to ffprobe.
    pub(super) fn declines(&self, arguments: &str, reason: &str) {
        let found = match Movie::read(&self.made(arguments)) {
            Ok(_) => "it is read".to_owned(),
            Err(declined) if declined.to_string().contains(reason) => return,
            Err(declined) => format!("declined, as {declined}"),
        };
        self.fault(found, arguments);
    }

    fn fault(&self, fault: String, of: &str) {
        self.faults.lock().unwrap().push(format!("{of}\n    {fault}"));
    }

    pub(super) fn done(self) {
        let faults = self.faults.into_inner().unwrap();
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    }

    /// Asks both ways everything that is asked of files.
    pub(super) async fn same(&self, path: &Path, what: &str) {
        if let Err(fault) = self.differs(path).await {
            self.fault(fault, what);
        }
    }

    async fn differs(&self, path: &Path) -> Result<(), String> {
        if let Err(reason) = Movie::read(path) {
            return Err(format!("declined, as {reason}"));
        }
        let (index, ffprobe) = (
            Reading::of(&self.tools, path).await,
            Reading::by_ffprobe(&self.tools, path),
        );
        let length = std::fs::metadata(path).unwrap().len();
        let mut by_index = describe(&index, path, length).await.unwrap();
        let mut by_ffprobe = describe(&ffprobe, path, length).await.unwrap();
        copying::complete(&index, &mut by_index).await.unwrap();
        copying::complete(&ffprobe, &mut by_ffprobe).await.unwrap();
        equal(&by_index, &by_ffprobe)?;
        let all = ffprobe.packets(None, None).await.unwrap();
        same_packets(&index.packets(None, None).await.unwrap(), &all)?;
        let first: Vec<Packet> = all.iter().take(FIRST_PACKETS).cloned().collect();
        same_packets(&index.report().await.unwrap().packets, &first)?;
        for stream in &by_index.streams {
            let mine: Vec<Packet> = all
                .iter()
                .filter(|packet| packet.stream_index == stream.index)
                .cloned()
                .collect();
            same_packets(&index.packets(Some(stream.index), None).await.unwrap(), &mine)?;
        }
        if by_index.video().is_none() {
            return Ok(());
        }
        // The index tells of keyframes that ffprobe does not find near; what it finds must be those.
        for tenths in [7, 21] {
            let at = Time::millis(tenths * 100);
            let index = keyframes::around(&index, &by_index, at).await.unwrap_or_default();
            let ffprobe = keyframes::around(&ffprobe, &by_ffprobe, at)
                .await
                .unwrap_or_default();
            let next_to = |fault: String| format!("next to {at}: {fault}");
            if ffprobe.end.is_some() {
                equal(&index.end, &ffprobe.end).map_err(next_to)?;
            }
            if ffprobe.after.is_some() {
                equal(&index.after, &ffprobe.after).map_err(next_to)?;
            }
        }
        Ok(())
    }
}

fn same_packets(index: &[Packet], ffprobe: &[Packet]) -> Result<(), String> {
    let told = |packet: &Packet| (packet.stream_index, packet.pts, packet.dts, packet.flags);
    for (number, (index, ffprobe)) in index.iter().zip(ffprobe).enumerate() {
        equal(&told(index), &told(ffprobe)).map_err(|fault| format!("packet {number}: {fault}"))?;
    }
    equal(&index.len(), &ffprobe.len())
}

fn equal<T: PartialEq + Debug>(index: &T, ffprobe: &T) -> Result<(), String> {
    match index == ffprobe {
        true => Ok(()),
        false => Err(format!("index:   {index:?}\n    ffprobe: {ffprobe:?}")),
    }
}
