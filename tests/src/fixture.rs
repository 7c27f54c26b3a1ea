//! Small sources made by ffmpeg, and recipes given in a line rendered from them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Run, run, vidc};

/// Picture that loses nothing, and sound that loses nothing: what an output of a test is written with.
pub const LOSSLESS: &str = "video: h264(crf: 0, preset: ultrafast), audio: pcm";

/// A folder of sources in which recipes are rendered.
#[derive(Debug)]
pub struct Studio {
    program: &'static str,
    folder: tempfile::TempDir,
}

impl Studio {
    /// A studio with some of the [`sources`](source) in it.
    pub fn with(program: &'static str, sources: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary folder: {error}"));
        let studio = Studio { program, folder };
        for name in sources {
            let made = source(name);
            let there = studio.path(name);
            std::fs::copy(&made, &there).unwrap_or_else(|error| panic!("{}: {error}", there.display()));
        }
        studio
    }

    /// Where a file of the studio is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), contents).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Runs `vidc render` on the statements of a recipe with some options.
    pub fn run(&self, statements: &str, options: &[&str]) -> Run {
        self.write("recipe.vidc", format!("vidc 1\n\n{statements}\n"));
        run(vidc(self.program, self.folder.path())
            .args(["render", "--no-cache", "recipe.vidc"])
            .args(options))
    }

    /// Renders statements that have outputs of their own.
    #[track_caller]
    pub fn render(&self, statements: &str) {
        self.run(statements, &[]).expect(0);
    }

    /// Renders a clip, losing nothing, and gives the file.
    #[track_caller]
    pub fn clip(&self, pipeline: &str) -> PathBuf {
        self.clip_with(pipeline, &[])
    }

    /// Renders a clip that has no sound, losing nothing.
    #[track_caller]
    pub fn picture(&self, pipeline: &str) -> PathBuf {
        self.render(&format!(
            "output(\"out.mkv\", from: {pipeline}, video: h264(crf: 0, preset: ultrafast))"
        ));
        self.path("out.mkv")
    }

    /// Renders a clip that has no picture, losing nothing.
    #[track_caller]
    pub fn sound(&self, pipeline: &str) -> PathBuf {
        self.render(&format!("output(\"out.wav\", from: {pipeline})"));
        self.path("out.wav")
    }

    /// Renders a clip with options for `vidc render`.
    #[track_caller]
    pub fn clip_with(&self, pipeline: &str, options: &[&str]) -> PathBuf {
        let statements = format!("output(\"out.mkv\", from: {pipeline}, {LOSSLESS})");
        self.run(&statements, options).expect(0);
        self.path("out.mkv")
    }
}

/// Codec options that lose nothing, with a keyframe every ten frames and frames that are decoded out of order.
/// A hundred frames of which each tells its number by its luma, and a tone.
const COUNTED: &str = "-f lavfi -i color=black:s=64x48:r=25:d=4,geq=lum=20+2*N:cb=128:cr=128 \
    -f lavfi -i sine=1000:r=48000:d=4";
const X264: &str = "-c:v libx264 -crf 0 -preset ultrafast -bf 2 -g 10 -pix_fmt yuv420p";

