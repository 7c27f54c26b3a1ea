//! Encoders that make packets like those beside them.

use crate::output::{Codec, Encoder};

use super::MOST_DELAY;

/// A few seconds are seen next to the source's own, so they are better than the usual, and need not be small.
struct Quality {
    crf: &'static str,
    preset: &'static str,
}

/// The encoder of a codec with settings that make packets like those beside them: as many frames held back, every group
/// closed, and parameter sets whose number is not taken.
pub(super) fn alike(codec: Codec, delay: i64, little: bool) -> Encoder {
    let quality = match (codec, little) {
        (Codec::H264, true) => Quality {
            crf: "17",
            preset: "veryfast",
        },
        (Codec::H264, false) => Quality {
            crf: "21",
            preset: "medium",
        },
        (Codec::Hevc, true) => Quality {
            crf: "20",
            preset: "veryfast",
        },
        (Codec::Hevc, false) => Quality {
            crf: "26",
            preset: "medium",
        },
    };
    let reordered = if delay == 0 { "0" } else { "3" };
    let pyramid = delay == MOST_DELAY;
    let mut options = vec![
        ("crf", quality.crf.to_owned()),
        ("preset", quality.preset.to_owned()),
        ("pix_fmt", "yuv420p".to_owned()),
    ];
    match codec {
        Codec::H264 => {
            let pyramid = if pyramid { "normal" } else { "none" };
            options.push(("bf", reordered.to_owned()));
            options.push(("x264-params", format!("b-pyramid={pyramid}:sps-id=1")));
        }
        Codec::Hevc => {
            let pyramid = u8::from(pyramid);
            options.push((
                "x265-params",
                format!("log-level=error:open-gop=0:bframes={reordered}:b-pyramid={pyramid}"),
            ));
        }
    }
    Encoder {
        name: codec.encoder(),
        options: options
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    }
}
