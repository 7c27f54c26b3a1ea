"""Measures rendering again: the same recipe, and the same recipe with a changed title."""

import tempfile
from pathlib import Path

from measure import Result, Vidc, median, shown, timed, with_media

RECIPES = Path(__file__).resolve().parent / "recipes"
STEPS = [
    "first render",
    "again, unchanged",
    "with a different title text",
    "with the title at a different time",
]


def again(vidc: Vidc, rounds: int) -> list[str]:
    recipe = (RECIPES / "title.vidc").read_text()
    recipes = [
        recipe,
        recipe,
        recipe.replace("A short title", "Other words"),
        recipe.replace("10s..15s", "5:10..5:15"),
    ]
    took: list[list[Result]] = [[] for _ in STEPS]
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            with_media(folder)
            for step, text in enumerate(recipes):
                (folder / "r.vidc").write_text(text)
                command = f"rm -f out.mp4 && {vidc.program} render r.vidc -o ."
                took[step].append(timed(command, folder, vidc.cache(folder)))
    lines = ["| 5 s title on 10 min | seconds |", "|---|---|"]
    lines += [f"| {step} | {shown(median(results))} |" for step, results in zip(STEPS, took)]
    print("\n".join(lines[2:]), flush=True)
    return lines
