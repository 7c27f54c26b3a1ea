//! Runs ffmpeg on test media and reads the CPU time that it reports.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::cases::{AUDIO_SECONDS, Content, DecoderCase, EncoderCase, FPS, FRAMES, FilterCase, SIZE, TITLE};
use crate::error::Error;
use crate::ffmpeg::{Tools, capture, command, rusage};

/// The time limit of a run.
const LIMIT: Duration = Duration::from_secs(60);
/// Runs per case, of which the fastest counts: other work on the machine can only add time.
const ROUNDS: usize = 2;
/// Seconds of CPU time from which one run suffices.
const LONG_RUN: f64 = 1.5;
/// Starts of ffmpeg whose mean is taken.
const STARTS: u32 = 10;

/// The CPU time of one run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// Seconds of CPU time.
    pub(super) cpu: f64,
    /// Megapixels, or seconds of audio.
    pub(super) units: f64,
    /// Megabits of packets.
    pub(super) megabits: f64,
}

/// The CPU time of reading the test media without a filter, in seconds.
pub(super) struct Baseline {
    video: f64,
    repeated_video: f64,
    audio: f64,
}

impl Baseline {
    /// The time of an encoder's run without the encoder.
    fn for_encoder(&self, case: &EncoderCase) -> f64 {
        match case.frames {
            0 => self.audio,
            frames => self.video * frames as f64 / FRAMES as f64,
        }
    }

    /// The time of a filter's run without the filter.
    pub(super) fn for_filter(&self, case: &FilterCase) -> f64 {
        match case.rounds {
            0 => self.audio,
            1 => self.video,
            _ => self.repeated_video,
        }
    }
}

/// Runs ffmpeg in a directory with test media.
pub(super) struct Runner<'a> {
    tools: &'a Tools,
    directory: tempfile::TempDir,
}

impl<'a> Runner<'a> {
    pub(super) fn new(tools: &'a Tools) -> Result<Self, Error> {
        let directory = tempfile::Builder::new()
            .prefix("vidc-bench-")
            .tempdir()
            .map_err(Error::io("make a directory in", std::env::temp_dir()))?;
        Ok(Runner { tools, directory })
    }

    /// Seconds of CPU time to start and end ffmpeg; wall time if the system does not report CPU time.
    pub(super) async fn process_start(&self) -> Result<f64, Error> {
        let (started, before) = (Instant::now(), rusage::children_cpu_time());
        for _ in 0..STARTS {
            self.ffmpeg(&["-version"]).await?;
        }
        let used = rusage::children_cpu_time()
            .zip(before)
            .map(|(after, before)| after.saturating_sub(before));
        let all = used
            .filter(|used| !used.is_zero())
            .unwrap_or_else(|| started.elapsed());
        Ok(all.as_secs_f64() / f64::from(STARTS))
    }

    /// Writes the test media.
    pub(super) async fn write_media(&self) -> Result<(), Error> {
        let plain = format!("gradients=s={SIZE}:r={FPS}:n=3:speed=0.02:seed=7,format=yuv420p");
        let detailed = format!("testsrc2=s={SIZE}:r={FPS},noise=alls=3:allf=t,format=yuv420p");
        let frames = FRAMES.to_string();
        for (source, content) in [(&plain, Content::Plain), (&detailed, Content::Detailed)] {
            let output = ["-frames:v", &frames, "-c:v", "rawvideo", content.file()];
            let input = ["-f", "lavfi", "-i", source];
            self.ffmpeg(&[&input[..], &output[..]].concat()).await?;
        }
        let audio = format!(
            "aevalsrc='0.3*sin(2*PI*(180+60*sin(2*PI*0.7*t))*t)*(0.6+0.4*sin(2*PI*3*t))+0.02*(random(0)-0.5)\
             |0.3*sin(2*PI*330*t)+0.02*(random(1)-0.5)':s=48000:d={AUDIO_SECONDS}"
        );
        let title = self.directory.path().join("title.ass");
        fs::write(&title, TITLE).map_err(Error::io("write", title))?;
        let output = ["-c:a", "pcm_s16le", Content::Audio.file()];
        self.ffmpeg(&[&["-f", "lavfi", "-i", &audio][..], &output[..]].concat())
            .await?;
        Ok(())
    }