/// The recipe of a source, as arguments of ffmpeg separated by blanks.
fn arguments(name: &str) -> String {
    let quarters = |size: &str, rate: u32, seconds: u32| {
        format!(
            "-f lavfi -i color=red:s={size}:r={rate}:d={seconds},drawbox=x=iw/2:c=lime:t=fill,\
             drawbox=y=ih/2:w=iw/2:c=blue:t=fill,drawbox=x=iw/2:y=ih/2:c=white:t=fill"
        )
    };
    match name {
        // 4 s in 100 frames; frame N has the luma 20 + 2 N.
        "count.mp4" => format!(
            "-f lavfi -i color=black:s=64x48:r=25:d=4,geq=lum=20+2*N:cb=128:cr=128 \
             -f lavfi -i sine=1000:r=48000:d=4 {X264} -c:a aac"
        ),
        // The same with a keyframe at every 15th frame: in MP4, in Matroska, by another clock, and with open groups; and
        // with none but the first, though others are marked as such.
        "groups.mp4" | "groups.mkv" | "ticks.mp4" | "open.mp4" | "refreshed.mp4" | "refreshed.mkv" => {
            let params = match name {
                "open.mp4" => "keyint=15:min-keyint=15:scenecut=0:open-gop=1",
                "refreshed.mp4" | "refreshed.mkv" => "keyint=15:intra-refresh=1:bframes=0",
                _ => "keyint=15:min-keyint=15:scenecut=0",
            };
            let ticks = match name {
                "ticks.mp4" => "-video_track_timescale 90000",
                _ => "",
            };
            format!("{COUNTED} -c:v libx264 -crf 10 -pix_fmt yuv420p -x264-params {params} -c:a aac {ticks}")
        }
        // In AVI; and in HEVC, by two presets.
        "groups.avi" => format!(
            "{COUNTED} -c:v mpeg4 -q:v 2 -g 15 -bf 0 -pix_fmt yuv420p -c:a libmp3lame -avoid_negative_ts disabled"
        ),
        // The same with frames that are decoded out of order, which AVI tells nothing of.
        "reordered.avi" => {
            format!("{COUNTED} -c:v mpeg4 -q:v 2 -g 15 -bf 2 -pix_fmt yuv420p -c:a libmp3lame")
        }
        "modern.avi" => {
            format!("{COUNTED} -c:v libx264 -crf 10 -g 15 -bf 2 -pix_fmt yuv420p -c:a libmp3lame")
        }
        "hevc.mp4" | "ultrafast.mp4" => format!(
            "{COUNTED} -c:v libx265 -crf 10 -preset {} -pix_fmt yuv420p \
             -x265-params log-level=error:keyint=15:min-keyint=15:scenecut=0:open-gop=0 -tag:v hvc1 -c:a aac",
            if name == "hevc.mp4" { "medium" } else { "ultrafast" }
        ),
        // 4 s with a keyframe at every tenth frame, and tones that rise and fall; and a bit more than 3 s of it.
        "swept.mp4" | "short.mp4" => format!(
            "-f lavfi -i testsrc2=s=160x90:r=25:d={0} \
             -f lavfi -i aevalsrc='0.3*sin(2*PI*(200+300*t)*t)|0.2*sin(2*PI*(900-100*t)*t)':s=48000:d={0} {X264} -c:a aac",
            if name == "short.mp4" { "3.08" } else { "4" }
        ),
        // Quarters in red, lime, blue and white, with a tone of 440 Hz.
        "quarters.mp4" => format!(
            "{} -f lavfi -i sine=440:r=48000:d=2 {X264} -c:a aac",
            quarters("160x120", 25, 2)
        ),
        // The same in another shape and rate, without sound.
        "tall.mp4" => format!("{} {X264}", quarters("80x120", 30, 1)),
        // Six frames of `count.mp4` and the times at which they are seen there: 0, 6, 20, 22, 52 and 80.
        "held.mp4" => "-f lavfi -i color=black:s=64x48:r=25:d=4,geq=lum=20+2*N:cb=128:cr=128,\
             select='eq(n,0)+eq(n,6)+eq(n,20)+eq(n,22)+eq(n,52)+eq(n,80)' -fps_mode vfr \
             -c:v libx264 -crf 0 -preset ultrafast -bf 0 -pix_fmt yuv420p"
            .to_owned(),
        // Two seconds whose left half is red as HD and as SD video have it, tagged and not.
        "hd.mp4" => red("1280x720", "bt709", "bt709"),
        "sd.mp4" => red("640x480", "bt601", "smpte170m"),
        "pal.mp4" => red("1280x720", "bt601", "bt470bg"),
        "untagged-hd.mp4" => red("1280x720", "bt709", "unknown"),
        "untagged-sd.mp4" => red("640x480", "bt601", "unknown"),
        // Pure red.
        "logo.png" => "-f lavfi -i color=red:s=64x64,format=rgb24 -frames:v 1".to_owned(),
        // Light gray in the two kinds of HDR.
        "pq.mp4" | "hlg.mp4" => format!(
            "-f lavfi -i color=0x949494:s=320x180:r=25:d=2,scale=out_range=tv,format=yuv420p10le \
             -c:v libx265 -preset ultrafast -x265-params log-level=error -tag:v hvc1 \
             -colorspace bt2020nc -color_primaries bt2020 -color_range tv -color_trc {}",
            if name == "pq.mp4" {
                "smpte2084"
            } else {
                "arib-std-b67"
            }
        ),
        // A flash and a beep of 40 ms at every whole second.
        "flash.mp4" | "flash.mkv" => format!(
            "-f lavfi -i color=black:s=64x48:r=25:d=4,drawbox=c=white:t=fill:enable='lt(mod(t+0.002,1),0.042)' \
             -f lavfi -i aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.04)':s=48000:d=4 {X264} -c:a aac"
        ),
        // Tones of half the full scale.
        "low.wav" => tone(300, 3),
        "high.wav" => tone(2000, 3),
        // A tone that is heard from one second to two.
        "burst.wav" => {
            "-f lavfi -i aevalsrc='0.5*sin(2*PI*2000*t)*between(t,1,2)':s=48000:d=4 -c:a pcm_s16le".to_owned()
        }
        _ => panic!("no source is called {name}"),
    }
}

/// A picture, its left half red, whose luma and color difference are made by a matrix, and tagged so; matrix, primaries and transfer function have the
/// same name.
fn red(size: &str, matrix: &str, tag: &str) -> String {
    let (transfer, range) = match tag {
        "unknown" => ("unknown", "unknown"),
        "bt470bg" => ("gamma28", "tv"),
        tag => (tag, "tv"),
    };
    format!(
        "-f lavfi -i testsrc2=s={size}:r=25:d=2,format=rgb24,drawbox=w=iw/2:c=red:t=fill,scale=out_color_matrix={matrix}:out_range=tv,format=yuv420p \
         -colorspace {tag} -color_primaries {tag} -color_trc {transfer} -color_range {range} {X264}"
    )
}

fn tone(frequency: u32, seconds: u32) -> String {
    format!("-f lavfi -i aevalsrc='0.5*sin(2*PI*{frequency}*t)':s=48000:d={seconds} -c:a pcm_s16le")
}

/// A source, made once and kept between runs under a name that its recipe decides.
///
/// # Panics
/// If there is no such source or ffmpeg cannot make it.
pub fn source(name: &str) -> PathBuf {
    made(name, &arguments(name))
}

/// What arguments of ffmpeg, separated by blanks, make; made once and kept between runs.
///
/// # Panics
/// If ffmpeg cannot make it.
pub fn made(name: &str, arguments: &str) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    arguments.hash(&mut hasher);
    let folder = std::env::temp_dir().join("vidc-tests-media");
    let path = folder.join(format!("{:016x}-{name}", hasher.finish()));
    if !path.exists() {
        make(&folder, &path, name, arguments);
    }
    path
}

fn make(folder: &Path, path: &Path, name: &str, arguments: &str) {
    std::fs::create_dir_all(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    // Several tests may make it at once; each renames a whole file.
    let part = folder.join(format!("part-{}-{name}", std::process::id()));
    let done = run(Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y"])
        .args(arguments.split_whitespace())
        .arg(&part));
    done.expect(0);
    std::fs::rename(&part, path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
