#!/bin/sh
# Installs the dependencies of vidc that are missing on this machine. Usage: scripts/setup.sh [test|bench]
#
# Supports Debian and Ubuntu (apt). Checks first, so it is fast and needs no privileges when nothing is missing.
# With "test" it also installs the dependencies of the tests, with "bench" the tools that rendering is compared with.
set -eu

say() { echo "setup: $*"; }
has() { command -v "$1" >/dev/null 2>&1; }
has_font() { has fc-list && [ -n "$(fc-list "$1" family 2>/dev/null)" ]; }

missing=""
need() { missing="$missing $1"; }

has ffmpeg && has ffprobe || need ffmpeg
has fc-list || need fontconfig
has_font "DejaVu Sans" || need fonts-dejavu-core
has_font "Symbola" || need fonts-symbola
has make || need make
has cc || need build-essential
if [ "${1:-}" = test ]; then
    [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || need postgresql
    has redis-server || need redis-server
    has openssl || need openssl
    python3 -c 'import venv, ensurepip' 2>/dev/null || need python3-venv
fi
if [ "${1:-}" = bench ]; then
    python3 -c 'import venv, ensurepip' 2>/dev/null || need python3-venv
    has npm || need npm
    # MLT, GStreamer Editing Services, and the build and runtime dependencies of editly.
    for package in melt \
        ges1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad \
        gstreamer1.0-plugins-ugly gstreamer1.0-libav gstreamer1.0-x \
        pkg-config libcairo2-dev libpango1.0-dev libjpeg-dev libgif-dev librsvg2-dev libpixman-1-dev \
        libxi-dev libglu1-mesa-dev libglew-dev xvfb xauth; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || need "$package"
    done
fi

if [ -n "$missing" ]; then
    if ! has apt-get; then
        say "missing:$missing; this script supports only apt; install them manually" >&2
        exit 1
    fi
    sudo=""
    if [ "$(id -u)" != 0 ]; then
        if ! has sudo; then
            say "missing:$missing; run this as root, or install sudo" >&2
            exit 1
        fi
        sudo="sudo"
    fi
    say "installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    # $missing is a list of package names, split on purpose.
    # shellcheck disable=SC2086
    $sudo apt-get install -qq --no-install-recommends -y $missing >/dev/null 2>&1 || {
        $sudo apt-get update -qq
        $sudo apt-get install -qq --no-install-recommends -y $missing >/dev/null
    }
fi

if ! has cargo; then
    say "cargo is missing: install Rust from https://rustup.rs" >&2
    exit 1
fi

if [ "${1:-}" = test ] && ! cargo nextest --version >/dev/null 2>&1; then
    say "installing cargo-nextest"
    cargo install cargo-nextest --locked --quiet
fi

# An S3 server for the tests, and schemathesis, which generates requests from an OpenAPI document, in a virtual environment.
tools=${CARGO_TARGET_DIR:-target}/tools
if [ "${1:-}" = test ] && ! { [ -x "$tools/bin/ministack" ] && [ -x "$tools/bin/schemathesis" ]; }; then
    say "installing ministack and schemathesis"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check ministack==1.5.33 schemathesis==4.32.5
fi

# The tools that rendering is compared with. The native modules of editly take some minutes to build; if the build fails,
# editly is skipped from then on.
peers=${CARGO_TARGET_DIR:-target}/peers
if [ "${1:-}" = bench ] && [ -z "$(ls -d "$peers"/lib/python*/site-packages/moviepy 2>/dev/null)" ]; then
    say "installing MoviePy"
    python3 -m venv "$peers"
    "$peers/bin/pip" install --quiet --disable-pip-version-check moviepy==2.2.1
fi
if [ "${1:-}" = bench ] && ! [ -x "$peers/node_modules/.bin/editly" ] && ! [ -e "$peers/without-editly" ]; then
    say "installing editly"
    npm install --prefix "$peers" --no-audit --no-fund --loglevel=error editly@0.14.2 >/dev/null 2>&1 || {
        say "editly could not be built and is skipped" >&2
        touch "$peers/without-editly"
    }
fi

say "all dependencies are installed"
