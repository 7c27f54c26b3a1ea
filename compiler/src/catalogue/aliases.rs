//! Names that FFmpeg, editors and other services give to operations of the catalogue.

/// Returns the operation that is known elsewhere by a name.
pub fn alias_of(name: &str) -> Option<&'static str> {
    let operation = match name {
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
    Some(operation)
}

#[cfg(test)]
mod tests {
    use crate::catalogue::operation;

    #[test]
    fn aliases_name_operations_and_are_none_themselves() {
        for alias in [
            "drawtext", "srt", "cut", "resize", "join", "logo", "amix", "fadein", "gain",
        ] {
            let name = super::alias_of(alias).unwrap();
            assert!(operation(name).is_some(), "there is no operation `{name}`");
            assert!(operation(alias).is_none(), "`{alias}` is also an operation");
        }
    }
}
