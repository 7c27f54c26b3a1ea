//! Encoders that make packets like those beside them.

use crate::output::{ConcatCodec, Encoder};

use super::MOST_DELAY;

/// The encoder of a codec with settings that make packets like those beside them: as many frames held back, every group
/// closed, and parameter sets whose number is not taken. A few seconds are seen next to the source's own, so they are
/// better than the usual, and need not be small.
pub(super) fn matching_encoder(codec: ConcatCodec, delay: i64, little: bool) -> Encoder {
    let reordered = if delay == 0 { "0" } else { "3" };
    let pyramid = delay == MOST_DELAY;
    let options = match codec {
        ConcatCodec::H264 => {
            let pyramid = if pyramid { "normal" } else { "none" };
            let mut options = x264_x265_options(little, "17", "21");
            options.push(("bf", reordered.to_owned()));
            options.push(("x264-params", format!("b-pyramid={pyramid}:sps-id=1")));
            options
        }
        ConcatCodec::H265 => {
            let pyramid = u8::from(pyramid);
            let mut options = x264_x265_options(little, "20", "26");
            options.push((
                "x265-params",
                format!(
                    "log-level=error:repeat-headers=1:open-gop=0:bframes={reordered}:b-pyramid={pyramid}"
                ),
            ));
            options
        }
        ConcatCodec::Mpeg4 => {
            let quantizer = if little { "2" } else { "3" };
            vec![
                ("q", quantizer.to_owned()),
                ("pix_fmt", "yuv420p".to_owned()),
                ("bf", "0".to_owned()),
            ]
        }
    };
    Encoder {
        name: codec.encoder(),
        options: options
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    }
}

/// What x264 and x265 have in common.
fn x264_x265_options(little: bool, better: &str, usual: &str) -> Vec<(&'static str, String)> {
    let (crf, preset) = if little {
        (better, "veryfast")
    } else {
        (usual, "medium")
    };
    vec![
        ("crf", crf.to_owned()),
        ("preset", preset.to_owned()),
        ("pix_fmt", "yuv420p".to_owned()),
    ]
}
