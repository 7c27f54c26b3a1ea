//! Random recipes, built as data and then printed, so that a failing one can be shrunk.

use super::media::Medium;

/// A clip: where it comes from, and what is done to it.
#[derive(Clone, Debug)]
pub(super) struct Clip {
    pub(super) base: Base,
    pub(super) stages: Vec<Stage>,
}

#[derive(Clone, Debug)]
pub(super) enum Base {
    Medium(Medium),
    /// How it is written, and how long it is.
    Made(&'static str, f64),
    Concat(Vec<Clip>, Joint),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Joint {
    pub(super) transition: Option<&'static str>,
    pub(super) options: &'static str,
}

/// A part of a clip's time, in thousandths of its length; on its frames or anywhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) from: u32,
    pub(super) length: u32,
    pub(super) on_frames: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// Written as it is.
    Alone(&'static str),
    Trim(Span),
    During(&'static str, Span),
    /// `X` is another clip, `D` a window.
    With(&'static str, Box<Clip>, Span),
}

/// What a recipe makes, and how.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    pub(super) clip: Clip,
    pub(super) outputs: Vec<Output>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    pub(super) extension: &'static str,
    pub(super) options: &'static str,
    /// Behind the clip.
    pub(super) stage: &'static str,
}

/// A clip as it is written, and about how long it is.
struct Written {
    text: String,
    length: f64,
    rate: f64,
    /// Whether it ends with a stage.
    piped: bool,
}

impl Span {
    fn of(self, clip: &Written) -> String {
        let at = |thousandths: u32| {
            let seconds = clip.length * f64::from(thousandths.min(1000)) / 1000.0;
            match self.on_frames {
                true => (seconds * clip.rate).round() / clip.rate,
                false => seconds,
            }
        };
        let (from, to) = (at(self.from), at(self.from + self.length));
        let seconds = |time: f64| {
            let text = format!("{time:.4}");
            format!("{}s", text.trim_end_matches('0').trim_end_matches('.'))
        };
        match self.from + self.length >= 1000 {
            true => format!("{}..", seconds(from)),
            false => format!("{}..{}", seconds(from), seconds(to)),
        }
    }

    fn share(self) -> f64 {
        f64::from(self.length.min(1000 - self.from)) / 1000.0
    }
}

impl Clip {
    fn written(&self) -> Written {
        let mut clip = match &self.base {
            Base::Medium(medium) => Written {
                text: medium.name.replace('.', "-"),
                length: medium.length,
                rate: medium.rate.unwrap_or(25.0),
                piped: false,
            },
            Base::Made(text, length) => Written {
                text: (*text).to_owned(),
                length: *length,
                rate: 25.0,
                piped: false,
            },
            Base::Concat(clips, joint) => concat(clips, *joint),
        };
        for stage in &self.stages {
            clip = stage.after(clip);
        }
        clip
    }

    /// The media it is made of.
    fn media(&self, found: &mut Vec<&'static str>) {
        match &self.base {
            Base::Medium(medium) => found.push(medium.name),
            Base::Made(..) => {}
            Base::Concat(clips, _) => clips.iter().for_each(|clip| clip.media(found)),
        }
        for stage in &self.stages {
            if let Stage::With(_, clip, _) = stage {
                clip.media(found);
            }
        }
    }
}

fn concat(clips: &[Clip], joint: Joint) -> Written {
    let mut written: Vec<Written> = clips.iter().map(Clip::written).collect();
    if written.len() == 1 && joint.options.is_empty() {
        return written.remove(0);
    }
    let mut length: f64 = written.iter().map(|clip| clip.length).sum();
    let transition = match joint.transition {
        Some(kind) => {
            length -= 0.4 * (written.len() - 1) as f64;
            format!(", transition: xfade({kind}, duration: 400ms)")
        }
        None => String::new(),
    };
    let texts: Vec<&str> = written.iter().map(|clip| clip.text.as_str()).collect();
    Written {
        text: format!("concat([{}]{transition}{})", texts.join(", "), joint.options),
        length,
        rate: written[0].rate,
        piped: false,
    }
}

impl Stage {
    fn after(&self, clip: Written) -> Written {
        let (call, length) = match self {
            Stage::Alone(call) => {
                let factor = match *call {
                    "speed(2, pitch: shift)" => 0.5,
                    "speed(0.5, pitch: shift)" | "loop(count: 2)" => 2.0,
                    _ => 1.0,
                };
                ((*call).to_owned(), clip.length * factor)
            }
            Stage::Trim(span) => (format!("trim({})", span.of(&clip)), clip.length * span.share()),
            Stage::During(call, span) => (call.replace('D', &span.of(&clip)), clip.length),
            Stage::With(call, other, span) => {
                let during = call.replace('D', &span.of(&clip));
                (during.replace('X', &other.written().text), clip.length)
            }
        };
        // In one pair of brackets, so that it may stand anywhere.
        let inner = clip
            .text
            .strip_prefix('(')
            .and_then(|text| text.strip_suffix(')'));
        let inner = inner.filter(|_| clip.piped).unwrap_or(&clip.text);
        Written {
            text: format!("({inner} | {call})"),
            length,
            piped: true,
            ..clip
        }
    }
}

impl Recipe {
    pub(super) fn text(&self) -> String {
        let mut media = Vec::new();
        self.clip.media(&mut media);
        media.sort_unstable();
        media.dedup();
        let mut text = String::from("vidc 1\n\n");
        for name in media {
            text.push_str(&format!("input {} = \"{name}\"\n", name.replace('.', "-")));
        }
        text.push_str(&format!("\nlet main = {}\n\n", self.clip.written().text));
        for (index, output) in self.outputs.iter().enumerate() {
            let stage = match output.stage {
                "" => String::new(),
                stage => format!(" | {stage}"),
            };
            text.push_str(&format!(
                "output(\"{}\", from: main{stage}{})\n",
                output.name(index),
                output.options
            ));
        }
        text
    }

    /// About how many seconds it makes.
    pub(super) fn length(&self) -> f64 {
        self.clip.written().length
    }
}

impl Output {
    pub(super) fn name(&self, index: usize) -> String {
        format!("out{index}.{}", self.extension)
    }
}
