"""Compares rendering in vidc and in other tools, and writes the tables of a page.

Usage: run.py VIDC [--peers FOLDER] [--rounds N] [--task NAME]... [--table NAME]... [--write FILE]

Each table of a page is between the lines `<!-- NAME -->` and `<!-- end -->`.
"""

import argparse
import os
import re
import subprocess
from pathlib import Path

import corpus
from again import again
from compare import compare
from growth import clips, growth
from measure import MEDIA, Vidc
from peers import Peer, peers
from preview import preview
from tasks import TASKS

TABLES = ["machine", "tasks", "growth", "clips", "again", "preview"]


def machine(others: list[Peer]) -> list[str]:
    ffmpeg = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"version (\d[\d.]*)", ffmpeg)
    cores = len(os.sched_getaffinity(0))
    installed = [f"{peer.name} {peer.version}" for peer in others if peer.version]
    line = f"{cores} cores, FFmpeg {version[1] if version else 'of unknown version'}; {', '.join(installed)}."
    print(line, flush=True)
    return [line]


def write(page: Path, name: str, lines: list[str]) -> None:
    text = page.read_text()
    before, rest = text.split(f"<!-- {name} -->\n", 1)
    _, after = rest.split("\n<!-- end -->", 1)
    page.write_text(f"{before}<!-- {name} -->\n" + "\n".join(lines) + f"\n<!-- end -->{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vidc", type=os.path.abspath)
    parser.add_argument("--peers", type=os.path.abspath, default="", help="the folder with MoviePy and editly")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--task", action="append", choices=[task.name for task in TASKS], help="only this task")
    parser.add_argument("--table", action="append", choices=TABLES, help="only this table")
    parser.add_argument("--write", type=Path, help="the page whose tables to replace")
    arguments = parser.parse_args()
    corpus.make(MEDIA)
    vidc, rounds = Vidc(arguments.vidc), arguments.rounds
    others = peers(Path(arguments.peers))
    makers = {
        "machine": lambda: machine(others),
        "tasks": lambda: compare(vidc, others, rounds, arguments.task),
        "growth": lambda: growth(vidc, rounds),
        "clips": lambda: clips(vidc, rounds),
        "again": lambda: again(vidc, rounds),
        "preview": lambda: preview(vidc, rounds),
    }
    wanted = arguments.table or (["tasks"] if arguments.task else TABLES)
    for name in TABLES:
        if name in wanted:
            lines = makers[name]()
            # Written immediately, since the next table may take long.
            if arguments.write:
                write(arguments.write, name, lines)


if __name__ == "__main__":
    main()
