"""The media that rendering is measured on, all made by ffmpeg."""

import shutil
import subprocess
from pathlib import Path

# A keyframe every fifty frames and nowhere else, so that what a cut leaves to encode is the same everywhere.
X264 = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 50 -sc_threshold 0 -bf 2".split()
AAC = ["-c:a", "aac", "-b:a", "128k"]
WORDS = "One two three four five six seven eight nine ten".split()


def picture(size: str, rate: int, seconds: int, hue: int) -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds},hue=h={hue},noise=alls=3:allf=t"]


def tone(frequency: int, seconds: int, rate: int = 48000) -> list[str]:
    """A tone and something of everything else: AAC takes twice as long to encode a tone alone."""
    sine = f"sine={frequency}:r={rate}:d={seconds}"
    noise = f"anoisesrc=color=pink:a=0.05:seed={frequency}:r={rate}:d={seconds}"
    return ["-f", "lavfi", "-i", f"{sine}[a];{noise}[b];[a][b]amix=inputs=2:normalize=0"]


def make(folder: Path) -> None:
    """Makes what is not there yet; a file that is there is whole, and was made by this very text."""
    text = Path(__file__).read_text()
    if not (folder / "corpus.py").exists() or (folder / "corpus.py").read_text() != text:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "corpus.py").write_text(text)

    def ffmpeg(name: str, *arguments: str) -> None:
        if not (folder / name).exists():
            print(f"making {name}", flush=True)
            part = folder / f"part.{name}"
            subprocess.run(
                ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments, part.name], check=True, cwd=folder
            )
            part.rename(folder / name)

    ffmpeg("a.mp4", *picture("640x360", 25, 60, 0), *tone(440, 60), "-ac", "2", *X264, *AAC)
    ffmpeg("b.mp4", *picture("640x360", 25, 60, 90), *tone(660, 60), "-ac", "2", *X264, *AAC)
    ffmpeg("hd.mp4", *picture("1280x720", 30, 10, 30), *tone(440, 10), "-ac", "2", *X264, *AAC)
    ffmpeg("full.mp4", *picture("1920x1080", 25, 10, 60), *tone(550, 10, 44100), "-ac", "1", *X264, *AAC)
    old = ["-c:v", "mpeg4", "-q:v", "4", "-c:a", "libmp3lame"]
    ffmpeg("old.avi", *picture("854x480", 24, 10, 120), *tone(660, 10), *old)
    ffmpeg("music.m4a", *tone(220, 70), "-ac", "2", *AAC)
    ffmpeg("logo.png", "-f", "lavfi", "-i", "color=orange:s=96x48,format=rgba", "-frames:v", "1")
    # Ten minutes of different pictures would take long to make; the same minute ten times is as long.
    ffmpeg("minute.mp4", *picture("480x270", 25, 60, 180), *X264)
    for name, minutes in [("short.mp4", 1), ("long.mp4", 10), ("hour.mp4", 60)]:
        sound = [*tone(440, 60 * minutes), "-map", "0:v", "-map", "1:a", "-ac", "2", *AAC]
        ffmpeg(name, "-stream_loop", str(minutes - 1), "-i", "minute.mp4", *sound, "-c:v", "copy")
    ffmpeg("film-minute.mp4", *picture("1280x720", 25, 60, 220), *X264)
    sound = [*tone(440, 600), "-map", "0:v", "-map", "1:a", "-ac", "2", *AAC]
    ffmpeg("film.mp4", "-stream_loop", "9", "-i", "film-minute.mp4", *sound, "-c:v", "copy")
    lines = []
    for n in range(20):
        lines.append(f"{n + 1}\n00:00:{n * 3:02},000 --> 00:00:{n * 3 + 2:02},500\n{WORDS[n % 10]}, said the voice\n\n")
    (folder / "talk.srt").write_text("".join(lines))
