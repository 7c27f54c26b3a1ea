"""What is measured: each task as people do it by hand, step by step, with another tool, and how fast it could be."""

from dataclasses import dataclass, field

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
# What vidc encodes with, so that the encoder does the same work for everybody.
X264 = "-c:v libx264 -preset medium -crf 21 -pix_fmt yuv420p"
AAC = "-c:a aac -b:a 160k"
FFMPEG = "ffmpeg -nostdin -v error -y"
MELT = "melt -silent {input} -consumer avformat:{out} vcodec=libx264 preset=medium crf=21 acodec=aac ab=160k"


@dataclass
class Task:
    """Commands are run by a shell in the folder of the media; `{out}` is the file to make."""

    name: str
    what: str
    # One command, as somebody who knows FFmpeg writes it.
    expert: str
    # An FFmpeg run for each operation.
    naive: str
    # What cannot be avoided: decoding and encoding what changes, copying the rest.
    limit: str
    others: dict[str, str] = field(default_factory=dict)


def melt(arguments: str) -> str:
    return MELT.replace("{input}", arguments)


def fit(pads: list[str], size: str) -> str:
    w, h = size.split("x")
    video = f"scale={w}:{h}:force_original_aspect_ratio=decrease,pad={w}:{h}:-1:-1,setsar=1,fps=30,format=yuv420p"
    audio = "aformat=sample_fmts=fltp:sample_rates=48000:channel_layouts=stereo"
    parts = [f"[{n}:v]{video}[v{n}];[{n}:a]{audio}[a{n}]" for n in pads]
    joined = "".join(f"[v{n}][a{n}]" for n in pads)
    return ";".join(parts) + f";{joined}concat=n={len(pads)}:v=1:a=1"


def fitted(name: str) -> str:
    video = "scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:-1:-1,setsar=1,fps=30"
    return f"{FFMPEG} -i {name} -vf {video} -ar 48000 -ac 2 {X264} {AAC} fit-{name}.mp4"


TITLE = f"drawtext=fontfile={FONT}:text='A short title':fontsize=36:fontcolor=white:x=(w-tw)/2:y=(h-th)/2"
MIX = "[1:a]volume=-12dB,atrim=0:60[m];[0:a][m]amix=inputs=2:duration=first:normalize=0[a]"
TWO = "file '{media}/a.mp4'\\nfile '{media}/b.mp4'\\n"

