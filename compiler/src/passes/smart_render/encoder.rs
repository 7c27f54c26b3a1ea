//! Encoder settings whose packets can be joined with copied ones.

use crate::output::{ConcatCodec, Encoder};

/// The largest reorder depth that the encoders here produce, in frames.
pub(super) const MAX_REORDER_DEPTH: i64 = 2;

/// The encoder of a codec, with settings that match copied packets: the same reorder depth in frames, closed GOPs only,
/// and a parameter set id that is not in use. A short part is seen next to the source itself, so it is encoded with
/// better quality than usual; its size does not matter.
pub(super) fn matching_encoder(codec: ConcatCodec, delay: i64, is_short: bool) -> Encoder {
    let b_frames = if delay == 0 { "0" } else { "3" };
    let pyramid = delay == MAX_REORDER_DEPTH;
    let options = match codec {
        ConcatCodec::H264 => {
            let pyramid = if pyramid { "normal" } else { "none" };
            let mut options = x264_x265_options(is_short, "17", "21");
            options.push(("bf", b_frames.to_owned()));
            options.push(("x264-params", format!("b-pyramid={pyramid}:sps-id=1")));
            options
        }
        ConcatCodec::H265 => {
            let pyramid = u8::from(pyramid);
            let mut options = x264_x265_options(is_short, "20", "26");
            options.push((
                "x265-params",
                format!("log-level=error:repeat-headers=1:open-gop=0:bframes={b_frames}:b-pyramid={pyramid}"),
            ));
            options
        }
        ConcatCodec::Mpeg4 => {
            let quantizer = if is_short { "2" } else { "3" };
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

/// The options that x264 and x265 share, with the CRF for short parts and for others.
fn x264_x265_options(is_short: bool, short_crf: &str, crf: &str) -> Vec<(&'static str, String)> {
    let (crf, preset) = if is_short {
        (short_crf, "veryfast")
    } else {
        (crf, "medium")
    };
    vec![
        ("crf", crf.to_owned()),
        ("preset", preset.to_owned()),
        ("pix_fmt", "yuv420p".to_owned()),
    ]
}
