"""The measured tasks: FFmpeg commands of an expert, of the naive approach, and of the lower limit.

Commands that produce the video write its index first (`+faststart`), as vidc does; the limit does not.
"""

from dataclasses import dataclass

from measure import Video

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
# The settings of vidc, so that all contenders do the same encoding work.
X264 = "-c:v libx264 -preset medium -crf 21 -pix_fmt yuv420p"
AAC = "-c:a aac -b:a 160k"
FFMPEG = "ffmpeg -nostdin -v error -y"
OUT = "-movflags +faststart out.mp4"


@dataclass
class Task:
    """A task. Its shell commands run in a folder with the media and produce `out.mp4`."""

    # Also the name of its recipe.
    name: str
    what: str
    makes: Video
    # The command of somebody who knows FFmpeg well.
    expert: str
    # One FFmpeg run per operation, each of which encodes.
    naive: str
    # The unavoidable work in one process: decoding and encoding what changes, copying the rest.
    limit: str


def fit(count: int) -> str:
    """Converts the first inputs to a common format and concatenates them."""
    video = "scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:-1:-1,setsar=1,fps=30,format=yuv420p"
    audio = "aformat=sample_fmts=fltp:sample_rates=48000:channel_layouts=stereo"
    parts = [f"[{n}:v]{video}[v{n}];[{n}:a]{audio}[a{n}]" for n in range(count)]
    joined = "".join(f"[v{n}][a{n}]" for n in range(count))
    return ";".join(parts) + f";{joined}concat=n={count}:v=1:a=1"


def fitted(name: str) -> str:
    video = "scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:-1:-1,setsar=1,fps=30"
    return f"{FFMPEG} -i {name} -vf {video} -ar 48000 -ac 2 {X264} {AAC} fit-{name}.mp4"


def listed(*names: str) -> str:
    return "printf \"" + "".join(f"file '$PWD/{name}'\\n" for name in names) + "\" > list"


JOIN = f"{FFMPEG} -f concat -safe 0 -i list -c copy"
TITLE = f"drawtext=fontfile={FONT}:text='A short title':fontsize=36:fontcolor=white:x=(w-tw)/2:y=(h-th)/2"
# `amix` with `duration=first` loses the end of the first input if another is longer.
AMIX = "amix=inputs=2:duration=longest:normalize=0,atrim=end"
MIX = f"[1:a]volume=-12dB[m];[0:a][m]{AMIX}"

