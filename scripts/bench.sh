#!/bin/sh
# Measures how long vidc takes to compile, and the overhead of a render over the same FFmpeg commands in a shell script.
# Usage: scripts/bench.sh VIDC [ROUNDS]
set -eu

vidc=$(realpath "${1:?usage: scripts/bench.sh VIDC [ROUNDS]}")
rounds=${2:-5}
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# median ROUNDS COMMAND…: prints the median of the command's wall times, in milliseconds.
median() {
    n=$1
    shift
    i=0
    : >"$scratch/times"
    while [ "$i" -lt "$n" ]; do
        start=$(date +%s%N)
        "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; return 1; }
        end=$(date +%s%N)
        echo $(((end - start) / 10000)) >>"$scratch/times"
        i=$((i + 1))
    done
    sort -n "$scratch/times" | awk '{ t[NR] = $1 } END { printf "%.2f", t[int((NR + 1) / 2)] / 100 }'
}

echo "processors: $(nproc); $(ffmpeg -version | head -n 1 | cut -d' ' -f1-3)"

"$vidc" check benches/recipes/sixty.vidc 2>/dev/null
echo "start the process (vidc --version): $(median 20 "$vidc" --version) ms"
echo "compile $(grep -c . benches/recipes/sixty.vidc) lines, probe cache warm: $(median 20 "$vidc" compile --emit json benches/recipes/sixty.vidc) ms"

# Formats a recipe close to the limit of 1 MiB: a lower bound of the parser's speed.
awk 'BEGIN {
    print "vidc 1\n"
    for (i = 0; i < 9000; i++)
        printf "let card-%s = color(teal, size: 1280x720, duration: 2s)\n  | text(\"Card\", position: bottom, margin: 48px)\n", substr("abcdefghijklmnopqrstuvwxyz", i % 26 + 1, 1) i
}' >"$scratch/large.vidc"
bytes=$(wc -c <"$scratch/large.vidc")
time=$(median 5 "$vidc" fmt "$scratch/large.vidc")
echo "format a recipe of $bytes bytes: $time ms ($(awk "BEGIN { printf \"%.1f\", $bytes / $time / 1000 }") MB/s)"

mkdir "$scratch/vidc" "$scratch/script"
"$vidc" compile --emit sh examples/show.vidc >"$scratch/script.sh" 2>/dev/null
by_script() { (cd "$scratch/script" && sh -e "$scratch/script.sh"); }
by_vidc() { "$vidc" render --no-cache examples/show.vidc -o "$scratch/vidc"; }
script=$(median "$rounds" by_script)
ours=$(median "$rounds" by_vidc)
echo "render examples/show.vidc: $ours ms; the same commands in a shell script: $script ms"
awk "BEGIN { printf \"overhead: %.0f ms (%.1f %%)\n\", $ours - $script, 100 * ($ours - $script) / $script }"
