//! Running ffmpeg for a trial, and what it took.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::cases::{Content, DecoderCase, EncoderCase, FPS, FRAMES, FilterCase, SIZE, SOUND, TITLE};
use crate::error::Error;
use crate::ffmpeg::{Tools, capture, command, rusage};

/// No trial takes longer on a machine that anybody would render on.
const LIMIT: Duration = Duration::from_secs(60);
/// The least of so many counts: whatever else the machine does can only add.
const ROUNDS: usize = 2;
/// What takes longer is measured once.
const LONG: f64 = 1.5;
/// How many times ffmpeg is started.
const STARTS: u32 = 10;

/// One run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial {
    /// Seconds of CPU.
    pub(super) cpu: f64,
    /// Megapixels or seconds of sound.
    pub(super) amount: f64,
    /// Of the coded stream.
    pub(super) megabits: f64,
}

/// What reading pictures and sound takes without any filter, in seconds of CPU.
pub(super) struct Unfiltered {
    once: f64,
    often: f64,
    sound: f64,
}

impl Unfiltered {
    /// What an encoder is given without the encoder.
    fn of_encoder(&self, case: &EncoderCase) -> f64 {
        match case.frames {
            0 => self.sound,
            frames => self.once * frames as f64 / FRAMES as f64,
        }
    }

    pub(super) fn of(&self, case: &FilterCase) -> f64 {
        match case.rounds {
            0 => self.sound,
            1 => self.once,
            _ => self.often,
        }
    }
}

/// A folder of media to measure with.
pub(super) struct Bench<'a> {
    tools: &'a Tools,
    folder: tempfile::TempDir,
}

impl<'a> Bench<'a> {
    pub(super) fn new(tools: &'a Tools) -> Result<Self, Error> {
        let folder = tempfile::Builder::new()
            .prefix("vidc-bench-")
            .tempdir()
            .map_err(Error::io("make a directory in", std::env::temp_dir()))?;
        Ok(Bench { tools, folder })
    }

    /// Seconds of CPU until ffmpeg has started and ended; where the system does not tell that, seconds.
    pub(super) async fn start(&self) -> Result<f64, Error> {
        let (begun, before) = (Instant::now(), rusage::children_cpu_time());
        for _ in 0..STARTS {
            self.ffmpeg(&["-version"]).await?;
        }
        let used = rusage::children_cpu_time()
            .zip(before)
            .map(|(after, before)| after.saturating_sub(before));
        let all = used
            .filter(|used| !used.is_zero())
            .unwrap_or_else(|| begun.elapsed());
        Ok(all.as_secs_f64() / f64::from(STARTS))
    }

    /// Makes the media.
    pub(super) async fn media(&self) -> Result<(), Error> {
        let plain = format!("gradients=s={SIZE}:r={FPS}:n=3:speed=0.02:seed=7,format=yuv420p");
        let detailed = format!("testsrc2=s={SIZE}:r={FPS},noise=alls=3:allf=t,format=yuv420p");
        let frames = FRAMES.to_string();
        for (picture, content) in [(&plain, Content::Plain), (&detailed, Content::Detailed)] {
            let output = ["-frames:v", &frames, "-c:v", "rawvideo", content.file()];
            let input = ["-f", "lavfi", "-i", picture];
            self.ffmpeg(&[&input[..], &output[..]].concat()).await?;
        }
        let sound = format!(
            "aevalsrc='0.3*sin(2*PI*(180+60*sin(2*PI*0.7*t))*t)*(0.6+0.4*sin(2*PI*3*t))+0.02*(random(0)-0.5)\
             |0.3*sin(2*PI*330*t)+0.02*(random(1)-0.5)':s=48000:d={SOUND}"
        );
        let title = self.folder.path().join("title.ass");
        fs::write(&title, TITLE).map_err(Error::io("write", title))?;
        let output = ["-c:a", "pcm_s16le", Content::Sound.file()];
        self.ffmpeg(&[&["-f", "lavfi", "-i", &sound][..], &output[..]].concat())
            .await?;
        Ok(())
    }

    /// What encoding takes; none if it fails.
    pub(super) async fn encode(
        &self,
        case: &EncoderCase,
        content: &Content,
        without: &Unfiltered,
    ) -> Option<Trial> {
        let frames = case.frames.to_string();
        let (kind, limit) = match content {
            Content::Sound => ("-c:a", Vec::new()),
            _ => ("-c:v", vec!["-frames:v", &frames]),
        };
        let file = coded(case, *content);
        let input = ["-i", content.file()];
        let encoder = [kind, case.encoder];
        let cpu = self
            .least(&[&input[..], &limit, &encoder, case.options, &[&file]].concat())
            .await?;
        Some(Trial {
            cpu: (cpu - without.of_encoder(case)).max(0.0),
            amount: case.amount(),
            megabits: self.megabits(&file),
        })
    }

