//! Which fonts are installed, as fontconfig lists them, asked once for each state of the font directories and kept.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use vidc_compiler::facts::Fonts;

use crate::ffmpeg::{capture, command, on_path};
use crate::probe_cache::{ProbeCache, tool_key};

const LIMIT: Duration = Duration::from_secs(30);
/// Directories deeper than this hold no fonts anybody installed on purpose.
const MAX_DEPTH: usize = 6;

/// Fonts, and the times of modification of the directories that decide about them.
#[derive(Serialize, Deserialize)]
struct CachedFonts {
    directories: BTreeMap<PathBuf, Option<u64>>,
    fonts: Fonts,
}

/// The installed fonts. Without fontconfig's `fc-list`, none is known.
pub async fn fonts(cache: &ProbeCache) -> Fonts {
    let Some(fc_list) = on_path("fc-list", &|name| env::var_os(name)) else {
        return Fonts::default();
    };
    let variables: Vec<_> = [
        "FONTCONFIG_FILE",
        "FONTCONFIG_PATH",
        "FONTCONFIG_SYSROOT",
        "HOME",
        "XDG_DATA_HOME",
    ]
    .iter()
    .map(|name| {
        env::var_os(name)
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    })
    .collect();
    let key = tool_key(&fc_list, &variables.join("\0"));
    if let Some(kept) = cache.get::<CachedFonts>("fonts", &key)
        && kept
            .directories
            .iter()
            .all(|(directory, time)| modified(directory) == *time)
    {
        return kept.fonts;
    }
    let Some(listing) = list(&fc_list).await else {
        return Fonts::default();
    };
    let (mut fonts, files) = parse(&listing);
    fonts.fingerprint = fingerprint(&listing, usual().await.as_deref());
    let kept = CachedFonts {
        directories: watched(&files),
        fonts,
    };
    cache.put("fonts", &key, &kept);
    kept.fonts
}

async fn list(fc_list: &Path) -> Option<String> {
    let format = "%{file}\t%{scalable}\t%{family}\t%{charset}\t%{fontversion}\n";
    let captured = capture::capture(command(fc_list, ["--format", format]), None, LIMIT)
        .await
        .ok()?;
    captured
        .status
        .success()
        .then(|| String::from_utf8_lossy(&captured.stdout).into_owned())
}

/// The font that is taken where none is named.
async fn usual() -> Option<String> {
    let fc_match = on_path("fc-match", &|name| env::var_os(name))?;
    let asking = command(&fc_match, ["--format", "%{file}", "sans-serif"]);
    let captured = capture::capture(asking, None, LIMIT).await.ok()?;
    Some(String::from_utf8_lossy(&captured.stdout).into_owned())
}

/// A hash of a listing and of the usual font, wherever their files are.
fn fingerprint(listing: &str, usual: Option<&str>) -> String {
    let without_folder = |line: &str| match line.split_once('\t') {
        Some((file, rest)) => format!("{}\t{rest}", base(file)),
        None => line.to_owned(),
    };
    let lines: BTreeSet<String> = listing.lines().map(without_folder).collect();
    let mut hasher = blake3::Hasher::new();
    for line in &lines {
        hasher.update(line.as_bytes());
        hasher.update(b"\n");
    }
    hasher.update(base(usual.unwrap_or_default()).as_bytes());
    hasher.finalize().to_hex().to_string()
}

