//! Asserts that the index reader reports the same as ffprobe about any file it supports.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod ffprobe_agreement;
mod mutations;
mod sample_tables;

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use vidc_compiler::time::Time;

use super::movie::Movie;
use crate::ffmpeg::Tools;
use crate::probe::inspect::build_media;
use crate::probe::reader::MediaReader;
use crate::probe::report::{FIRST_PACKETS, Packet};
use crate::probe::{copy_facts, keyframes};

/// A directory for files that FFmpeg makes, and the differences found between the two readers.
pub(super) struct Fixture {
    directory: tempfile::TempDir,
    pub(super) tools: Tools,
    differences: Mutex<Vec<String>>,
}

impl Fixture {
    pub(super) fn new() -> Fixture {
        Fixture {
            directory: tempfile::tempdir().unwrap(),
            tools: Tools::find().unwrap(),
            differences: Mutex::default(),
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Runs ffmpeg with arguments separated by spaces, the last of which is the output file.
    pub(super) fn ffmpeg(&self, arguments: &str) -> PathBuf {
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

    /// Makes a file that the index reader must support, and compares all that both readers report.
    pub(super) async fn assert_agreement(&self, arguments: &str) {
        let path = self.ffmpeg(arguments);
        self.assert_agreement_on(&path, arguments).await;
    }

    /// Compares all that both readers report about a file.
    pub(super) async fn assert_agreement_on(&self, path: &Path, description: &str) {
        if let Err(difference) = self.compare(path).await {
            self.record(difference, description);
        }
    }

    /// Makes a file that must be left to ffprobe.
    pub(super) fn assert_unsupported(&self, arguments: &str, reason: &str) {
        let difference = match Movie::read(&self.ffmpeg(arguments)) {
            Ok(_) => "it is supported".to_owned(),
            Err(unsupported) if unsupported.to_string().contains(reason) => return,
            Err(unsupported) => format!("unsupported: {unsupported}"),
        };
        self.record(difference, arguments);
    }

    fn record(&self, difference: String, description: &str) {
        let mut differences = self.differences.lock().unwrap();
        differences.push(format!("{description}\n    {difference}"));
    }

    /// Fails the test if there are differences.
    pub(super) fn finish(self) {
        let differences = self.differences.into_inner().unwrap();
        assert!(differences.is_empty(), "\n{}", differences.join("\n"));
    }

    async fn compare(&self, path: &Path) -> Result<(), String> {
        if let Err(reason) = Movie::read(path) {
            return Err(format!("unsupported: {reason}"));
        }
        let (index, ffprobe) = (
            MediaReader::open(&self.tools, path).await,
            MediaReader::with_ffprobe(&self.tools, path),
        );
        let bytes = std::fs::metadata(path).unwrap().len();
        let mut by_index = build_media(&index, path, bytes).await.unwrap();
        let mut by_ffprobe = build_media(&ffprobe, path, bytes).await.unwrap();
        copy_facts::complete(&index, &mut by_index).await.unwrap();
        copy_facts::complete(&ffprobe, &mut by_ffprobe).await.unwrap();
        compare_values(&by_index, &by_ffprobe)?;
        let all = ffprobe.packets(None, None).await.unwrap();
        compare_packets(&index.packets(None, None).await.unwrap(), &all)?;
        let first: Vec<Packet> = all.iter().take(FIRST_PACKETS).cloned().collect();
        compare_packets(&index.report().await.unwrap().packets, &first)?;
        for stream in &by_index.streams {
            let of_stream: Vec<Packet> = all
                .iter()
                .filter(|packet| packet.stream_index == stream.index)
                .cloned()
                .collect();
            compare_packets(
                &index.packets(Some(stream.index), None).await.unwrap(),
                &of_stream,
            )?;
        }
        if by_index.video().is_none() {
            return Ok(());
        }
        // The index has keyframes that are too far away for ffprobe to find; those that ffprobe finds must be equal.
        for tenths in [7, 21] {
            let at = Time::millis(tenths * 100);
            let index = keyframes::find_with_reader(&index, &by_index, at)
                .await
                .unwrap_or_default();
            let ffprobe = keyframes::find_with_reader(&ffprobe, &by_ffprobe, at)
                .await
                .unwrap_or_default();
            let context = |difference: String| format!("next to {at}: {difference}");
            if ffprobe.end.is_some() {
                compare_values(&index.end, &ffprobe.end).map_err(context)?;
            }
            if ffprobe.after.is_some() {
                compare_values(&index.after, &ffprobe.after).map_err(context)?;
            }
        }
        Ok(())
    }
}

fn compare_packets(index: &[Packet], ffprobe: &[Packet]) -> Result<(), String> {
    let fields = |packet: &Packet| (packet.stream_index, packet.pts, packet.dts, packet.flags);
    for (number, (index, ffprobe)) in index.iter().zip(ffprobe).enumerate() {
        compare_values(&fields(index), &fields(ffprobe))
            .map_err(|difference| format!("packet {number}: {difference}"))?;
    }
    compare_values(&index.len(), &ffprobe.len())
}

fn compare_values<T: PartialEq + Debug>(index: &T, ffprobe: &T) -> Result<(), String> {
    match index == ffprobe {
        true => Ok(()),
        false => Err(format!("index:   {index:?}\n    ffprobe: {ffprobe:?}")),
    }
}