    /// What decoding takes of a file that was encoded before.
    pub(super) async fn decode(&self, case: &DecoderCase, content: &Content) -> Option<Trial> {
        let made = case.made()?;
        let file = coded(&made, *content);
        // Often enough that it can be measured.
        let times = 4.0;
        let cpu = self
            .least(&["-stream_loop", "3", "-i", &file, "-f", "null", "-"])
            .await?;
        Some(Trial {
            cpu,
            amount: made.amount() * times,
            megabits: self.megabits(&file) * times,
        })
    }

    /// What reading takes without filters.
    pub(super) async fn unfiltered(&self) -> Result<Unfiltered, Error> {
        let broken = || Error::ToolBroken {
            path: self.tools.ffmpeg.clone(),
            reason: "it does not say how much processor time it has used, as `-benchmark` asks it to"
                .to_owned(),
        };
        Ok(Unfiltered {
            once: self.filtering("[in]null", 1).await.ok_or_else(broken)?,
            often: self.filtering("[in]null", 4).await.ok_or_else(broken)?,
            sound: self.filtering("[in]anull", 0).await.ok_or_else(broken)?,
        })
    }

    /// Seconds of CPU with a filter; none if it fails.
    pub(super) async fn filter(&self, case: &FilterCase) -> Option<f64> {
        self.filtering(case.graph, case.rounds).await
    }

    /// Seconds of CPU for so many rounds of the test video, or the test audio, through a graph; none if it fails.
    async fn filtering(&self, graph: &str, rounds: usize) -> Option<f64> {
        let arguments = filtering(graph, rounds);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.least(&arguments).await
    }

    /// Megabits of a file.
    fn megabits(&self, file: &str) -> f64 {
        let bytes = fs::metadata(self.folder.path().join(file)).map_or(0, |found| found.len());
        bytes as f64 * 8.0 / 1e6
    }

    /// Seconds of CPU between the start of the work and its end: the least of some runs.
    async fn least(&self, arguments: &[&str]) -> Option<f64> {
        let mut least = f64::INFINITY;
        for _ in 0..ROUNDS {
            let log = self.ffmpeg(arguments).await.ok()?;
            least = least.min(benchmark(&log)?);
            if least > LONG {
                break;
            }
        }
        Some(least)
    }

    /// Runs ffmpeg in the folder, and gives its log.
    async fn ffmpeg(&self, arguments: &[&str]) -> Result<String, Error> {
        let before = ["-hide_banner", "-nostdin", "-benchmark", "-y"];
        let mut run = command(&self.tools.ffmpeg, before.iter().chain(arguments));
        run.current_dir(self.folder.path());
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

/// The arguments that run media through a filter.
fn filtering(graph: &str, rounds: usize) -> Vec<String> {
    let (content, before) = match rounds {
        0 => (Content::Sound, "[0:a]anull[in];".to_owned()),
        1 => (Content::Detailed, "[0:v]null[in];".to_owned()),
        rounds => {
            let loops = rounds - 1;
            let before = format!("[0:v]loop=loop={loops}:size={FRAMES},setpts=N/{FPS}/TB[in];");
            (Content::Detailed, before)
        }
    };
    let graph = format!("{before}{graph}[out]");
    let output = ["-map", "[out]", "-f", "null", "-"];
    let words = ["-i", content.file(), "-filter_complex", &graph];
    words.into_iter().chain(output).map(str::to_owned).collect()
}

/// The file that an encoder makes.
fn coded(case: &EncoderCase, content: Content) -> String {
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

    /// A short look at each: FFmpeg would refuse a graph or an option that is wrong.
    #[tokio::test]
    async fn every_case_is_one_that_ffmpeg_runs() {
        let tools = Tools::find().unwrap();
        let able = capabilities(&tools, &ProbeCache::disabled()).await.unwrap();
        let bench = Bench::new(&tools).unwrap();
        bench.media().await.unwrap();
        for case in cases::filters().filter(|case| able.has_filter(case.filter)) {
            let arguments = filtering(case.graph, case.rounds);
            let words: Vec<&str> = ["-t", "0.2"]
                .into_iter()
                .chain(arguments.iter().map(String::as_str))
                .collect();
            let log = bench.ffmpeg(&words).await.unwrap();
            assert!(benchmark(&log).is_some(), "{}: {log}", case.name());
        }
        let without = Unfiltered {
            once: 0.0,
            often: 0.0,
            sound: 0.0,
        };
        for case in cases::encoders().filter(|case| able.encoders.contains(case.encoder)) {
            let short = cases::EncoderCase {
                frames: case.frames.min(2),
                ..case
            };
            let content = short.contents()[0];
            assert!(
                bench.encode(&short, &content, &without).await.is_some(),
                "{}",
                short.name()
            );
        }
        for case in cases::decoders().filter(|case| able.encoders.contains(case.encoder)) {
            let content = case.contents()[0];
            assert!(bench.decode(&case, &content).await.is_some(), "{}", case.codec);
        }
    }

    #[test]
    fn processor_time_is_read_from_the_log() {
        let log = "frame= 1\nbench: utime=0.085s stime=0.019s rtime=0.302s\nbench: maxrss=100KiB\n";
        assert!(benchmark(log).is_some_and(|seconds| (seconds - 0.104).abs() < 1e-9));
        assert_eq!(benchmark("nothing"), None);
    }
}
