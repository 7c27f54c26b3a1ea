"""Measures how cost scales with the duration of the unchanged part, and with the number of clips."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import Vidc, measured, shown, timed, with_media


def growth(vidc: Vidc, rounds: int) -> list[str]:
    lines = ["| input duration | 10 s cut | 5 s title |", "|---|---|---|"]
    for name, minutes in [("short.mp4", 1), ("long.mp4", 10), ("hour.mp4", 60)]:
        recipes = {"cut": "trim(33s..43s)", "title": 'text("A short title", during: 10s..15s)'}
        commands = {}
        for task, operation in recipes.items():
            recipe = f'vidc 1\n\noutput("out.mp4", from: input("{name}") | {operation})\n'
            commands[task] = f"printf '%s' '{recipe}' > r.vidc && {vidc.program} render r.vidc -o ."
        took = measured(commands, vidc, rounds, set())
        lines.append(f"| {minutes} min | {shown(took['cut'])} | {shown(took['title'])} |")
        print(lines[-1], flush=True)
    return lines


def clips(vidc: Vidc, rounds: int) -> list[str]:
    lines = [
        "| 0.5 s clips | compile (s) | plan (KiB) | render (s) | memory (MiB) | memory without `input-batching` (MiB) |",
        "|---|---|---|---|---|---|",
    ]
    for count in (10, 100, 1000):
        all_clips = ", ".join(f'input("a.mp4") | trim({n % 100 / 2}s..{n % 100 / 2 + 0.5}s)' for n in range(count))
        recipe = f'vidc 1\n\noutput("out.mp4", from: concat([{all_clips}]) | text("x"))\n'
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            with_media(folder)
            (folder / "r.vidc").write_text(recipe)
            command = f"{vidc.program} compile --emit json r.vidc > plan.json"
            # The first run probes the media.
            took = [timed(command, folder, vidc.cache(folder)).seconds or 0 for _ in range(rounds + 1)]
            size = os.path.getsize(folder / "plan.json") / 1024
            render = [vidc.program, "render", "--no-cache", "r.vidc", "-o", "."]
            seconds, memory = peak(render, folder, vidc.cache(folder))
            # A thousand decoders would exceed the memory of most machines.
            at_once = peak([*render, "--no-pass", "input-batching"], folder, vidc.cache(folder))[1] if count < 1000 else None
        cells = [f"{statistics.median(took[1:]):.3f}", f"{size:.0f}", f"{seconds:.1f}", f"{memory:.0f}"]
        lines.append(f"| {count} | {' | '.join(cells)} | {f'{at_once:.0f}' if at_once else '–'} |")
        print(lines[-1], flush=True)
    return lines


def peak(command: list[str], folder: Path, variables: dict[str, str]) -> tuple[float, float]:
    """The seconds that a command takes, and the peak MiB of its largest process."""
    begun = time.monotonic()
    with (folder / "said").open("w") as said:
        run = subprocess.Popen(command, cwd=folder, env=os.environ | variables, stdout=said, stderr=said)
        _, status, usage = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode != 0:
        sys.exit(f"failed: {command}\n{(folder / 'said').read_text()[-800:]}")
    return time.monotonic() - begun, usage.ru_maxrss / 1024