fn base(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

/// Families and coverage of the scalable fonts in a listing, and the files they are in.
fn parse(listing: &str) -> (Fonts, BTreeSet<PathBuf>) {
    let mut families = BTreeSet::new();
    let mut files = BTreeSet::new();
    let mut ranges = BTreeSet::new();
    for line in listing.lines() {
        let mut fields = line.split('\t');
        let (Some(file), Some(scalable), Some(names), Some(charset)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        files.insert(PathBuf::from(file));
        if scalable != "True" {
            continue;
        }
        families.extend(split_families(names));
        ranges.extend(charset.split_whitespace().filter_map(range));
    }
    let coverage = union(ranges);
    let fonts = Fonts {
        families,
        coverage,
        fingerprint: String::new(),
    };
    (fonts, files)
}

/// The names in fontconfig's `A,B\,C` list, in which `\` escapes.
fn split_families(names: &str) -> Vec<String> {
    let mut families = vec![String::new()];
    let mut characters = names.chars();
    while let Some(character) = characters.next() {
        match (character, families.last_mut()) {
            (',', _) => families.push(String::new()),
            ('\\', Some(family)) => family.extend(characters.next()),
            (other, Some(family)) => family.push(other),
            (_, None) => {}
        }
    }
    families.retain(|family| !family.is_empty());
    families
}

/// `20-7e` or `a0`, hexadecimal.
fn range(text: &str) -> Option<(u32, u32)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let hexadecimal = |digits| u32::from_str_radix(digits, 16).ok();
    Some((hexadecimal(first)?, hexadecimal(last)?)).filter(|(first, last)| first <= last)
}

/// Ascending ranges, those that touch or overlap made one.
fn union(ranges: BTreeSet<(u32, u32)>) -> Vec<(u32, u32)> {
    let mut merged: Vec<(u32, u32)> = Vec::new();
    for (first, last) in ranges {
        match merged.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
            _ => merged.push((first, last)),
        }
    }
    merged
}

/// The directories whose change means that fonts may have come or gone, with when they last changed: those that hold
/// fonts, the usual places of fonts whether they exist or not, and fontconfig's configuration.
fn watched(files: &BTreeSet<PathBuf>) -> BTreeMap<PathBuf, Option<u64>> {
    let mut directories: BTreeSet<PathBuf> = files
        .iter()
        .filter_map(|file| file.parent().map(Path::to_owned))
        .collect();
    let mut roots: Vec<PathBuf> = vec!["/usr/share/fonts".into(), "/usr/local/share/fonts".into()];
    if let Some(home) = env::var_os("HOME").map(PathBuf::from) {
        roots.extend([
            home.join(".fonts"),
            home.join(".local/share/fonts"),
            home.join("Library/Fonts"),
            home.join(".config/fontconfig"),
            home.join(".config/fontconfig/fonts.conf"),
        ]);
    }
    if let Some(data) = env::var_os("XDG_DATA_HOME").map(PathBuf::from) {
        roots.push(data.join("fonts"));
    }
    for root in roots {
        collect(root, MAX_DEPTH, &mut directories);
    }
    directories.extend(
        [
            "/etc/fonts",
            "/etc/fonts/conf.d",
            "/etc/fonts/fonts.conf",
            "/etc/fonts/local.conf",
        ]
        .map(PathBuf::from),
    );
    directories
        .into_iter()
        .map(|directory| {
            let time = modified(&directory);
            (directory, time)
        })
        .collect()
}

fn collect(directory: PathBuf, depth: usize, into: &mut BTreeSet<PathBuf>) {
    if depth > 0
        && let Ok(entries) = fs::read_dir(&directory)
    {
        for entry in entries.flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                collect(entry.path(), depth - 1, into);
            }
        }
    }
    into.insert(directory);
}

/// Nanoseconds since 1970; none if it is not there.
fn modified(path: &Path) -> Option<u64> {
    let time = fs::metadata(path).ok()?.modified().ok()?;
    u64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_becomes_families_and_one_coverage() {
        let (fonts, files) = parse(
            "/f/a.ttf\tTrue\tDejaVu Sans,DejaVu Sans Light\t20-7e a0-1a9\n\
             /f/b.ttf\tTrue\tOdd\\, Name\t7f 1aa-1b0 1f600\n\
             /f/c.pcf\tFalse\tFixed\t400-4ff\n",
        );
        let families: Vec<_> = fonts.families.iter().map(String::as_str).collect();
        assert_eq!(families, ["DejaVu Sans", "DejaVu Sans Light", "Odd, Name"]);
        assert_eq!(fonts.coverage, [(0x20, 0x7f), (0xa0, 0x1b0), (0x1f600, 0x1f600)]);
        assert_eq!(files.len(), 3);
        assert!(fonts.draws('é') && !fonts.draws('ш'));
    }
}
