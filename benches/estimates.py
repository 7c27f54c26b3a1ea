"""Compares the estimates of `vidc compile` with rendering. Usage: estimates.py VIDC [--rounds N] [--write FILE]

Renders every example `--rounds` times without the render cache and takes the minimum, since other load on the machine
can only add. Measure the machine first, with `vidc doctor --bench`.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
WITHIN = 2


def estimated(vidc: str, recipe: Path) -> dict:
    run = subprocess.run([vidc, "compile", "--emit", "json", recipe], check=True, capture_output=True)
    return json.loads(run.stdout)["estimate"]


def rendered(vidc: str, recipe: Path) -> dict:
    """The wall-clock seconds, the CPU seconds of vidc and its child processes, and the output bytes of one render."""

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    with tempfile.TemporaryDirectory() as folder:
        before, begun = used(), time.monotonic()
        command = [vidc, "render", "--no-cache", recipe, "-o", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        took = {"wall": time.monotonic() - begun, "cpu": used() - before}
        return took | {"bytes": sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())}


def ratio(estimate: float, real: float) -> float:
    return estimate / real


def size(value: float) -> str:
    return f"{value / 1e6:.2f} MB" if value >= 1e6 else f"{value / 1e3:.0f} kB"


def compare(vidc: str, rounds: int, names: list[str] | None) -> tuple[list[str], int]:
    lines = [
        "| example | time | estimated | CPU | estimated | size | estimated | worst ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    worse = 0
    for recipe in sorted(EXAMPLES.glob("*.vidc")):
        if names and recipe.stem not in names:
            continue
        guess = estimated(vidc, recipe)
        runs = [rendered(vidc, recipe) for _ in range(rounds)]
        real = {what: min(run[what] for run in runs) for what in ("wall", "cpu", "bytes")}
        off = {what: ratio(guess[what], real[what]) for what in real}
        farthest = max(off.values(), key=lambda value: abs(math.log(value)))
        worse += not 1 / WITHIN <= farthest <= WITHIN
        lines.append(
            f"| `{recipe.stem}` | {real['wall']:.2f} s | {guess['wall']:.2f} s | {real['cpu']:.2f} s | "
            f"{guess['cpu']:.2f} s | {size(real['bytes'])} | {size(guess['bytes'])} | × {farthest:.2f} |"
        )
        print(lines[-1], " ".join(f"{what} {value:.2f}" for what, value in off.items()), flush=True)
    return lines, worse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vidc", type=os.path.abspath)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--example", action="append")
    parser.add_argument("--write", type=Path, help="the page whose table to replace")
    arguments = parser.parse_args()
    lines, worse = compare(arguments.vidc, arguments.rounds, arguments.example)
    if arguments.write:
        page = arguments.write.read_text()
        before, rest = page.split("<!-- estimates -->\n", 1)
        _, after = rest.split("\n<!-- end -->", 1)
        arguments.write.write_text(f"{before}<!-- estimates -->\n" + "\n".join(lines) + f"\n<!-- end -->{after}")
    print(f"{worse} of {len(lines) - 2} are not within a factor of {WITHIN}")
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
