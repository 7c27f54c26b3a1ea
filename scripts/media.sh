#!/bin/sh
# Generates the sample media for the examples, the demo and the tests. Usage: scripts/media.sh DIRECTORY
#
# ffmpeg synthesizes everything; nothing is downloaded. Existing files are left alone.
set -eu

dir=${1:?usage: scripts/media.sh DIRECTORY}
mkdir -p "$dir"
cd "$dir"

made=0

# make FILE ARGUMENTS…: runs ffmpeg with a temporary output and renames it to FILE, so an existing file is complete.
make() {
    file=$1
    shift
    [ -e "$file" ] && return 0
    ffmpeg -nostdin -hide_banner -loglevel error -y "$@" "part.$file"
    mv "part.$file" "$file"
    made=$((made + 1))
}

# write FILE: the same for text from standard input.
write() {
    if [ -e "$1" ]; then cat >/dev/null; return 0; fi
    cat >"part.$1"
    mv "part.$1" "$1"
    made=$((made + 1))
}

x264="-c:v libx264 -preset ultrafast -crf 28 -pix_fmt yuv420p -g 50"
aac="-c:a aac -b:a 128k"
label="drawtext=font=DejaVu Sans:fontcolor=white:x=(w-tw)/2"

# --- Audio -----------------------------------------------------------------------------------------------------

# Speech if this ffmpeg has the flite filter, otherwise a hum with the rhythm of speech.
speech() { # text, seconds
    if ffmpeg -hide_banner -filters 2>/dev/null | grep -q ' flite '; then
        printf "flite=voice=rms:text='%s',aresample=48000,volume=1.6,apad=whole_dur=%s,atrim=0:%s" "$1" "$2" "$2"
    else
        printf "aevalsrc='0.3*sin(2*PI*(140+30*sin(2*PI*0.7*t))*t)*max(0,sin(2*PI*2*t))*(0.6+0.4*sin(2*PI*0.3*t))':s=48000:d=%s" "$2"
    fi
}

# Slow chords: C, A minor, F, G, two seconds each.
chords="aevalsrc='
    st(0,mod(floor(t/2),4))*0+
    st(1,if(eq(ld(0),0),261.63,if(eq(ld(0),1),220,if(eq(ld(0),2),174.61,196))))*0+
    st(2,if(eq(ld(0),1),1.1892,1.2599))*0+
    0.16*(sin(2*PI*ld(1)*t)+sin(2*PI*ld(1)*ld(2)*t)+sin(2*PI*ld(1)*1.4983*t)+0.5*sin(PI*ld(1)*t))*(0.55+0.45*exp(-3*mod(t,2)))
':s=44100:c=stereo"

make theme.mp3 -f lavfi -i "$chords" -t 8 -c:a libmp3lame -b:a 128k -metadata title="Four chords"
make bed.flac -f lavfi -i "$chords" -t 16 -af "aresample=48000,lowpass=1200" -c:a flac
make jingle.m4a -f lavfi -i "aevalsrc='0.3*sin(2*PI*(523.25*(1+floor(t*4)/4))*t)*exp(-6*mod(t,0.25))':s=48000:d=1.5:c=stereo" $aac
make voice.wav -f lavfi -i "$(speech 'This is a recording made after the fact. It replaces the sound of the clip.' 5)" -ac 1 -c:a pcm_s16le
make voice.aac -f lavfi -i "$(speech 'A voice in a raw stream.' 2)" $aac -f adts

# --- Still images ----------------------------------------------------------------------------------------------

make logo.png -f lavfi -i "color=black@0:s=240x240,format=rgba,geq=
    r='if(lt(hypot(X-120,Y-120),112),255,0)':
    g='if(lt(hypot(X-120,Y-120),112),if(gt(X,86)*lt(abs(Y-120),(176-X)*0.66),255,96),0)':
    b='if(lt(hypot(X-120,Y-120),112),if(gt(X,86)*lt(abs(Y-120),(176-X)*0.66),255,32),0)':
    a='clip((114-hypot(X-120,Y-120))*127,0,255)'" -frames:v 1