TASKS = [
    Task(
        "same-concat",
        "two clips of one format, 2 × 60 s, one after the other",
        expert=f"printf \"{TWO}\" > list && {FFMPEG} -f concat -safe 0 -i list -c copy {{out}}",
        naive=f"{FFMPEG} -i a.mp4 -i b.mp4 -filter_complex '[0:v][0:a][1:v][1:a]concat=n=2:v=1:a=1' {X264} {AAC} {{out}}",
        limit=f"printf \"{TWO}\" > list && {FFMPEG} -f concat -safe 0 -i list -c copy {{out}}",
        others={"melt": melt("a.mp4 b.mp4")},
    ),
    Task(
        "mixed-concat",
        "720p30, 1080p25 and 480p24 AVI, 20 s each, one after the other",
        expert=f"{FFMPEG} -i hd.mp4 -i full.mp4 -i old.avi -filter_complex '{fit(['0', '1', '2'], '1280x720')}' {X264} {AAC} {{out}}",
        naive=" && ".join([fitted("hd.mp4"), fitted("full.mp4"), fitted("old.avi")])
        + " && printf \"file 'fit-hd.mp4.mp4'\\nfile 'fit-full.mp4.mp4'\\nfile 'fit-old.avi.mp4'\\n\" > list"
        + f" && {FFMPEG} -f concat -safe 0 -i list -c copy {{out}}",
        limit=f"{FFMPEG} -i full.mp4 -i old.avi -filter_complex '{fit(['0', '1'], '1280x720')}' {X264} {AAC} {{out}}",
        others={"melt": melt("hd.mp4 full.mp4 old.avi")},
    ),
    Task(
        "cut",
        "10 s out of 10 min, between keyframes",
        expert=f"{FFMPEG} -ss 303 -t 10 -i long.mp4 {X264} {AAC} {{out}}",
        naive=f"{FFMPEG} -i long.mp4 -ss 303 -t 10 {X264} {AAC} {{out}}",
        limit=f"{FFMPEG} -ss 303 -t 1 -i long.mp4 {X264} -an span.mp4 && {FFMPEG} -ss 303 -t 10 -i long.mp4 -c copy {{out}}",
        others={"melt": melt("long.mp4 in=7575 out=7824")},
    ),
    Task(
        "long-cut",
        "5 min out of 10 min",
        expert=f"{FFMPEG} -ss 63 -t 300 -i long.mp4 {X264} {AAC} {{out}}",
        naive=f"{FFMPEG} -i long.mp4 -ss 63 -t 300 {X264} {AAC} {{out}}",
        limit=f"{FFMPEG} -ss 63 -t 1 -i long.mp4 {X264} -an span.mp4 && {FFMPEG} -ss 63 -t 300 -i long.mp4 -c copy {{out}}",
    ),
    Task(
        "title",
        "a title for 5 s on 10 min",
        expert=f"{FFMPEG} -i long.mp4 -vf \"{TITLE}:enable='between(t,10,15)'\" {X264} -c:a copy {{out}}",
        naive=f"{FFMPEG} -i long.mp4 -vf \"{TITLE}:enable='between(t,10,15)'\" {X264} {AAC} {{out}}",
        limit=f"{FFMPEG} -ss 10 -t 6 -i long.mp4 {X264} -an span.mp4 && {FFMPEG} -i long.mp4 -c copy {{out}}",
    ),
    Task(
        "pip",
        "a clip in the corner of another, 60 s",
        expert=f"{FFMPEG} -i a.mp4 -i b.mp4 -filter_complex '[1:v]scale=160:-2[s];[0:v][s]overlay=W-w-24:24[v]' -map '[v]' -map 0:a {X264} -c:a copy {{out}}",
        naive=f"{FFMPEG} -i b.mp4 -vf scale=160:-2 {X264} -an small.mp4 && {FFMPEG} -i a.mp4 -i small.mp4 -filter_complex '[0:v][1:v]overlay=W-w-24:24[v]' -map '[v]' -map 0:a {X264} {AAC} {{out}}",
        limit=f"{FFMPEG} -i b.mp4 -map 0:v -f null - && {FFMPEG} -i a.mp4 {X264} -c:a copy {{out}}",
    ),
    Task(
        "sound",
        "music under 60 s of talk",
        expert=f"{FFMPEG} -i a.mp4 -i music.m4a -filter_complex '{MIX}' -map 0:v -map '[a]' -c:v copy {AAC} {{out}}",
        naive=f"{FFMPEG} -i a.mp4 -i music.m4a -filter_complex '{MIX}' -map 0:v -map '[a]' {X264} {AAC} {{out}}",
        limit=f"{FFMPEG} -i a.mp4 -c:v copy {AAC} {{out}}",
    ),
    Task(
        "subtitles-burned",
        "subtitles in the picture, 60 s",
        expert=f"{FFMPEG} -i a.mp4 -vf subtitles=talk.srt {X264} -c:a copy {{out}}",
        naive=f"{FFMPEG} -i a.mp4 -vf subtitles=talk.srt {X264} {AAC} {{out}}",
        limit=f"{FFMPEG} -i a.mp4 {X264} -c:a copy {{out}}",
    ),
    Task(
        "subtitles-soft",
        "subtitles beside the picture, 60 s",
        expert=f"{FFMPEG} -i a.mp4 -i talk.srt -map 0 -map 1 -c copy -c:s mov_text {{out}}",
        naive=f"{FFMPEG} -i a.mp4 -i talk.srt -map 0 -map 1 {X264} {AAC} -c:s mov_text {{out}}",
        limit=f"{FFMPEG} -i a.mp4 -c copy {{out}}",
    ),
    Task(
        "everything",
        "two formats joined, logo, title, subtitles and music, 40 s",
        expert=f"{FFMPEG} -i hd.mp4 -i full.mp4 -i logo.png -i music.m4a -filter_complex \"{fit(['0', '1'], '1280x720')}[j][s];"
        f"[j][2:v]overlay=W-w-24:24,{TITLE}:enable='between(t,2,7)',subtitles=talk.srt[v];"
        "[3:a]volume=-12dB[m];[s][m]amix=inputs=2:duration=first:normalize=0[a]\" "
        f"-map '[v]' -map '[a]' {X264} {AAC} {{out}}",
        naive=f"{fitted('hd.mp4')} && {fitted('full.mp4')}"
        + " && printf \"file 'fit-hd.mp4.mp4'\\nfile 'fit-full.mp4.mp4'\\n\" > list"
        + f" && {FFMPEG} -f concat -safe 0 -i list -c copy 1.mp4"
        + f" && {FFMPEG} -i 1.mp4 -i logo.png -filter_complex overlay=W-w-24:24 {X264} -c:a copy 2.mp4"
        + f" && {FFMPEG} -i 2.mp4 -vf \"{TITLE}:enable='between(t,2,7)'\" {X264} -c:a copy 3.mp4"
        + f" && {FFMPEG} -i 3.mp4 -vf subtitles=talk.srt {X264} -c:a copy 4.mp4"
        + f" && {FFMPEG} -i 4.mp4 -i music.m4a -filter_complex '{MIX}' -map 0:v -map '[a]' -c:v copy {AAC} {{out}}",
        limit=f"{FFMPEG} -i hd.mp4 -i full.mp4 -filter_complex '{fit(['0', '1'], '1280x720')}' {X264} {AAC} {{out}}",
    ),
]
