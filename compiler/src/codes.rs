//! Codes and explanations of the compiler's diagnostics.

vidc_dsl::codes! {
    UNKNOWN_NAME = Error "unknown-name" {
        "No `param`, `input` or `let` declares this name."
        wrong: "let main = tlak | mute"
        right: "input talk = \"talk.mp4\"\nlet main = talk | mute"
    }
    UNKNOWN_OPERATION = Error "unknown-operation" {
        "No operation has this name. `vidc ops` lists all operations."
        wrong: "let main = talk | trimm(0s..5s)"
        right: "let main = talk | trim(0s..5s)"
    }
    UNKNOWN_PARAMETER = Error "unknown-parameter" {
        "The operation has no parameter with this name. `vidc ops NAME` lists its parameters."
        wrong: "let main = talk | fade(inn: 1s)"
        right: "let main = talk | fade(in: 1s)"
    }
    UNKNOWN_WORD = Error "unknown-word" {
        "The parameter accepts only certain words, and this is not one of them."
        wrong: "let main = talk | text(\"Hi\", position: top_left)"
        right: "let main = talk | text(\"Hi\", position: top-left)"
    }
    UNKNOWN_FIELD = Error "unknown-field" {
        "The value has no field with this name. A clip has `duration`, `width`, `height`, `size`, `fps`, `sample-rate` and `channels`."
        wrong: "let main = talk | trim(0s..talk.lenght)"
        right: "let main = talk | trim(0s..talk.duration)"
    }
    WRONG_TYPE = Error "wrong-type" {
        "The parameter or operator does not accept a value of this type."
        wrong: "let main = talk | volume(loud)"
        right: "let main = talk | volume(3dB)"
    }
    MISSING_UNIT = Error "missing-unit" {
        "A plain number is used where a unit is required."
        wrong: "let main = talk | trim(0..5)"
        right: "let main = talk | trim(0s..5s)"
    }
    OUT_OF_RANGE = Error "out-of-range" {
        "The value has the right type but is outside the allowed range."
        wrong: "output(\"a.mp4\", from: talk, video: h264(crf: 80))"
        right: "output(\"a.mp4\", from: talk, video: h264(crf: 20))"
    }
    MISSING_ARGUMENT = Error "missing-argument" {
        "The call omits a parameter that has no default."
        wrong: "let main = talk | trim"
        right: "let main = talk | trim(0s..5s)"
    }
    MISPLACED_OPERATION = Error "misplaced-operation" {
        "An operation that creates a clip follows `|`, or one that modifies a clip has no clip before it."
        wrong: "let main = mute"
        right: "let main = talk | mute"
    }
    CONFLICTING_PARAMETERS = Error "conflicting-parameters" {
        "Two settings contradict each other, so only one of them can be used."
        wrong: "output(\"a.mp4\", from: talk, video: h264(crf: 20, bitrate: 2M))"
        right: "output(\"a.mp4\", from: talk, video: h264(crf: 20))"
    }
    DUPLICATE_NAME = Error "duplicate-name" {
        "The name is declared more than once. Parameters, inputs and lets share one namespace."
        wrong: "let a = color(red, size: 64x64)\nlet a = color(blue, size: 64x64)"
        right: "let a = color(red, size: 64x64)\nlet b = color(blue, size: 64x64)"
    }
    DUPLICATE_OUTPUT = Error "duplicate-output" {
        "Two outputs write to the same file."
        wrong: "output(\"a.mp4\", from: x)\noutput(\"a.mp4\", from: y)"
        right: "output(\"a.mp4\", from: x)\noutput(\"b.mp4\", from: y)"
    }
    CYCLE = Error "cycle" {
        "The value of a `let` depends on itself."
        wrong: "let a = b | mute\nlet b = a | mute"
        right: "let a = talk | mute\nlet b = a | mute"
    }
    UNSUPPORTED_VERSION = Error "unsupported-version" {
        "The recipe is written for a version of the language that this vidc does not support."
        wrong: "vidc 7"
        right: "vidc 1"
    }
    NO_OUTPUT = Error "no-output" {
        "The recipe has no `output`, so there is nothing to render."
        wrong: "let main = talk | mute"
        right: "let main = talk | mute\noutput(\"quiet.mp4\", from: main)"
    }
    TEMPLATE = Error "template" {
        "A `{{ }}` template cannot be expanded: it uses an undefined name or contains a syntax error."
        wrong: "let main = talk | text(\"{{ hedline }}\")"
        right: "param headline: string = \"News\"\nlet main = talk | text(\"{{ headline }}\")"
    }
    UNBOUND_PARAMETER = Error "unbound-parameter" {
        "A parameter without a default was not given a value, or the value does not match its type."
        wrong: "param title: string"
        right: "param title: string = \"News\""
    }
    UNKNOWN_BINDING = Error "unknown-binding" {
        "A value was given for a parameter or an input that the recipe does not declare."
        wrong: "vidc render --set titel=News show.vidc"
        right: "vidc render --set title=News show.vidc"
    }
    MISSING_FILE = Error "missing-file" {
        "The file does not exist. Paths are relative to the recipe's folder."
        wrong: "input talk = \"tlak.mp4\""
        right: "input talk = \"talk.mp4\""
    }
    UNREADABLE_FILE = Error "unreadable-file" {
        "The file exists, but FFmpeg cannot read it."
        wrong: "input talk = \"notes.txt\""
        right: "input talk = \"talk.mp4\""
    }
    NO_VIDEO = Error "no-video" {
        "The operation works on video, but the clip has none."
        wrong: "let main = input(\"song.mp3\") | scale(640x360)"
        right: "let main = input(\"film.mp4\") | scale(640x360)"
    }
    NO_AUDIO = Error "no-audio" {
        "The operation works on audio, but the clip has none."
        wrong: "let main = image(\"logo.png\") | volume(-6dB)"
        right: "let main = input(\"film.mp4\") | volume(-6dB)"
    }
    WINDOW_AFTER_END = Error "window-after-end" {
        "The time range starts after the clip has ended, so nothing would be left."
        wrong: "let main = ten-seconds | trim(12s..15s)"
        right: "let main = ten-seconds | trim(5s..8s)"
    }
    WINDOW_CLAMPED = Warning "window-clamped" {
        "The time range extends past the end of the clip and is shortened to end with it."
        wrong: "let main = ten-seconds | trim(5s..15s)"
        right: "let main = ten-seconds | trim(5s..)"
    }
    TRANSITION_TOO_LONG = Error "transition-too-long" {
        "A transition overlaps the two clips it joins, and one of them is shorter than the transition."
        wrong: "let main = concat([one-second, b], transition: xfade(fade, duration: 2s))"
        right: "let main = concat([one-second, b], transition: xfade(fade, duration: 500ms))"
    }
    ENDLESS = Error "endless" {
        "The clip has no end. A still image, a solid color or a looped clip needs a duration here."
        wrong: "let main = image(\"card.png\")\noutput(\"card.mp4\", from: main)"
        right: "let main = image(\"card.png\", duration: 5s)\noutput(\"card.mp4\", from: main)"
    }
    UNKNOWN_CONTAINER = Error "unknown-container" {
        "vidc cannot write the container that the output's file extension stands for."
        wrong: "output(\"show.mp5\", from: main)"
        right: "output(\"show.mp4\", from: main)"
    }
    CODEC_NOT_IN_CONTAINER = Error "codec-not-in-container" {
        "The container does not support the codec."
        wrong: "output(\"show.webm\", from: main, video: h264)"
        right: "output(\"show.webm\", from: main, video: vp9)"
    }
    CANNOT_COPY = Error "cannot-copy" {
        "`copy` was requested, but the recipe changes the track or the container does not support it."
        wrong: "output(\"show.mp4\", from: talk | grayscale, video: copy)"
        right: "output(\"show.mp4\", from: talk, video: copy)"
    }
    NOTHING_TO_WRITE = Error "nothing-to-write" {
        "The output would contain neither video nor audio."
        wrong: "output(\"song.mp3\", from: silent-film)"
        right: "output(\"film.mp4\", from: silent-film)"
    }
    NOT_IN_FFMPEG = Error "not-in-ffmpeg" {
        "The FFmpeg that renders this recipe does not have the filter, transition, encoder or muxer."
        wrong: "let main = concat([a, b], transition: xfade(hlwind))"
        right: "let main = concat([a, b], transition: xfade(fade))"
    }
    UNKNOWN_FONT = Error "unknown-font" {
        "No installed font family has this name. FFmpeg would silently substitute another font."
        wrong: "let main = talk | text(\"Hi\", font: \"Helvetika\")"
        right: "let main = talk | text(\"Hi\", font: \"DejaVu Sans\")"
    }
    MISSING_GLYPHS = Warning "missing-glyphs" {
        "No installed font has glyphs for some characters of the text; they would be drawn as boxes."
        wrong: "let main = talk | text(\"漢字\")"
        right: "let main = talk | text(\"kanji\")"
    }
    CHARSET_GUESSED = Warning "charset-guessed" {
        "The subtitle file is not UTF-8 and does not declare its character set, so it was detected from the file's bytes."
        wrong: "let main = talk | subtitles(\"old.srt\")"
        right: "let main = talk | subtitles(\"old.srt\", charset: \"windows-1251\")"
    }
    STYLE_UNUSED = Warning "style-unused" {
        "Soft subtitles carry no styling: the player decides how they look."
        wrong: "let main = talk | subtitles(\"talk.srt\", mode: soft, size: 40px)"
        right: "let main = talk | subtitles(\"talk.srt\", size: 40px)"
    }
    DEPTH_REDUCED = Warning "depth-reduced" {
        "The video has a higher bit depth than the output will have, so gradients may show banding."
        wrong: "output(\"show.mp4\", from: ten-bit, video: h264)"
        right: "output(\"show.mp4\", from: ten-bit, video: h265)"
    }
    BAD_OUTPUT_NAME = Error "bad-output-name" {
        "An output's name must be a relative path inside the output folder."
        wrong: "output(\"../show.mp4\", from: main)"
        right: "output(\"show.mp4\", from: main)"
    }
    SUBTITLES_DROPPED = Warning "subtitles-dropped" {
        "Soft subtitles cannot be kept because the container does not support them or their timing cannot be changed."
        wrong: "output(\"clip.gif\", from: talk | subtitles(\"talk.srt\", mode: soft))"
        right: "output(\"clip.mkv\", from: talk | subtitles(\"talk.srt\", mode: soft))"
    }
    UPSCALED = Warning "upscaled" {
        "The video is enlarged to more than twice its size and will look soft."
        wrong: "let main = small | fit(3840x2160)"
        right: "let main = small | fit(640x360)"
    }
    OFF_FRAME = Warning "off-frame" {
        "What is drawn lies entirely outside the frame, so none of it is visible."
        wrong: "let main = talk | overlay(logo, position: point(x: 9000px, y: 0px))"
        right: "let main = talk | overlay(logo, position: point(x: 90%, y: 0px, anchor: top-right))"
    }
    UNUSED = Warning "unused" {
        "The name is declared, but no output uses it."
        wrong: "let spare = talk | mute\noutput(\"a.mp4\", from: talk)"
        right: "let quiet = talk | mute\noutput(\"a.mp4\", from: quiet)"
    }
    CONFORMED = Note "conformed" {
        "Video or audio is converted because a later step requires it: clips that are joined must match in size, frame rate and format, and each encoder supports only certain formats."
        wrong: "let main = concat([hd, sd])"
        right: "let main = concat([hd, sd | fit(1920x1080)])"
    }
    SILENCE_ADDED = Note "silence-added" {
        "A clip without audio, or with audio shorter than its video, is filled with silence so that everything after it stays in sync. If the new audio of `replace-audio` is too short, `fit: loop` repeats it, and `fit: pad` accepts the silence without this note."
        wrong: "let main = talk | replace-audio(short)"
        right: "let main = talk | replace-audio(short, fit: pad)"
    }
    AUDIO_CUT = Note "audio-cut" {
        "Audio that runs longer than its video is cut to the same length so that everything after it stays in sync."
        wrong: "let main = concat([long-sound, talk])"
        right: "let main = concat([long-sound, talk])"
    }
    SHORTENED = Note "shortened" {
        "Transitions overlap the clips they join, so the result is shorter than the clips added together."
        wrong: "let main = concat([a, b], transition: xfade(fade, duration: 1s))"
        right: "let main = concat([a, b], transition: xfade(fade, duration: 1s))"
    }
    ROUNDED = Note "rounded" {
        "Video encoders require an even width and height, so one row or column of pixels is cropped."
        wrong: "let main = talk | scale(641x361)"
        right: "let main = talk | scale(640x360)"
    }
    OTHER_TRACKS = Note "other-tracks" {
        "The file has several video or audio tracks. The one marked as default is used, or the first if none is."
        wrong: "let main = talk"
        right: "let main = talk"
    }
    ROTATED = Note "rotated" {
        "The file is marked to be displayed rotated, so its video is rotated before any operation is applied."
        wrong: "let main = phone"
        right: "let main = phone"
    }
}
