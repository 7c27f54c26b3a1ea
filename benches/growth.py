"""How cost grows with what is not touched, and with the clips of a recipe."""

import os
import statistics
import tempfile
from pathlib import Path

from measure import Vidc, measured, shown, timed, with_media


def growth(vidc: Vidc, rounds: int) -> list[str]:
    lines = ["| length of the file | 10 s cut out | a title for 5 s |", "|---|---|---|"]
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
    lines = ["| clips | compiling, in seconds | the plan, in KiB |", "|---|---|---|"]
    for count in (10, 100, 1000):
        all_clips = ", ".join(f'input("a.mp4") | trim({n % 50}s..{n % 50 + 2}s)' for n in range(count))
        recipe = f'vidc 1\n\noutput("out.mp4", from: concat([{all_clips}]) | text("x"))\n'
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            with_media(folder)
            (folder / "r.vidc").write_text(recipe)
            command = f"{vidc.program} compile --emit json r.vidc > plan.json"
            # The first of them looks at the media.
            took = [timed(command, folder, vidc.cache(folder)).seconds or 0 for _ in range(rounds + 1)]
            size = os.path.getsize(folder / "plan.json") / 1024
        lines.append(f"| {count} | {statistics.median(took[1:]):.3f} | {size:.0f} |")
        print(lines[-1], flush=True)
    return lines
