//! What the installed FFmpeg can do, asked once for each build and kept.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use vidc_compiler::facts::{Capabilities, Version};

use super::{Tools, capture, command};
use crate::error::Error;
use crate::probe_cache::{ProbeCache, tool_key};

const LIMIT: Duration = Duration::from_secs(20);

/// What the FFmpeg at `tools` can do: from the cache as long as its file is the same, else by asking it.
pub async fn capabilities(tools: &Tools, cache: &ProbeCache) -> Result<Capabilities, Error> {
    let key = tool_key(&tools.ffmpeg, "what it can do");
    if let Some(known) = cache.get("ffmpeg", &key) {
        return Ok(known);
    }
    let asked = ask(&tools.ffmpeg).await?;
    cache.put("ffmpeg", &key, &asked);
    Ok(asked)
}

async fn ask(ffmpeg: &Path) -> Result<Capabilities, Error> {
    let (version, filters, encoders, decoders, muxers, xfade) = tokio::try_join!(
        run(ffmpeg, &["-version"]),
        run(ffmpeg, &["-hide_banner", "-filters"]),
        run(ffmpeg, &["-hide_banner", "-encoders"]),
        run(ffmpeg, &["-hide_banner", "-decoders"]),
        run(ffmpeg, &["-hide_banner", "-muxers"]),
        run(ffmpeg, &["-hide_banner", "-h", "filter=xfade"]),
    )?;
    let found = Capabilities {
        version: parse_version(&version),
        build: build(&version),
        filters: names(&filters, |flags, rest| {
            flags.len() == 3 && rest.is_some_and(|rest| rest.contains("->"))
        }),
        encoders: names(&encoders, |flags, _| flags.len() == 6),
        decoders: names(&decoders, |flags, _| flags.len() == 6),
        muxers: names(&muxers, |flags, _| flags == "E" || flags == "DE"),
        transitions: transitions(&xfade),
    };
    if found.filters.is_empty() || found.encoders.is_empty() || found.muxers.is_empty() {
        return Err(Error::ToolBroken {
            path: ffmpeg.to_owned(),
            reason: "it does not list its filters, encoders and formats as FFmpeg does".to_owned(),
        });
    }
    Ok(found)
}

async fn run(ffmpeg: &Path, arguments: &[&str]) -> Result<String, Error> {
    let broken = |reason: String| Error::ToolBroken {
        path: ffmpeg.to_owned(),
        reason: format!("`{} {}`: {reason}", ffmpeg.display(), arguments.join(" ")),
    };
    let captured = capture::capture(command(ffmpeg, arguments), None, LIMIT)
        .await
        .map_err(|error| broken(error.to_string()))?;
    if !captured.status.success() {
        let said = captured.stderr.trim();
        return Err(broken(format!("{}; it said: {said}", captured.status)));
    }
    Ok(String::from_utf8_lossy(&captured.stdout).into_owned())
}

/// The release of `ffmpeg version 5.1.9-0+deb12u1 Copyright …` or `n7.1`; 0.0 where it names none, as snapshots do.
fn parse_version(text: &str) -> Version {
    let parse = || {
        let word = text.strip_prefix("ffmpeg version ")?.split_whitespace().next()?;
        let mut numbers = word.strip_prefix('n').unwrap_or(word).split(['.', '-', '+', '~']);
        Some(Version {
            major: numbers.next()?.parse().ok()?,
            minor: numbers.next().and_then(|minor| minor.parse().ok()).unwrap_or(0),
        })
    };
    parse().unwrap_or_default()
}

/// Everything `-version` says, which names the release, the compiler, the configuration and each library, hashed.
fn build(version: &str) -> String {
    blake3::hash(version.as_bytes()).to_hex().as_str()[..32].to_owned()
}

/// The names in a listing whose lines are ` FLAGS name[,name] description`; `counts` picks the lines by their flags
/// and what follows the name.
fn names(listing: &str, counts: impl Fn(&str, Option<&str>) -> bool) -> BTreeSet<String> {
    listing
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let (flags, name) = (words.next()?, words.next()?);
            (name != "=" && counts(flags, words.next())).then_some(name)
        })
        .flat_map(|name| name.split(',').map(str::to_owned))
        .collect()
}

/// The named values of xfade's `transition` option.
fn transitions(help: &str) -> BTreeSet<String> {
    help.lines()
        .skip_while(|line| !line.trim_start().starts_with("transition "))
        .skip(1)
        .map_while(|line| {
            let mut words = line.split_whitespace();
            let (name, value) = (words.next()?, words.next()?);
            value.parse::<i32>().ok().map(|_| name.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_releases_and_of_snapshots() {
        let of = |word: &str| {
            let version = parse_version(&format!("ffmpeg version {word} Copyright (c) 2000-2026"));
            (version.major, version.minor)
        };
        assert_eq!(of("5.1.9-0+deb12u1"), (5, 1));
        assert_eq!(of("n7.1"), (7, 1));
        assert_eq!(of("8.0"), (8, 0));
        assert_eq!(of("9"), (9, 0));
        assert_eq!(of("N-118000-g1234567"), (0, 0));
    }
}
