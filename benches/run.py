"""Measures what rendering takes, side by side. Usage: run.py VIDC [--rounds N] [--task NAME]... [--write FILE]

The contenders of a task take turns, so that a machine that is slow for a while is slow for all of them; of the rounds
the median counts. Peers are measured once, as is whatever takes longer than LONG; nobody
is waited for longer than PATIENCE.
"""

import argparse
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import corpus
from tasks import TASKS, Task

HERE = Path(__file__).resolve().parent
MEDIA = HERE.parent / "target" / "bench-media"
LONG = 15
PATIENCE = 200


def seconds(command: str, folder: Path) -> float | None:
    """The wall time of a command, infinite if it is given up, or nothing if it fails."""
    begun = time.monotonic()
    with (folder / "stderr").open("w+") as said:
        run = subprocess.Popen(
            command, shell=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True
        )
        try:
            code = run.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            return math.inf
        took = time.monotonic() - begun
        if code != 0:
            said.seek(0)
            print(f"failed: {command}\n{said.read()[-800:]}", file=sys.stderr)
            return None
    return took


def measured(commands: dict[str, str], rounds: int, once: set[str]) -> dict[str, float | None]:
    """The median of each command's times, in an empty folder that sees the media."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds):
        for name, command in commands.items():
            if turn > 0 and (name in once or not times[name] or times[name][0] > LONG):
                continue
            with tempfile.TemporaryDirectory() as scratch:
                for file in MEDIA.iterdir():
                    (Path(scratch) / file.name).symlink_to(file)
                command = command.replace("{out}", "out.mp4").replace("{media}", str(MEDIA))
                took = seconds(command, Path(scratch))
            if took is not None:
                times[name].append(took)
    return {name: statistics.median(took) if took else None for name, took in times.items()}


def contenders(task: Task, vidc: str, moviepy: str | None) -> dict[str, str]:
    recipe = HERE / "recipes" / f"{task.name}.vidc"
    commands = {
        "vidc": f"cp {recipe} . && {vidc} render --no-cache {recipe.name} -o .",
        "expert": task.expert,
        "limit": task.limit,
        "naive": task.naive,
    }
    if shutil.which("melt"):
        commands |= task.others
    if moviepy and f'"{task.name}"' in (HERE / "with_moviepy.py").read_text():
        commands["MoviePy"] = f"{moviepy} {HERE / 'with_moviepy.py'} {task.name} {{out}}"
    return commands


def shown(value: float | None) -> str:
    if value == math.inf:
        return f"> {PATIENCE}"
    return "–" if value is None else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def ratio(a: float | None, b: float | None) -> str:
    if a == math.inf:
        a, sign = PATIENCE, "> "
    else:
        sign = ""
    return "–" if not a or not b else f"{sign}{a / b:.2f}"


def compare(arguments: argparse.Namespace) -> list[str]:
    lines = [
        "| task | vidc | expert | limit | naive | melt | MoviePy | vidc / expert | vidc / limit | best peer / vidc |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for task in TASKS:
        if arguments.task and task.name not in arguments.task:
            continue
        took = measured(
            contenders(task, arguments.vidc, arguments.moviepy), arguments.rounds, {"naive", "melt", "MoviePy"}
        )
        peers = [value for name in ("melt", "MoviePy") if (value := took.get(name))]
        ours = took["vidc"]
        columns = [shown(took.get(name)) for name in ("vidc", "expert", "limit", "naive", "melt", "MoviePy")]
        columns += [ratio(ours, took["expert"]), ratio(ours, took["limit"]), ratio(min(peers, default=None), ours)]
        lines.append(f"| {task.what} | " + " | ".join(columns) + " |")
        print(lines[-1], flush=True)
    return lines


def growth(vidc: str, rounds: int) -> list[str]:
    """How cost grows with what is not touched."""
    lines = ["| length of the file | 10 s cut out | a title for 5 s |", "|---|---|---|"]
    for name, minutes in [("a.mp4", 1), ("long.mp4", 10), ("hour.mp4", 60)]:
        recipes = {"cut": "trim(33s..43s)", "title": 'text("A short title", during: 10s..15s)'}
        commands = {}
        for task, operation in recipes.items():
            recipe = f'vidc 1\n\noutput("out.mp4", from: input("{name}") | {operation})\n'
            commands[task] = f"printf '%s' '{recipe}' > r.vidc && {vidc} render --no-cache r.vidc -o ."
        took = measured(commands, rounds, set())
        lines.append(f"| {minutes} min | {shown(took['cut'])} | {shown(took['title'])} |")
        print(lines[-1], flush=True)
    return lines


def many(vidc: str, rounds: int) -> list[str]:
    """How compiling grows with the clips of a recipe."""
    lines = ["| clips | compiling, in seconds | the plan, in KiB |", "|---|---|---|"]
    for count in (10, 100, 1000):
        clips = ", ".join(f'input("a.mp4") | trim({n % 50}s..{n % 50 + 2}s)' for n in range(count))
        recipe = f'vidc 1\n\noutput("out.mp4", from: concat([{clips}]) | text("x"))\n'
        with tempfile.TemporaryDirectory() as scratch:
            (Path(scratch) / "r.vidc").write_text(recipe)
            (Path(scratch) / "a.mp4").symlink_to(MEDIA / "a.mp4")
            command = f"{vidc} compile --emit json r.vidc > plan.json"
            took = [seconds(command, Path(scratch)) or 0 for _ in range(rounds)]
            size = os.path.getsize(Path(scratch) / "plan.json") / 1024
        lines.append(f"| {count} | {statistics.median(took):.3f} | {size:.0f} |")
        print(lines[-1], flush=True)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vidc", type=os.path.abspath)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--task", action="append")
    parser.add_argument("--moviepy", help="a Python that has MoviePy")
    parser.add_argument("--write", type=Path, help="a page whose tables are replaced")
    arguments = parser.parse_args()
    corpus.make(MEDIA)
    tables = {"tasks": compare(arguments)}
    if not arguments.task:
        tables["growth"] = growth(arguments.vidc, arguments.rounds)
        tables["clips"] = many(arguments.vidc, arguments.rounds)
    if arguments.write:
        page = arguments.write.read_text()
        for name, lines in tables.items():
            before, rest = page.split(f"<!-- {name} -->\n", 1)
            _, after = rest.split("\n<!-- end -->", 1)
            page = f"{before}<!-- {name} -->\n" + "\n".join(lines) + f"\n<!-- end -->{after}"
        arguments.write.write_text(page)


if __name__ == "__main__":
    main()
