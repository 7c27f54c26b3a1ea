"""The media that rendering is measured on, all made by ffmpeg."""

import subprocess
from pathlib import Path

X264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "50", "-bf", "2"]
AAC = ["-c:a", "aac", "-b:a", "128k"]
WORDS = "One two three four five six seven eight nine ten".split()


def picture(size: str, rate: int, seconds: int, hue: int) -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds},hue=h={hue},noise=alls=6:allf=t"]


def tone(frequency: int, seconds: int, rate: int = 48000) -> list[str]:
    return ["-f", "lavfi", "-i", f"sine={frequency}:r={rate}:d={seconds}"]


def make(folder: Path) -> None:
    """Makes what is not there yet; a file that is there is whole."""
    folder.mkdir(parents=True, exist_ok=True)

    def ffmpeg(name: str, *arguments: str) -> None:
        if not (folder / name).exists():
            part = folder / f"part.{name}"
            subprocess.run(
                ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments, str(part)], check=True, cwd=folder
            )
            part.rename(folder / name)

    ffmpeg("a.mp4", *picture("640x360", 25, 60, 0), *tone(440, 60), "-ac", "2", *X264, *AAC)
    ffmpeg("b.mp4", *picture("640x360", 25, 60, 90), *tone(660, 60), "-ac", "2", *X264, *AAC)
    ffmpeg("hd.mp4", *picture("1280x720", 30, 20, 30), *tone(440, 20), "-ac", "2", *X264, *AAC)
    ffmpeg("full.mp4", *picture("1920x1080", 25, 20, 60), *tone(550, 20, 44100), "-ac", "1", *X264, *AAC)
    old = ["-c:v", "mpeg4", "-q:v", "4", "-c:a", "libmp3lame"]
    ffmpeg("old.avi", *picture("854x480", 24, 20, 120), *tone(660, 20), *old)
    ffmpeg("music.m4a", *tone(220, 70), "-ac", "2", *AAC)
    ffmpeg("logo.png", "-f", "lavfi", "-i", "color=orange:s=96x48,format=rgba", "-frames:v", "1")
    # Ten minutes of different pictures would take long to make; the same minute ten times is as long.
    ffmpeg("mute.mp4", "-i", "a.mp4", "-an", "-c", "copy")
    for name, minutes in [("long.mp4", 10), ("hour.mp4", 60)]:
        sound = [*tone(440, 60 * minutes), "-map", "0:v", "-map", "1:a", "-ac", "2", *AAC]
        ffmpeg(name, "-stream_loop", str(minutes - 1), "-i", "mute.mp4", *sound, "-c:v", "copy")
    lines = []
    for n in range(20):
        lines.append(f"{n + 1}\n00:00:{n * 3:02},000 --> 00:00:{n * 3 + 2:02},500\n{WORDS[n % 10]}, said the voice\n\n")
    (folder / "talk.srt").write_text("".join(lines))
