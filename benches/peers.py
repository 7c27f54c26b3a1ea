"""The tasks in other tools, with the same encoder settings as far as a tool supports them."""

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
NO_WORDS = "cannot write subtitle tracks"
WORDS = "One two three four five six seven eight nine ten".split()


@dataclass
class Peer:
    name: str
    # Commands that produce `out.mp4`, by task name.
    commands: dict[str, str]
    version: str
    # The reasons for missing commands, by task name.
    cannot: dict[str, str] = field(default_factory=dict)
    # Footnotes, by task name.
    remarks: dict[str, str] = field(default_factory=dict)


def melt() -> Peer:
    white = "fgcolour=0xffffffff bgcolour=0x00000000"
    title = f"-filter dynamictext argument='A short title' halign=center valign=middle size=36 {white}"
    words = "-filter avfilter.subtitles av.filename=talk.srt"
    mix = "-attach volume level=-12 -transition mix a_track=0 b_track={} sum=1 always_active=1"
    tasks = {
        "same-concat": "a.mp4 b.mp4",
        "mixed-concat": "hd.mp4 full.mp4 old.avi",
        "cut": "film.mp4 in=7575 out=7824",
        "long-cut": "long.mp4 in=1575 out=9074",
        "title": f"long.mp4 {title} in=250 out=374",
        "pip": "a.mp4 -track b.mp4 audio_index=-1 -transition composite a_track=0 b_track=1 geometry=456/24:160x90",
        "replace": "a.mp4 audio_index=-1 -track music.m4a out=1499 -transition mix a_track=0 b_track=1",
        "sound": f"a.mp4 -track music.m4a out=1499 {mix.format(1)}",
        "subtitles-burned": f"a.mp4 {words}",
        "everything": f"hd.mp4 full.mp4 {title} in=60 out=209 {words} -track logo.png out=599 "
        "-transition composite a_track=0 b_track=1 geometry=1160/24:96x48 "
        f"-track music.m4a out=599 {mix.format(2)}",
    }
    encode = "vcodec=libx264 preset=medium crf=21 acodec=aac ab=160k movflags=+faststart"
    commands = {task: f"melt -silent {source} -consumer avformat:out.mp4 {encode}" for task, source in tasks.items()}
    return Peer("melt", commands, version("melt", "--version"), {"subtitles-soft": NO_WORDS})


def editing_services() -> Peer:
    """GStreamer Editing Services, which copy unchanged packets with `--smart-rendering` if there are no overlays."""
    h264 = "video/x-h264|element-properties,pass=5,quantizer=21,speed-preset=6"
    encode = f"-f 'video/quicktime,variant=iso:{h264}:audio/mpeg,mpegversion=4' --no-interactive"
    audio = "--audio-caps audio/x-raw,rate=48000,channels=2"

    def text(words: str, start: float, length: float, place: str) -> str:
        style = f"set-background 0 set-font-desc 'Sans 24' set-valignment {place}"
        return f"+title '{words}' start={start} duration={length} layer=0 {style}"

    title = "A short title"

    def subtitles(end: int) -> list[str]:
        starts = range(0, end, 3)
        return [
            text(f"{WORDS[n % 10]}, said the voice", float(start), min(2.5, end - start), "bottom")
            for n, start in enumerate(starts)
        ]

    tasks = {
        "mixed-concat": ("1280x720x30", "+clip hd.mp4 +clip full.mp4 +clip old.avi"),
        "title": ("480x270x25", f"{text(title, 10.0, 5.0, 'center')} +clip long.mp4 layer=1"),
        "pip": (
            "640x360x25",
            "+clip b.mp4 layer=0 track-types=video set-posx 456 set-posy 24 set-width 160 set-height 90 "
            "+clip a.mp4 layer=1",
        ),
        "replace": (
            "640x360x25",
            "+clip a.mp4 layer=0 track-types=video +clip music.m4a layer=1 track-types=audio duration=60.0",
        ),
        "sound": ("640x360x25", "+clip a.mp4 layer=0 +clip music.m4a layer=1 duration=60.0 set-volume 0.25"),
        "subtitles-burned": ("640x360x25", f"{' '.join(subtitles(60))} +clip a.mp4 layer=1"),
        "everything": (
            "1280x720x30",
            f"{text(title, 2.0, 5.0, 'center')} "
            f"{' '.join(line.replace('layer=0', 'layer=1') for line in subtitles(20))} "
            "+clip logo.png layer=2 duration=20.0 set-posx 1160 set-posy 24 set-width 96 set-height 48 "
            "+clip hd.mp4 layer=3 start=0.0 +clip full.mp4 layer=3 start=10.0 "
            "+clip music.m4a layer=4 duration=20.0 set-volume 0.25",
        ),
    }
    commands = {}
    for task, (form, source) in tasks.items():
        width, height, rate = form.split("x")
        video = f"--video-caps video/x-raw,width={width},height={height},framerate={rate}/1"
        commands[task] = f"ges-launch-1.0 {source} {video} {audio} {encode} -o file://$PWD/out.mp4"
    smart = {
        "same-concat": "+clip a.mp4 +clip b.mp4",
        "cut": "+clip film.mp4 inpoint=303.0 duration=10.0",
        "long-cut": "+clip long.mp4 inpoint=63.0 duration=300.0",
    }
    for task, source in smart.items():
        commands[task] = f"ges-launch-1.0 {source} --smart-rendering {encode} -o file://$PWD/out.mp4"
    return Peer(
        "GES",
        commands,
        version("ges-launch-1.0", "--ges-version"),
        {"subtitles-soft": NO_WORDS},
        dict.fromkeys(smart, "with `--smart-rendering`"),
    )


def moviepy(folder: Path) -> Peer:
    python, script = folder / "bin" / "python", HERE / "with_moviepy.py"
    tasks = re.findall(r'^    "([a-z-]+)":', script.read_text(), re.MULTILINE)
    show = "from importlib.metadata import version; print(version('moviepy'))"
    return Peer(
        "MoviePy",
        {task: f"{python} {script} {task} out.mp4" for task in tasks},
        version(str(python), "-c", show),
        {"subtitles-soft": NO_WORDS},
    )


def editly(folder: Path) -> Peer:
    program, script = folder / "node_modules" / ".bin" / "editly", HERE / "with_editly.py"
    tasks = re.findall(r'^    "([a-z-]+)":', script.read_text(), re.MULTILINE)
    return Peer(
        "editly",
        {task: f"python3 {script} {task} out.mp4 > spec.json && xvfb-run -a {program} spec.json" for task in tasks},
        version(str(program), "--version"),
        {"subtitles-soft": NO_WORDS},
    )


def version(program: str, *arguments: str) -> str:
    """A program's version; empty if it is not installed."""
    if not shutil.which(program):
        return ""
    run = subprocess.run([program, *arguments], capture_output=True, text=True)
    found = re.search(r"\d+\.\d+[.\d]*\d", run.stdout + run.stderr)
    return found[0] if found else ""


def peers(folder: Path) -> list[Peer]:
    """All other tools. The version of one that is not installed is empty."""
    return [melt(), editing_services(), moviepy(folder), editly(folder)]
