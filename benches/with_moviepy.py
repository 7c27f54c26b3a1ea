"""The tasks in MoviePy. Usage: python with_moviepy.py TASK OUT, in the folder with the media."""

import sys

from moviepy import (
    AudioFileClip,
    CompositeAudioClip,
    CompositeVideoClip,
    ImageClip,
    TextClip,
    VideoFileClip,
    concatenate_videoclips,
)
from moviepy.video.tools.subtitles import SubtitlesClip

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
# Without a margin, descenders are cut off.
MARGIN = (0, 12)


def concat(*names):
    return concatenate_videoclips([VideoFileClip(name) for name in names])


def conformed(*names):
    return concatenate_videoclips([VideoFileClip(name).resized((1280, 720)).with_fps(30) for name in names])


def with_music(clip):
    music = AudioFileClip("music.m4a").with_duration(clip.duration).with_volume_scaled(0.25)
    return clip.with_audio(CompositeAudioClip([clip.audio, music]))


def replaced():
    clip = VideoFileClip("a.mp4")
    return clip.with_audio(AudioFileClip("music.m4a").with_duration(clip.duration))


def pip():
    inset = VideoFileClip("b.mp4").without_audio().resized(width=160).with_position((456, 24))
    return CompositeVideoClip([VideoFileClip("a.mp4"), inset])


def title(start):
    text = TextClip(font=FONT, text="A short title", font_size=36, color="white", margin=MARGIN)
    return text.with_start(start).with_duration(5).with_position("center")


def words(duration):
    def line(text):
        outline = {"stroke_color": "black", "stroke_width": 1}
        return TextClip(font=FONT, text=text, font_size=24, color="white", margin=MARGIN, **outline)

    return SubtitlesClip("talk.srt", make_textclip=line).with_position(("center", "bottom")).with_duration(duration)


def titled():
    return CompositeVideoClip([VideoFileClip("long.mp4"), title(10)])


def burned():
    return CompositeVideoClip([VideoFileClip("a.mp4"), words(60)])


def everything():
    clip = conformed("hd.mp4", "full.mp4")
    logo = ImageClip("logo.png").with_duration(clip.duration).with_position((1160, 24))
    return with_music(CompositeVideoClip([clip, logo, title(2), words(clip.duration)]))


TASKS = {
    "same-concat": lambda: concat("a.mp4", "b.mp4"),
    "mixed-concat": lambda: conformed("hd.mp4", "full.mp4", "old.avi"),
    "cut": lambda: VideoFileClip("film.mp4").subclipped(303, 313),
    "long-cut": lambda: VideoFileClip("long.mp4").subclipped(63, 363),
    "title": titled,
    "pip": pip,
    "replace": replaced,
    "sound": lambda: with_music(VideoFileClip("a.mp4")),
    "subtitles-burned": burned,
    "everything": everything,
}

if __name__ == "__main__":
    task, out = sys.argv[1:]
    parameters = ["-crf", "21", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    settings = {"codec": "libx264", "preset": "medium", "ffmpeg_params": parameters}
    sound = {"audio_codec": "aac", "audio_bitrate": "160k", "audio_fps": 48000}
    TASKS[task]().write_videofile(out, logger=None, **settings, **sound)