    /// The CPU time of an encoder; none if it fails.
    pub(super) async fn encode(
        &self,
        case: &EncoderCase,
        content: &Content,
        baseline: &Baseline,
    ) -> Option<Sample> {
        let frames = case.frames.to_string();
        let (kind, limit) = match content {
            Content::Audio => ("-c:a", Vec::new()),
            _ => ("-c:v", vec!["-frames:v", &frames]),
        };
        let file = encoded_file(case, *content);
        let input = ["-i", content.file()];
        let encoder = [kind, case.encoder];
        let cpu = self
            .least(&[&input[..], &limit, &encoder, case.options, &[&file]].concat())
            .await?;
        Some(Sample {
            cpu: (cpu - baseline.for_encoder(case)).max(0.0),
            units: case.units(),
            megabits: self.megabits(&file),
        })
    }

    /// The CPU time of a decoder, whose input was encoded before; none if it fails.
    pub(super) async fn decode(&self, case: &DecoderCase, content: &Content) -> Option<Sample> {
        let encoded = case.encoder_case()?;
        let file = encoded_file(&encoded, *content);
        // The input is repeated often enough to be measurcapabilities.
        let times = 4.0;
        let cpu = self
            .least(&["-stream_loop", "3", "-i", &file, "-f", "null", "-"])
            .await?;
        Some(Sample {
            cpu,
            units: encoded.units() * times,
            megabits: self.megabits(&file) * times,
        })
    }

    /// The CPU time of reading the test media.
    pub(super) async fn baseline(&self) -> Result<Baseline, Error> {
        let broken = || Error::ToolBroken {
            path: self.tools.ffmpeg.clone(),
            reason: "it does not report CPU time with `-benchmark`".to_owned(),
        };
        Ok(Baseline {
            video: self.time_graph("[in]null", 1).await.ok_or_else(broken)?,
            repeated_video: self.time_graph("[in]null", 4).await.ok_or_else(broken)?,
            audio: self.time_graph("[in]anull", 0).await.ok_or_else(broken)?,
        })
    }

    /// Seconds of CPU time of a run with a filter; none if it fails.
    pub(super) async fn filter(&self, case: &FilterCase) -> Option<f64> {
        self.time_graph(case.graph, case.rounds).await
    }

    /// Seconds of CPU time of a run of the repeated test video, or the test audio, through a graph; none if it fails.
    async fn time_graph(&self, graph: &str, rounds: usize) -> Option<f64> {
        let arguments = filter_arguments(graph, rounds);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.least(&arguments).await
    }

    /// Megabits of a file.
    fn megabits(&self, file: &str) -> f64 {
        let bytes = fs::metadata(self.directory.path().join(file)).map_or(0, |found| found.len());
        bytes as f64 * 8.0 / 1e6
    }

    /// Seconds of CPU time between the start and the end of the work, of the fastest run.
    async fn least(&self, arguments: &[&str]) -> Option<f64> {
        let mut least = f64::INFINITY;
        for _ in 0..ROUNDS {
            let log = self.ffmpeg(arguments).await.ok()?;
            least = least.min(benchmark(&log)?);
            if least > LONG_RUN {
                break;
            }
        }
        Some(least)
    }

    /// Runs ffmpeg in the directory and returns its log.
    async fn ffmpeg(&self, arguments: &[&str]) -> Result<String, Error> {
        let before = ["-hide_banner", "-nostdin", "-benchmark", "-y"];
        let mut run = command(&self.tools.ffmpeg, before.iter().chain(arguments));
        run.current_dir(self.directory.path());
        let failed = |reason: String| Error::ToolBroken {
            path: self.tools.ffmpeg.clone(),
            reason: format!("`{}`: {reason}", arguments.join(" ")),
        };
        let captured = capture::capture(run, None, LIMIT)
            .await
            .map_err(|error| failed(error.to_string()))?;
        match captured.status.success() {
            true => Ok(captured.stderr),
            false => Err(failed(
                captured.stderr.lines().last().unwrap_or_default().to_owned(),
            )),
        }
    }
}

