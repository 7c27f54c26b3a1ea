"""The table of tasks: vidc compared with an expert's FFmpeg command, the limit, the naive way, and other tools."""

import math
from pathlib import Path

from measure import Result, Vidc, measured, ratio, shown
from peers import Peer
from tasks import TASKS, Task

RECIPES = Path(__file__).resolve().parent / "recipes"
OURS = ["vidc", "expert", "limit", "naive"]
# Superscript digits for footnote marks.
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"


class Notes:
    """Footnotes without duplicates."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def mark(self, text: str) -> str:
        if text not in self.texts:
            self.texts.append(text)
        return "".join(RAISED[int(digit)] for digit in str(self.texts.index(text) + 1))

    def lines(self) -> list[str]:
        return [f"{self.mark(text)} {text}.  " for text in self.texts]


def contenders(task: Task, vidc: Vidc, peers: list[Peer]) -> dict[str, str]:
    recipe = RECIPES / f"{task.name}.vidc"
    commands = {
        "vidc": f"cp {recipe} . && {vidc.program} render {recipe.name} -o .",
        "expert": task.expert,
        "limit": task.limit,
        "naive": task.naive,
    }
    for peer in peers:
        if peer.version and task.name in peer.commands:
            commands[peer.name] = peer.commands[task.name]
    return commands


def cell(task: Task, peer: Peer, took: Result | None, notes: Notes) -> str:
    note = peer.remarks.get(task.name, "")
    if not peer.version:
        note = f"{peer.name} is not installed"
    elif took is None:
        note = peer.cannot.get(task.name, "")
    elif took.seconds is None:
        note = f"{peer.name}, {task.what}: {took.why}"
    return shown(took) + (notes.mark(note) if note else "")


def row(task: Task, took: dict[str, Result], peers: list[Peer], notes: Notes) -> str:
    vidc = took["vidc"]
    done = [took[peer.name] for peer in peers if peer.name in took and took[peer.name].seconds]
    best = min(done, key=lambda result: result.seconds or math.inf, default=None)
    cells = [shown(took[name]) for name in OURS]
    cells += [cell(task, peer, took.get(peer.name), notes) for peer in peers]
    cells += [ratio(vidc, took["expert"]), ratio(vidc, took["limit"]), ratio(best, vidc)]
    return f"| {task.what} | {' | '.join(cells)} |"


def compare(vidc: Vidc, peers: list[Peer], rounds: int, only: list[str] | None) -> list[str]:
    names = [*OURS, *(peer.name for peer in peers)]
    once = {"naive", *(peer.name for peer in peers)}
    lines = [
        f"| task | {' | '.join(names)} | vidc / expert | vidc / limit | best peer / vidc |",
        "|---|" + "---|" * (len(names) + 3),
    ]
    notes = Notes()
    for task in TASKS:
        if only and task.name not in only:
            continue
        commands = contenders(task, vidc, peers)
        # The limit produces only the parts that take time.
        expected = {name: task.makes for name in commands if name != "limit"}
        lines.append(row(task, measured(commands, vidc, rounds, once, expected), peers, notes))
        print(lines[-1], flush=True)
    print("\n".join(notes.lines()), flush=True)
    return [*lines, "", *notes.lines()] if notes.texts else lines
