//! Derives properties of a pixel format from its name, which follows a scheme (FFmpeg's `libavutil/pixdesc.c`).

/// Whether a format has an alpha channel (`AV_PIX_FMT_FLAG_ALPHA`). Palettes may have transparent entries.
pub(super) fn has_alpha(format: &str) -> bool {
    const PREFIXES: &[&str] = &[
        "yuva", "gbrap", "rgba", "bgra", "argb", "abgr", "ayuv", "ya8", "ya16", "yaf", "vuya", "pal8",
    ];
    PREFIXES.iter().any(|prefix| format.starts_with(prefix))
}

/// The bits per component of a format.
pub(super) fn bit_depth(format: &str) -> u8 {
    let format = format.trim_end_matches("le").trim_end_matches("be");
    // Formats whose names do not end with the bits per component.
    const SPECIAL: &[(&str, u8)] = &[
        ("rgb48", 16),
        ("bgr48", 16),
        ("rgba64", 16),
        ("bgra64", 16),
        ("ayuv64", 16),
        ("x2rgb10", 10),
        ("x2bgr10", 10),
        ("xyz12", 12),
        ("nv20", 10),
        ("ya16", 16),
        ("p010", 10),
        ("p012", 12),
        ("p016", 16),
        ("p210", 10),
        ("p212", 12),
        ("p216", 16),
        ("p410", 10),
        ("p412", 12),
        ("p416", 16),
        ("y210", 10),
        ("y212", 12),
        ("xv30", 10),
        ("xv36", 12),
    ];
    if let Some((_, depth)) = SPECIAL.iter().find(|(name, _)| format == *name) {
        return *depth;
    }
    // `yuv420p10`, `gbrap12`, `gray16`, `grayf32`, `bayer_rggb16`: the number at the end, if it is more than 8.
    let digits = format.len() - format.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let planar = ["yuv", "gbr", "gray", "bayer", "gbrapf", "rgbf"]
        .iter()
        .any(|prefix| format.starts_with(prefix));
    let depth: u8 = format
        .get(format.len() - digits..)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(8);
    match planar && (9..=32).contains(&depth) {
        true => depth,
        false => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_imply_bit_depth_and_alpha() {
        for (format, depth, alpha) in [
            ("yuv420p", 8, false),
            ("yuvj444p", 8, false),
            ("yuv420p10le", 10, false),
            ("yuva444p12be", 12, true),
            ("gbrap16le", 16, true),
            ("gbrpf32le", 32, false),
            ("rgb24", 8, false),
            ("rgba", 8, true),
            ("rgba64be", 16, true),
            ("rgb48le", 16, false),
            ("gray", 8, false),
            ("gray10le", 10, false),
            ("ya16be", 16, true),
            ("pal8", 8, true),
            ("nv12", 8, false),
            ("p010le", 10, false),
            ("yuv410p", 8, false),
            ("rgb565le", 8, false),
            ("monob", 8, false),
        ] {
            assert_eq!((bit_depth(format), has_alpha(format)), (depth, alpha), "{format}");
        }
    }
}
