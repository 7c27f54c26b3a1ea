"""The tasks as MoviePy does them. Usage: python with_moviepy.py TASK OUT, in the folder of the media."""

import sys

from moviepy import AudioFileClip, CompositeAudioClip, CompositeVideoClip, TextClip, VideoFileClip, concatenate_videoclips

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


def sound():
    clip = VideoFileClip("a.mp4")
    music = AudioFileClip("music.m4a").with_duration(60).with_volume_scaled(0.25)
    return clip.with_audio(CompositeAudioClip([clip.audio, music]))


def pip():
    inset = VideoFileClip("b.mp4").without_audio().resized(width=160).with_position((456, 24))
    return CompositeVideoClip([VideoFileClip("a.mp4"), inset])


def titled(name):
    title = TextClip(font=FONT, text="A short title", font_size=36, color="white")
    return CompositeVideoClip([VideoFileClip(name), title.with_start(10).with_duration(5).with_position("center")])


TASKS = {
    "same-concat": lambda: concatenate_videoclips([VideoFileClip("a.mp4"), VideoFileClip("b.mp4")]),
    "cut": lambda: VideoFileClip("long.mp4").subclipped(303, 313),
    "title": lambda: titled("long.mp4"),
    "pip": pip,
    "sound": sound,
}

if __name__ == "__main__":
    task, out = sys.argv[1:]
    settings = {"codec": "libx264", "preset": "medium", "ffmpeg_params": ["-crf", "21"], "audio_codec": "aac"}
    TASKS[task]().write_videofile(out, logger=None, **settings)