TASKS = [
    Task(
        "same-concat",
        "concatenate two 60 s clips of the same format",
        Video(120, 640, 360),
        expert=f"{listed('a.mp4', 'b.mp4')} && {JOIN} {OUT}",
        naive=f"{FFMPEG} -i a.mp4 -i b.mp4 -filter_complex '[0:v][0:a][1:v][1:a]concat=n=2:v=1:a=1' {X264} {AAC} {OUT}",
        limit=f"{listed('a.mp4', 'b.mp4')} && {JOIN} out.mp4",
    ),
    Task(
        "mixed-concat",
        "concatenate 10 s each of 720p30, 1080p25 and 480p24 AVI",
        Video(30, 1280, 720),
        expert=f"{FFMPEG} -i hd.mp4 -i full.mp4 -i old.avi -filter_complex '{fit(3)}' {X264} {AAC} {OUT}",
        naive=f"{fitted('hd.mp4')} && {fitted('full.mp4')} && {fitted('old.avi')}"
        f" && {listed('fit-hd.mp4.mp4', 'fit-full.mp4.mp4', 'fit-old.avi.mp4')} && {JOIN} {OUT}",
        limit=f"{FFMPEG} -i full.mp4 -i old.avi -i hd.mp4 -filter_complex '{fit(2)}' {X264} {AAC} out.mp4 "
        "-map 2 -c copy copied.mp4",
    ),
    Task(
        "cut",
        "cut 10 s out of 10 min of 720p, frame-accurate",
        Video(10, 1280, 720),
        expert=f"{FFMPEG} -ss 303 -t 10 -i film.mp4 {X264} {AAC} {OUT}",
        naive=f"{FFMPEG} -i film.mp4 -ss 303 -t 10 {X264} {AAC} {OUT}",
        # Keyframes are at even seconds.
        limit=f"{FFMPEG} -ss 303 -t 1 -i film.mp4 -ss 304 -t 9 -i film.mp4 "
        f"-map 0:v {X264} head.mp4 -map 1 -c copy out.mp4",
    ),
    Task(
        "long-cut",
        "cut 5 min out of 10 min, frame-accurate",
        Video(300, 480, 270),
        expert=f"{FFMPEG} -ss 63 -t 300 -i long.mp4 {X264} {AAC} {OUT}",
        naive=f"{FFMPEG} -i long.mp4 -ss 63 -t 300 {X264} {AAC} {OUT}",
        limit=f"{FFMPEG} -ss 63 -t 1 -i long.mp4 -ss 64 -t 299 -i long.mp4 "
        f"-map 0:v {X264} head.mp4 -map 1 -c copy out.mp4",
    ),
    Task(
        "title",
        "5 s title on 10 min",
        Video(600, 480, 270),
        expert=f"{FFMPEG} -i long.mp4 -vf \"{TITLE}:enable='between(t,10,15)'\" {X264} -c:a copy {OUT}",
        naive=f"{FFMPEG} -i long.mp4 -vf \"{TITLE}:enable='between(t,10,15)'\" {X264} {AAC} {OUT}",
        # The rest of the GOP in which the title ends refers to frames under the title.
        limit=f"{FFMPEG} -ss 10 -t 6 -i long.mp4 -i long.mp4 -map 0:v {X264} span.mp4 -map 1 -c copy out.mp4",
    ),
    Task(
        "pip",
        "picture in picture, 60 s",
        Video(60, 640, 360),
        expert=f"{FFMPEG} -i a.mp4 -i b.mp4 -filter_complex '[1:v]scale=160:-2[s];[0:v][s]overlay=W-w-24:24[v]' "
        f"-map '[v]' -map 0:a {X264} -c:a copy {OUT}",
        naive=f"{FFMPEG} -i b.mp4 -vf scale=160:-2 {X264} -an small.mp4 && {FFMPEG} -i a.mp4 -i small.mp4 "
        f"-filter_complex '[0:v][1:v]overlay=W-w-24:24[v]' -map '[v]' -map 0:a {X264} {AAC} {OUT}",
        limit=f"{FFMPEG} -i a.mp4 -i b.mp4 -map 0 {X264} -c:a copy out.mp4 -map 1:v -f null -",
    ),
    Task(
        "replace",
        "replace the audio of 60 s with music",
        Video(60, 640, 360),
        expert=f"{FFMPEG} -i a.mp4 -i music.m4a -map 0:v -map 1:a -c copy -t 60 {OUT}",
        naive=f"{FFMPEG} -i a.mp4 -i music.m4a -map 0:v -map 1:a {X264} {AAC} -t 60 {OUT}",
        limit=f"{FFMPEG} -i a.mp4 -i music.m4a -map 0:v -map 1:a -c copy -t 60 out.mp4",
    ),
    Task(
        "sound",
        "background music under 60 s of speech",
        Video(60, 640, 360),
        expert=f"{FFMPEG} -i a.mp4 -i music.m4a -filter_complex '{MIX}=60[a]' -map 0:v -map '[a]' "
        f"-c:v copy {AAC} {OUT}",
        naive=f"{FFMPEG} -i a.mp4 -i music.m4a -filter_complex '{MIX}=60[a]' -map 0:v -map '[a]' "
        f"{X264} {AAC} {OUT}",
        # The speed of the AAC encoder depends on the content, so the audio is mixed here too.
        limit=f"{FFMPEG} -i a.mp4 -i music.m4a -filter_complex '{MIX}=60[a]' -map 0:v -map '[a]' "
        f"-c:v copy {AAC} out.mp4",
    ),
    Task(
        "subtitles-burned",
        "burned-in subtitles, 60 s",
        Video(60, 640, 360),
        expert=f"{FFMPEG} -i a.mp4 -vf subtitles=talk.srt {X264} -c:a copy {OUT}",
        naive=f"{FFMPEG} -i a.mp4 -vf subtitles=talk.srt {X264} {AAC} {OUT}",
        limit=f"{FFMPEG} -i a.mp4 {X264} -c:a copy out.mp4",
    ),
    Task(
        "subtitles-soft",
        "subtitle track, 60 s",
        Video(60, 640, 360, "vas"),
        expert=f"{FFMPEG} -i a.mp4 -i talk.srt -map 0 -map 1 -c copy -c:s mov_text {OUT}",
        naive=f"{FFMPEG} -i a.mp4 -i talk.srt -map 0 -map 1 {X264} {AAC} -c:s mov_text {OUT}",
        limit=f"{FFMPEG} -i a.mp4 -i talk.srt -map 0 -map 1 -c copy -c:s mov_text out.mp4",
    ),
    Task(
        "everything",
        "two formats joined, with logo, title, subtitles and music, 20 s",
        Video(20, 1280, 720),
        expert=f"{FFMPEG} -i hd.mp4 -i full.mp4 -i logo.png -i music.m4a -filter_complex \"{fit(2)}[j][s];"
        f"[j][2:v]overlay=W-w-24:24,{TITLE}:enable='between(t,2,7)',subtitles=talk.srt[v];"
        f"[3:a]volume=-12dB[m];[s][m]{AMIX}=20[a]\" "
        f"-map '[v]' -map '[a]' {X264} {AAC} {OUT}",
        naive=f"{fitted('hd.mp4')} && {fitted('full.mp4')} && {listed('fit-hd.mp4.mp4', 'fit-full.mp4.mp4')}"
        f" && {JOIN} 1.mp4"
        f" && {FFMPEG} -i 1.mp4 -i logo.png -filter_complex overlay=W-w-24:24 {X264} -c:a copy 2.mp4"
        f" && {FFMPEG} -i 2.mp4 -vf \"{TITLE}:enable='between(t,2,7)'\" {X264} -c:a copy 3.mp4"
        f" && {FFMPEG} -i 3.mp4 -vf subtitles=talk.srt {X264} -c:a copy 4.mp4"
        f" && {FFMPEG} -i 4.mp4 -i music.m4a -filter_complex '{MIX}=20[a]' -map 0:v -map '[a]' -c:v copy {AAC} {OUT}",
        limit=f"{FFMPEG} -i hd.mp4 -i full.mp4 -filter_complex '{fit(2)}' {X264} {AAC} out.mp4",
    ),
]