make photo.jpg -f lavfi -i "gradients=s=1600x1067:c0=0x1d3557:c1=0xf4a261:x0=0:y0=0:x1=0:y1=1066:speed=0.00001,
    drawbox=x=0:y=820:w=iw:h=247:c=0x264653:t=fill" -frames:v 1 -q:v 3

# --- Video -----------------------------------------------------------------------------------------------------

make intro.mp4 \
    -f lavfi -i "gradients=s=1280x720:r=30:d=3:c0=0x0b132b:c1=0x3a506b:c2=0x1c2541:n=3:speed=0.02:seed=7" \
    -f lavfi -i "aevalsrc='0.25*sin(2*PI*392*t)*exp(-2*t)+0.25*sin(2*PI*587.33*max(t-0.4,0))*exp(-2*max(t-0.4,0))':s=48000:c=stereo:d=3" \
    -vf "$label:text=INTRO:fontsize=120:y=(h-th)/2" $x264 $aac -shortest
make outro.mp4 \
    -f lavfi -i "gradients=s=1280x720:r=30:d=3:c0=0x3d0c11:c1=0xd80032:c2=0x10002b:n=3:speed=0.02:seed=11" \
    -f lavfi -i "aevalsrc='0.25*sin(2*PI*587.33*t)*exp(-2*t)+0.25*sin(2*PI*392*max(t-0.4,0))*exp(-2*max(t-0.4,0))':s=48000:c=stereo:d=3" \
    -vf "$label:text=OUTRO:fontsize=120:y=(h-th)/2" $x264 $aac -shortest
make talk.mov \
    -f lavfi -i "gradients=s=1280x720:r=25:d=10:c0=0x14213d:c1=0x2a6f97:c2=0x0d3b66:n=3:speed=0.01:seed=3" \
    -f lavfi -i "$(speech 'Hello, and welcome. Today we turn a recipe into a video. You say what you want to see, and the compiler finds the least work that makes it. That is all there is to it.' 10)" \
    -vf "drawbox=x=390:y=180:w=500:h=360:c=white@0.9:t=fill,drawtext=font=DejaVu Sans:fontcolor=0x14213d:fontsize=64:x=(w-tw)/2:y=(h-th)/2:text='%{pts\\:hms}'" $x264 $aac -ac 2
make camera.mp4 \
    -f lavfi -i "smptehdbars=s=640x360:r=25:d=10" -f lavfi -i "sine=330:r=48000:d=10" \
    -vf "$label:text=CAMERA:fontsize=48:y=(h-th)/2:box=1:boxcolor=black@0.6:boxborderw=12" $x264 $aac -ac 2
make screen.mkv \
    -f lavfi -i "mandelbrot=s=640x360:r=25:start_scale=2:end_scale=0.3:end_pts=150" -f lavfi -i "sine=220:r=48000" \
    -t 5 $x264 -c:a flac
make drawing.webm \
    -f lavfi -i "sierpinski=s=480x360:r=24:seed=3" -f lavfi -i "sine=440:r=48000" \
    -t 3 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 600k -pix_fmt yuv420p -c:a libopus -b:a 64k

# --- Clips that need conversion --------------------------------------------------------------------------------
# Each has a white flash of 40 ms and a 1 kHz beep at every full second, so that tests can measure A/V sync. A red bar
# marks the top edge and a blue one the left edge.

flash="drawbox=c=white:t=fill:enable='lt(mod(t+0.002,1),0.042)'"
beep() { # seconds, sample rate
    printf "aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.04)':s=%s:d=%s" "$2" "$1"
}
scene() { # name, size, rate, seconds
    printf "testsrc2=s=%s:r=%s:d=%s,eq=brightness=-0.25:saturation=0.7,drawbox=w=iw:h=ih/16:c=red:t=fill,drawbox=w=iw/32:c=blue:t=fill,%s:text=%s:fontsize=h/10:y=h/4:box=1:boxcolor=black:boxborderw=8,%s" \
        "$2" "$3" "$4" "$label" "$1" "$flash"
}

