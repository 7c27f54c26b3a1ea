"""Measures the latency of previewing a long recipe: a single frame, and the segments of the stream over HTTP."""

import json
import math
import os
import re
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from measure import PATIENCE, Result, Vidc, median, shown, timed, with_media

RECIPES = Path(__file__).resolve().parent / "recipes"
# Segments take two seconds, except for the first, which takes one; this one begins just before five minutes.
MIDDLE = 150
STREAM = [
    "starting `vidc preview` to the first second of video, nothing cached",
    "requesting the playlist to the first second of video",
    "two seconds in the middle, after a seek",
    "the same two seconds again",
]
FRAME = "`vidc preview --frame 5:00`, nothing cached"


def get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
        return answer.read()


def version(address: str) -> int:
    """The version of the stream, from the event that the server sends when the recipe has been compiled."""
    with urllib.request.urlopen(f"{address}/events", timeout=PATIENCE) as events:
        for line in events:
            if line.startswith(b"data:"):
                return json.loads(line[len(b"data:") :])["stream"]
    raise OSError("the preview sent no event")


def segment(stream: str, number: int, begun: float) -> Result:
    """The time from `begun` until a segment has been received."""
    try:
        listed = f"\n{number}.ts\n".encode() in get(f"{stream}/stream.m3u8")
        if not listed or len(get(f"{stream}/{number}.ts")) < 1000:
            return Result(None, f"segment {number} is empty")
    except TimeoutError:
        return Result(math.inf)
    return Result(time.monotonic() - begun)


def streamed(vidc: Vidc, folder: Path) -> list[Result]:
    """The times of one preview, in the order of STREAM."""
    variables = os.environ | vidc.cache(folder)
    begun = time.monotonic()
    preview = subprocess.Popen(
        [vidc.program, "preview", "r.vidc"], cwd=folder, env=variables, stderr=subprocess.PIPE, text=True
    )
    try:
        address = re.search(r"http://\S+", preview.stderr.readline())[0]
        stream = f"{address}/{version(address)}"
        asked = time.monotonic()
        first = segment(stream, 0, asked)
        started = Result(None if first.seconds is None else first.seconds + asked - begun, first.why)
        return [started, first, *(segment(stream, MIDDLE, time.monotonic()) for _ in range(2))]
    finally:
        preview.terminate()
        preview.wait()


def preview(vidc: Vidc, rounds: int) -> list[str]:
    took: dict[str, list[Result]] = {what: [] for what in [FRAME, *STREAM]}
    for _ in range(rounds):
        for what in (FRAME, "stream"):
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch)
                with_media(folder)
                (folder / "r.vidc").write_text((RECIPES / "preview.vidc").read_text())
                if what == FRAME:
                    took[FRAME].append(timed(f"{vidc.program} preview --frame 5:00 r.vidc", folder, vidc.cache(folder)))
                    continue
                for name, result in zip(STREAM, streamed(vidc, folder)):
                    took[name].append(result)
    lines = ["| step | seconds |", "|---|---|"]
    lines += [f"| {what} | {shown(median(results))} |" for what, results in took.items()]
    print("\n".join(lines[2:]), flush=True)
    return lines
