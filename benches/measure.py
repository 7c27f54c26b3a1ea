"""Runs commands, measures their time, and verifies their outputs."""

import json
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

MEDIA = Path(__file__).resolve().parent.parent / "target" / "bench-media"
# In seconds: a command slower than LONG is measured once, and stopped after PATIENCE.
LONG = 10
PATIENCE = 100


@dataclass
class Result:
    """The wall time in seconds, infinite after a timeout; or none, and the reason."""

    seconds: float | None
    why: str = ""


@dataclass
class Video:
    """The expected properties of a file."""

    seconds: float
    width: int
    height: int
    # A letter for each track: video, audio, subtitles.
    tracks: str = "va"

    def differs(self, file: Path) -> str:
        """Describes how a file differs from this; empty if it does not."""
        entries = "format=duration:stream=codec_type,width,height,duration"
        command = ["ffprobe", "-v", "error", "-show_entries", entries, "-of", "json", str(file)]
        probe = subprocess.run(command, capture_output=True, text=True)
        if probe.returncode != 0:
            return "produced no video"
        found = json.loads(probe.stdout)
        tracks = "".join(sorted((stream["codec_type"][0] for stream in found["streams"]), key="vas".index))
        if tracks != self.tracks:
            return f"produced the tracks {tracks}, not {self.tracks}"
        for stream in found["streams"]:
            if stream["codec_type"] == "video" and (stream["width"], stream["height"]) != (self.width, self.height):
                return f"produced {stream['width']}x{stream['height']}, not {self.width}x{self.height}"
            # A subtitle track ends with its last cue.
            length = float(stream.get("duration") or found["format"]["duration"])
            if stream["codec_type"] != "subtitle" and abs(length - self.seconds) > 0.2:
                return f"{stream['codec_type']} of {length:.2f} s, not {self.seconds} s"
        return ""


def timed(command: str, folder: Path, variables: dict[str, str] | None = None) -> Result:
    """Runs a shell command in a folder and measures its time."""
    environment = os.environ | (variables or {})
    begun = time.monotonic()
    with (folder / "said").open("w+", errors="replace") as said:
        run = subprocess.Popen(
            command, shell=True, cwd=folder, env=environment, stdout=said, stderr=said, start_new_session=True
        )
        # Popen.wait with a timeout would poll every 50 ms.
        giving_up = threading.Timer(PATIENCE, os.killpg, (run.pid, signal.SIGKILL))
        giving_up.start()
        code = run.wait()
        took = time.monotonic() - begun
        giving_up.cancel()
        if took >= PATIENCE:
            return Result(math.inf)
        if code != 0:
            said.seek(0)
            print(f"failed: {command}\n{said.read()[-800:]}", file=sys.stderr, flush=True)
            return Result(None, "failed")
    return Result(took)


def with_media(folder: Path) -> None:
    """Links the media into a folder."""
    for file in MEDIA.iterdir():
        (folder / file.name).symlink_to(file)


class Vidc:
    """The measured program. Its cache contains facts about the machine, but not about the media."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.known = tempfile.TemporaryDirectory()
        variables = os.environ | {"VIDC_CACHE_DIR": self.known.name}
        subprocess.run([program, "doctor"], env=variables, stdout=subprocess.DEVNULL, check=True)

    def cache(self, folder: Path) -> dict[str, str]:
        """The environment for a run with its own cache in a folder."""
        cache = folder / "cache"
        if not cache.exists():
            shutil.copytree(self.known.name, cache)
        return {"VIDC_CACHE_DIR": str(cache)}


def measured(
    commands: dict[str, str], vidc: Vidc, rounds: int, once: set[str], expected: dict[str, Video] | None = None
) -> dict[str, Result]:
    """The median of each command's times, each in an empty folder with the media. Commands take turns, so that a temporary
    slowdown of the machine affects all of them. Those in `expected` must produce such an `out.mp4`."""
    results: dict[str, list[Result]] = {name: [] for name in commands}
    for turn in range(rounds):
        for name, command in commands.items():
            last = results[name][-1] if results[name] else None
            if last and (name in once or last.seconds is None or last.seconds > LONG):
                continue
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch)
                with_media(folder)
                result = timed(command, folder, vidc.cache(folder))
                if result.seconds and result.seconds < math.inf and expected and name in expected:
                    if why := expected[name].differs(folder / "out.mp4"):
                        print(f"{name}: {why}", file=sys.stderr, flush=True)
                        result = Result(None, why)
            results[name].append(result)
    return {name: median(all_of_it) for name, all_of_it in results.items()}


def median(results: list[Result]) -> Result:
    failed = [result for result in results if result.seconds is None]
    return failed[0] if failed else Result(statistics.median(result.seconds for result in results))


def shown(result: Result | None) -> str:
    if result is None or result.seconds is None:
        return "–"
    if result.seconds == math.inf:
        return f"> {PATIENCE}"
    return f"{result.seconds:.2f}" if result.seconds < 10 else f"{result.seconds:.1f}"


def ratio(a: Result | None, b: Result | None) -> str:
    if a is None or b is None or not a.seconds or not b.seconds or a.seconds == b.seconds == math.inf:
        return "–"
    if a.seconds == math.inf:
        return f"> {PATIENCE / b.seconds:.2f}"
    if b.seconds == math.inf:
        return f"< {a.seconds / PATIENCE:.2f}"
    return f"{a.seconds / b.seconds:.2f}"