/// The arguments that pass test media through a graph.
fn filter_arguments(graph: &str, rounds: usize) -> Vec<String> {
    let (content, source) = match rounds {
        0 => (Content::Audio, "[0:a]anull[in];".to_owned()),
        1 => (Content::Detailed, "[0:v]null[in];".to_owned()),
        rounds => {
            let loops = rounds - 1;
            let source = format!("[0:v]loop=loop={loops}:size={FRAMES},setpts=N/{FPS}/TB[in];");
            (Content::Detailed, source)
        }
    };
    let graph = format!("{source}{graph}[out]");
    let output = ["-map", "[out]", "-f", "null", "-"];
    let words = ["-i", content.file(), "-filter_complex", &graph];
    words.into_iter().chain(output).map(str::to_owned).collect()
}

/// The file that an encoder writes.
fn encoded_file(case: &EncoderCase, content: Content) -> String {
    let stem = Path::new(content.file())
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy();
    format!("{stem}-{}{}.mkv", case.encoder, case.preset)
}

/// User and system time of `bench: utime=0.085s stime=0.019s rtime=0.302s`, in seconds.
fn benchmark(log: &str) -> Option<f64> {
    let line = log.lines().find_map(|line| line.strip_prefix("bench: utime="))?;
    let mut words = line.split_whitespace();
    let user: f64 = words.next()?.strip_suffix('s')?.parse().ok()?;
    let system: f64 = words
        .next()?
        .strip_prefix("stime=")?
        .strip_suffix('s')?
        .parse()
        .ok()?;
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::super::cases;
    use super::*;
    use crate::ffmpeg::capabilities::capabilities;
    use crate::probe_cache::ProbeCache;

    /// Runs each case briefly: FFmpeg refuses a wrong graph or option.
    #[tokio::test]
    async fn ffmpeg_runs_every_case() {
        let tools = Tools::find().unwrap();
        let capabilities = capabilities(&tools, &ProbeCache::disabled()).await.unwrap();
        let runner = Runner::new(&tools).unwrap();
        runner.write_media().await.unwrap();
        for case in cases::filters().filter(|case| capabilities.has_filter(case.filter)) {
            let arguments = filter_arguments(case.graph, case.rounds);
            let words: Vec<&str> = ["-t", "0.2"]
                .into_iter()
                .chain(arguments.iter().map(String::as_str))
                .collect();
            let log = runner.ffmpeg(&words).await.unwrap();
            assert!(benchmark(&log).is_some(), "{}: {log}", case.name());
        }
        let baseline = Baseline {
            video: 0.0,
            repeated_video: 0.0,
            audio: 0.0,
        };
        for case in cases::encoders().filter(|case| capabilities.encoders.contains(case.encoder)) {
            let short = cases::EncoderCase {
                frames: case.frames.min(2),
                ..case
            };
            let content = short.contents()[0];
            assert!(
                runner.encode(&short, &content, &baseline).await.is_some(),
                "{}",
                short.name()
            );
        }
        for case in cases::decoders().filter(|case| capabilities.encoders.contains(case.encoder)) {
            let content = case.contents()[0];
            assert!(runner.decode(&case, &content).await.is_some(), "{}", case.codec);
        }
    }

    #[test]
    fn cpu_time_is_read_from_the_log() {
        let log = "frame= 1\nbench: utime=0.085s stime=0.019s rtime=0.302s\nbench: maxrss=100KiB\n";
        assert!(benchmark(log).is_some_and(|seconds| (seconds - 0.104).abs() < 1e-9));
        assert_eq!(benchmark("nothing"), None);
    }
}
