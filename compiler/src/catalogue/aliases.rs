//! What other programs call our operations.

/// The operation that does what FFmpeg, editors or other services call by another name.
pub fn alias_of(name: &str) -> Option<&'static str> {
    let ours = match name {
        "drawtext" | "title" | "caption" | "label" => "text",
        "ass" | "subtitle" | "srt" | "captions" => "subtitles",
        "cut" | "clip" | "slice" | "atrim" | "subclip" => "trim",
        "resize" | "size" => "scale",
        "join" | "merge" | "append" | "concatenate" | "sequence" => "concat",
        "watermark" | "logo" => "overlay",
        "picture-in-picture" => "pip",
        "amix" | "music" | "add-audio" => "mix",
        "afade" | "fadein" | "fadeout" | "fade-in" | "fade-out" => "fade",
        "gain" | "loud" => "volume",
        "loudnorm" | "normalize" => "loudness",
        "sidechaincompress" | "ducking" => "duck",
        "setpts" | "atempo" | "tempo" => "speed",
        "transpose" => "rotate",
        "hflip" | "vflip" | "mirror" => "flip",
        "bw" | "gray" | "greyscale" => "grayscale",
        "adelay" | "tpad" => "delay",
        "anullsrc" => "silence",
        "downmix" | "mono" | "stereo" | "aformat" => "channels",
        "aresample" | "sample-rate" => "resample",
        "repeat" | "aloop" => "loop",
        "alpha" => "opacity",
        "letterbox" => "fit",
        "framerate" | "frame-rate" => "fps",
        _ => return None,
    };
    Some(ours)
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_it_names_is_there() {
        for name in [
            "drawtext", "srt", "cut", "resize", "join", "logo", "amix", "fadein", "gain",
        ] {
            let ours = super::alias_of(name).unwrap();
            assert!(crate::catalogue::operation(ours).is_some(), "{ours}");
            assert!(
                crate::catalogue::operation(name).is_none(),
                "{name} is one of ours"
            );
        }
    }
}
