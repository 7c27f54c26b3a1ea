"""The tasks in editly. Usage: with_editly.py TASK OUT prints an edit specification."""

import json
import sys

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
WORDS = "One two three four five six seven eight nine ten".split()
ENCODE = "-c:v libx264 -preset medium -crf 21 -pix_fmt yuv420p -c:a aac -b:a 160k -movflags +faststart"
MUSIC = {"path": "music.m4a", "mixVolume": 0.25}


def video(path, **more):
    return {"type": "video", "path": path, "resizeMode": "contain", **more}


def title(start):
    return {"type": "title", "text": "A short title", "start": start, "stop": start + 5}


def subtitles(begin, end):
    """The subtitles between two times, relative to the clip."""
    lines = []
    for n in range(20):
        start, stop = max(n * 3, begin), min(n * 3 + 2.5, end)
        if start < stop:
            words = f"{WORDS[n % 10]}, said the voice"
            lines.append({"type": "subtitle", "text": words, "start": start - begin, "stop": stop - begin})
    return lines


def spec(*clips, **more):
    return {"clips": [{"layers": layers} for layers in clips], "keepSourceAudio": True, **more}


HD = {"width": 1280, "height": 720, "fps": 30}
CORNER = {"x": 0.981, "y": 0.033, "originX": "right"}
LOGO = {"type": "image-overlay", "path": "logo.png", "width": 0.075, "position": CORNER}
INSET = video("b.mp4", width=0.25, height=0.25, left=0.7125, top=0.0667, mixVolume=0)

TASKS = {
    "same-concat": spec([video("a.mp4")], [video("b.mp4")]),
    "mixed-concat": spec([video("hd.mp4")], [video("full.mp4")], [video("old.avi")], **HD),
    "cut": spec([video("film.mp4", cutFrom=303, cutTo=313)]),
    "long-cut": spec([video("long.mp4", cutFrom=63, cutTo=363)]),
    "title": spec([video("long.mp4"), title(10)]),
    "pip": spec([video("a.mp4"), INSET]),
    "replace": spec([video("a.mp4")], keepSourceAudio=False, audioTracks=[{"path": "music.m4a"}]),
    "sound": spec([video("a.mp4")], audioTracks=[MUSIC]),
    "subtitles-burned": spec([video("a.mp4"), *subtitles(0, 60)]),
    "everything": spec(
        [video("hd.mp4"), LOGO, title(2), *subtitles(0, 10)],
        [video("full.mp4"), LOGO, *subtitles(10, 20)],
        audioTracks=[MUSIC],
        **HD,
    ),
}

if __name__ == "__main__":
    task, out = sys.argv[1:]
    defaults = {"transition": None, "layer": {"fontPath": FONT}}
    print(json.dumps({"outPath": out, "defaults": defaults, "customOutputArgs": ENCODE.split(), **TASKS[task]}))
