//! The diagnostics of the compiler.

vidc_dsl::codes! {
    UNKNOWN_NAME = Error "unknown-name" {
        "A name that no `param`, `input` or `let` declares."
        wrong: "let main = tlak | mute"
        right: "input talk = \"talk.mp4\"\nlet main = talk | mute"
    }
    UNKNOWN_OPERATION = Error "unknown-operation" {
        "There is no operation of this name; `vidc ops` lists them."
        wrong: "let main = talk | trimm(0s..5s)"
        right: "let main = talk | trim(0s..5s)"
    }
    UNKNOWN_PARAMETER = Error "unknown-parameter" {
        "The operation has no parameter of this name; `vidc ops NAME` lists them."
        wrong: "let main = talk | fade(inn: 1s)"
        right: "let main = talk | fade(in: 1s)"
    }
    UNKNOWN_WORD = Error "unknown-word" {
        "One of a few words is expected here, and this is none of them."
        wrong: "let main = talk | text(\"Hi\", position: top_left)"
        right: "let main = talk | text(\"Hi\", position: top-left)"
    }
    UNKNOWN_FIELD = Error "unknown-field" {
        "The value has no such field. A clip has `duration`, `width`, `height`, `fps`, `sample-rate` and `channels`."
        wrong: "let main = talk | trim(0s..talk.lenght)"
        right: "let main = talk | trim(0s..talk.duration)"
    }
    WRONG_TYPE = Error "wrong-type" {
        "The value is of another kind than the parameter or operator takes."
        wrong: "let main = talk | volume(loud)"
        right: "let main = talk | volume(3dB)"
    }
    MISSING_UNIT = Error "missing-unit" {
        "A plain number stands where the unit matters."
        wrong: "let main = talk | trim(0..5)"
        right: "let main = talk | trim(0s..5s)"
    }
    OUT_OF_RANGE = Error "out-of-range" {
        "The value is of the right kind and outside of what is possible."
        wrong: "output(\"a.mp4\", from: talk, video: h264(crf: 80))"
        right: "output(\"a.mp4\", from: talk, video: h264(crf: 20))"
    }
    MISSING_ARGUMENT = Error "missing-argument" {
        "The call leaves out a parameter that has no default."
        wrong: "let main = talk | trim"
        right: "let main = talk | trim(0s..5s)"
    }
    MISPLACED_OPERATION = Error "misplaced-operation" {
        "An operation that makes a clip from nothing stands behind `|`, or one that changes a clip has none before it."
        wrong: "let main = mute"
        right: "let main = talk | mute"
    }
    CONFLICTING_PARAMETERS = Error "conflicting-parameters" {
        "Two parameters say the same thing in different ways, and only one of them can hold."
        wrong: "output(\"a.mp4\", from: talk, video: h264(crf: 20, bitrate: 2M))"
        right: "output(\"a.mp4\", from: talk, video: h264(crf: 20))"
    }
    DUPLICATE_NAME = Error "duplicate-name" {
        "Parameters, inputs and lets share one set of names, and this one is declared twice."
        wrong: "let a = color(red, size: 64x64)\nlet a = color(blue, size: 64x64)"
        right: "let a = color(red, size: 64x64)\nlet b = color(blue, size: 64x64)"
    }
    DUPLICATE_OUTPUT = Error "duplicate-output" {
        "Two outputs write the same file."
        wrong: "output(\"a.mp4\", from: x)\noutput(\"a.mp4\", from: y)"
        right: "output(\"a.mp4\", from: x)\noutput(\"b.mp4\", from: y)"
    }
    CYCLE = Error "cycle" {
        "A `let` needs its own value to be made."
        wrong: "let a = b | mute\nlet b = a | mute"
        right: "let a = talk | mute\nlet b = a | mute"
    }
    UNSUPPORTED_VERSION = Error "unsupported-version" {
        "The recipe is written for another version of the language."
        wrong: "vidc 7"
        right: "vidc 1"
    }
    NO_OUTPUT = Error "no-output" {
        "A recipe that makes no file has nothing to render."
        wrong: "let main = talk | mute"
        right: "let main = talk | mute\noutput(\"quiet.mp4\", from: main)"
    }
    TEMPLATE = Error "template" {
        "A `{{ }}` template cannot be expanded: it names something unknown, or is not well formed."
        wrong: "let main = talk | text(\"{{ hedline }}\")"
        right: "param headline: string = \"News\"\nlet main = talk | text(\"{{ headline }}\")"
    }
    UNBOUND_PARAMETER = Error "unbound-parameter" {
        "A parameter without a default was given no value, or the value does not fit its type."
        wrong: "param title: string"
        right: "param title: string = \"News\""
    }
    UNKNOWN_BINDING = Error "unknown-binding" {
        "A value is bound to a parameter or an input that the recipe does not declare."
        wrong: "vidc render --set titel=News show.vidc"
        right: "vidc render --set title=News show.vidc"
    }
    MISSING_FILE = Error "missing-file" {
        "There is no such file. Paths are relative to the recipe."
        wrong: "input talk = \"tlak.mp4\""
        right: "input talk = \"talk.mp4\""
    }
    UNREADABLE_FILE = Error "unreadable-file" {
        "The file is there, and FFmpeg cannot make sense of it."
        wrong: "input talk = \"notes.txt\""
        right: "input talk = \"talk.mp4\""
    }
    NO_VIDEO = Error "no-video" {
        "The operation works on pictures, and the clip has none."
        wrong: "let main = input(\"song.mp3\") | scale(640x360)"
        right: "let main = input(\"film.mp4\") | scale(640x360)"
    }
    NO_AUDIO = Error "no-audio" {
        "The operation works on sound, and the clip has none."
        wrong: "let main = image(\"logo.png\") | volume(-6dB)"
        right: "let main = input(\"film.mp4\") | volume(-6dB)"
    }
    WINDOW_AFTER_END = Error "window-after-end" {
        "The range starts when the clip is already over, so nothing would be left."
        wrong: "let main = ten-seconds | trim(12s..15s)"
        right: "let main = ten-seconds | trim(5s..8s)"
    }
    WINDOW_CLAMPED = Warning "window-clamped" {
        "The range ends after the clip does; it is cut to the clip's end."
        wrong: "let main = ten-seconds | trim(5s..15s)"
        right: "let main = ten-seconds | trim(5s..)"
    }
    TRANSITION_TOO_LONG = Error "transition-too-long" {
        "A transition takes its time from both clips, and one of them does not last that long."
        wrong: "let main = concat([one-second, b], transition: xfade(fade, duration: 2s))"
        right: "let main = concat([one-second, b], transition: xfade(fade, duration: 500ms))"
    }
    ENDLESS = Error "endless" {
        "The clip never ends: a still image, a color or a looped clip needs a duration here."
        wrong: "let main = image(\"card.png\")\noutput(\"card.mp4\", from: main)"
        right: "let main = image(\"card.png\", duration: 5s)\noutput(\"card.mp4\", from: main)"
    }
    UNKNOWN_CONTAINER = Error "unknown-container" {
        "The output's extension names no container that vidc writes."
        wrong: "output(\"show.mp5\", from: main)"
        right: "output(\"show.mp4\", from: main)"
    }
    CODEC_NOT_IN_CONTAINER = Error "codec-not-in-container" {
        "The container cannot hold that codec."
        wrong: "output(\"show.webm\", from: main, video: h264)"
        right: "output(\"show.webm\", from: main, video: vp9)"
    }
    CANNOT_COPY = Error "cannot-copy" {
        "`copy` was asked for, and the track is changed by the recipe or does not fit the container."
        wrong: "output(\"show.mp4\", from: talk | grayscale, video: copy)"
        right: "output(\"show.mp4\", from: talk, video: copy)"
    }
    NOTHING_TO_WRITE = Error "nothing-to-write" {
        "The output would have neither picture nor sound."
        wrong: "output(\"song.mp3\", from: silent-film)"
        right: "output(\"film.mp4\", from: silent-film)"
    }
    NOT_IN_FFMPEG = Error "not-in-ffmpeg" {
        "The FFmpeg that will render this has no such filter, transition, encoder or muxer."
        wrong: "let main = concat([a, b], transition: xfade(hlwind))"
        right: "let main = concat([a, b], transition: xfade(fade))"
    }
    UNKNOWN_FONT = Error "unknown-font" {
        "No installed font family has this name; FFmpeg would silently use another."
        wrong: "let main = talk | text(\"Hi\", font: \"Helvetika\")"
        right: "let main = talk | text(\"Hi\", font: \"DejaVu Sans\")"
    }
    MISSING_GLYPHS = Warning "missing-glyphs" {
        "No installed font draws some characters of the text; boxes would be drawn instead."
        wrong: "let main = talk | text(\"漢字\")"
        right: "let main = talk | text(\"kanji\")"
    }
    CHARSET_GUESSED = Warning "charset-guessed" {
        "The subtitle file is not UTF-8 and does not say what it is; its character set was guessed from its bytes."
        wrong: "let main = talk | subtitles(\"old.srt\")"
        right: "let main = talk | subtitles(\"old.srt\", charset: \"windows-1251\")"
    }
    STYLE_UNUSED = Warning "style-unused" {
        "Soft subtitles carry no style: the player draws them as its user likes."
        wrong: "let main = talk | subtitles(\"talk.srt\", mode: soft, size: 40px)"
        right: "let main = talk | subtitles(\"talk.srt\", size: 40px)"
    }
    DEPTH_REDUCED = Warning "depth-reduced" {
        "The picture has more bits per color than the encoder that is asked for keeps, so gradients may show bands."
        wrong: "output(\"show.mp4\", from: ten-bit, video: h264)"
        right: "output(\"show.mp4\", from: ten-bit, video: h265)"
    }
    BAD_OUTPUT_NAME = Error "bad-output-name" {
        "An output is named by a path below the folder that outputs go to."
        wrong: "output(\"../show.mp4\", from: main)"
        right: "output(\"show.mp4\", from: main)"
    }
    SUBTITLES_DROPPED = Warning "subtitles-dropped" {
        "Subtitles beside the picture cannot go where the clip goes: the container holds none, or their file's timing cannot be moved."
        wrong: "output(\"clip.gif\", from: talk | subtitles(\"talk.srt\", mode: soft))"
        right: "output(\"clip.mkv\", from: talk | subtitles(\"talk.srt\", mode: soft))"
    }
    UPSCALED = Warning "upscaled" {
        "The picture is enlarged to more than twice its size and will look soft."
        wrong: "let main = small | fit(3840x2160)"
        right: "let main = small | fit(640x360)"
    }
    OFF_FRAME = Warning "off-frame" {
        "What is drawn lies wholly outside of the picture, so nothing of it is seen."
        wrong: "let main = talk | overlay(logo, position: point(x: 9000px, y: 0px))"
        right: "let main = talk | overlay(logo, position: point(x: 90%, y: 0px, anchor: top-right))"
    }
    UNUSED = Warning "unused" {
        "The name is declared and nothing that is written uses it."
        wrong: "let spare = talk | mute\noutput(\"a.mp4\", from: talk)"
        right: "let quiet = talk | mute\noutput(\"a.mp4\", from: quiet)"
    }
    CONFORMED = Note "conformed" {
        "Clips that are joined must be alike, so this one is brought to the size, rate and format of the others."
        wrong: "let main = concat([hd, sd])"
        right: "let main = concat([hd, sd | fit(1920x1080)])"
    }
    SILENCE_ADDED = Note "silence-added" {
        "A clip without sound, or with sound shorter than its picture, is filled with silence so that what follows stays in sync. Where the new sound of `replace-audio` is too short, `fit: loop` repeats it, and `fit: pad` says that silence is meant."
        wrong: "let main = talk | replace-audio(short)"
        right: "let main = talk | replace-audio(short, fit: pad)"
    }
    AUDIO_CUT = Note "audio-cut" {
        "Sound that lasts longer than its picture is cut to it so that what follows stays in sync."
        wrong: "let main = concat([long-sound, talk])"
        right: "let main = concat([long-sound, talk])"
    }
    SHORTENED = Note "shortened" {
        "Transitions overlap clips, so the result is shorter than the clips one after the other."
        wrong: "let main = concat([a, b], transition: xfade(fade, duration: 1s))"
        right: "let main = concat([a, b], transition: xfade(fade, duration: 1s))"
    }
    ROUNDED = Note "rounded" {
        "Video encoders need even sizes, so one row or column of pixels is cut off."
        wrong: "let main = talk | scale(641x361)"
        right: "let main = talk | scale(640x360)"
    }
    OTHER_TRACKS = Note "other-tracks" {
        "Of several sounds or pictures in a file, the one is used that is marked as default, else the first."
        wrong: "let main = talk"
        right: "let main = talk"
    }
    ROTATED = Note "rotated" {
        "The file says to show its picture turned; it is turned before anything else is done to it."
        wrong: "let main = phone"
        right: "let main = phone"
    }
}