# A phone held upright: stored in landscape, with a display matrix that rotates it 90 degrees clockwise.
if [ ! -e phone.mp4 ]; then
    make lying.mp4 -f lavfi -i "$(scene PHONE 720x1280 30 4)" -f lavfi -i "$(beep 4 48000)" \
        -vf transpose=cclock $x264 $aac -ac 2
    if ffmpeg -hide_banner -h full 2>/dev/null | grep -q '^-display_rotation'; then
        make phone.mp4 -display_rotation -90 -i lying.mp4 -c copy
    else
        make phone.mp4 -i lying.mp4 -c copy -metadata:s:v rotate=270
    fi
    rm lying.mp4
fi
# 23.976 fps, anamorphic, MPEG-4 and MP3 in AVI. AVI cannot store the start time of MP3, so the encoder's priming is cut
# from the audio before encoding, and the video is not shifted to make room for it.
make anamorphic.avi -f lavfi -i "$(scene ANAMORPHIC 1024x576 24000/1001 4.004)" -f lavfi -i "$(beep 4.004 48000)" \
    -vf scale=720:576,setsar=64/45 -c:v mpeg4 -q:v 4 -g 24 \
    -af "asplit[a][b];[a]atrim=start_sample=1105,asetpts=PTS-STARTPTS[a];[b]atrim=end_sample=1105[b];[a][b]concat=v=0:a=1" \
    -c:a libmp3lame -b:a 128k -ac 2 -avoid_negative_ts disabled
make mute.mp4 -f lavfi -i "$(scene MUTE 1280x720 25 4)" -an $x264
make mono.mp4 -f lavfi -i "$(scene MONO 640x480 30000/1001 4)" -f lavfi -i "$(beep 4 44100)" $x264 $aac -ac 1
make short-sound.mp4 -f lavfi -i "$(scene SHORT 854x480 24 4)" -f lavfi -i "$(beep 2.5 48000)" $x264 $aac -ac 2

# --- Subtitles -------------------------------------------------------------------------------------------------

write talk.srt <<'END'
1
00:00:00,500 --> 00:00:02,000
Hello, and welcome.

2
00:00:02,000 --> 00:00:04,500
Today we turn a <i>recipe</i> into a video.

3
00:00:04,500 --> 00:00:08,500
You say what you want to see,
and the compiler finds the least work.
END

write talk.vtt <<'END'
WEBVTT

00:00:00.500 --> 00:00:02.000
Bonjour, et bienvenue.

00:00:02.000 --> 00:00:04.500
Aujourd'hui, une <i>recette</i> devient une vidéo.

00:00:04.500 --> 00:00:08.500 line:10%
Vous dites ce que vous voulez voir.
END

write talk.ass <<'END'
[Script Info]
ScriptType: v4.00+
PlayResX: 1280
PlayResY: 720

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,DejaVu Sans,44,&H00FFFFFF,&H000000FF,&H00000000,&H80000000,0,0,0,0,100,100,0,0,1,3,1,2,40,40,36,1
Style: Sign,DejaVu Serif,60,&H0000D7FF,&H000000FF,&H00202020,&H80000000,1,0,0,0,100,100,0,0,1,4,0,8,40,40,48,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.50,0:00:02.50,Default,,0,0,0,,Hello, {\i1}and{\i0} welcome.
Dialogue: 1,0:00:01.00,0:00:04.00,Sign,,0,0,0,,{\fad(200,200)}A sign at the top
Dialogue: 0,0:00:04.50,0:00:08.00,Default,,0,0,0,,Two lines,\Nas they were written.
END

if [ ! -e talk.cp1251.srt ]; then
    iconv -f UTF-8 -t CP1251 >part.talk.cp1251.srt <<'END'
1
00:00:00,500 --> 00:00:02,500
Здравствуйте, добро пожаловать.

2
00:00:02,500 --> 00:00:06,000
Сегодня рецепт станет видео,
и это очень просто.
END
    mv part.talk.cp1251.srt talk.cp1251.srt
    made=$((made + 1))
fi

echo "media: generated $made files in $(pwd)"
