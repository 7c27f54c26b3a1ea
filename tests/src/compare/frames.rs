//! Whether two pictures are alike.

use super::{File, Found, Limits};
use crate::media::decode;

/// Decoded frames, made no larger than what is looked at closely.
struct Frames {
    size: usize,
    bytes: Vec<u8>,
}

impl Frames {
    fn decode(file: &File) -> Frames {
        let filter = "scale=w='min(iw,320)':h='min(ih,320)':flags=area,setsar=1,format=yuv420p";
        let options = [
            "-map",
            "0:v:0",
            "-fps_mode",
            "passthrough",
            "-vf",
            filter,
            "-f",
            "yuv4mpegpipe",
        ];
        let bytes = decode(file.path, &options);
        let end = bytes
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(bytes.len());
        let header = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let side = |letter: char| -> usize {
            let field = header.split(' ').find_map(|field| field.strip_prefix(letter));
            field.and_then(|field| field.parse().ok()).unwrap_or_default()
        };
        let (width, height) = (side('W'), side('H'));
        let size = width * height + 2 * width.div_ceil(2) * height.div_ceil(2);
        Frames {
            size,
            bytes: bytes[(end + 1).min(bytes.len())..].to_vec(),
        }
    }

    fn len(&self) -> usize {
        self.bytes.len() / (self.size + FRAME.len())
    }

    fn frame(&self, index: usize) -> &[u8] {
        let start = index * (self.size + FRAME.len()) + FRAME.len();
        &self.bytes[start..start + self.size]
    }
}

/// What stands before each frame.
const FRAME: &[u8] = b"FRAME\n";

/// Mean of the squares of what two frames differ by.
fn distance(one: &[u8], other: &[u8]) -> f64 {
    let mut sum: u64 = 0;
    for (a, b) in one.iter().zip(other) {
        let apart = u64::from(a.abs_diff(*b));
        sum += apart * apart;
    }
    sum as f64 / one.len().max(1) as f64
}

/// A peak signal to noise ratio in dB.
fn ratio(distance: f64) -> f64 {
    10.0 * (255.0 * 255.0 / distance.max(1e-6)).log10()
}

/// How far a frame is looked for beside its place.
const AROUND: usize = 3;
/// Frames that are looked at together to tell a wrong one from a bad one.
const STRETCH: usize = 6;

/// Compares the pictures of two files.
pub(super) fn compare(a: &File, b: &File, limits: &Limits, found: &mut Found) {
    let (ours, theirs) = (Frames::decode(a), Frames::decode(b));
    let count = ours.len().min(theirs.len());
    if ours.len().max(theirs.len()) - count > limits.frames || ours.size != theirs.size {
        let fault = format!("decoded frames: {} and {}", ours.len(), theirs.len());
        found.faults.push(fault);
        return;
    }
    // Where there may be one more, what it shows is as uncertain.
    let count = count - limits.frames.min(count - 1);
    let apart = |at: usize, with: usize| distance(ours.frame(at), theirs.frame(with));
    let here: Vec<f64> = (0..count).map(|index| apart(index, index)).collect();
    let worst = here.iter().copied().fold(0.0, f64::max);
    found.picture = Some(ratio(worst));
    let bad: Vec<usize> = (0..count)
        .filter(|index| ratio(here[*index]) < limits.picture)
        .collect();
    if let Some(first) = bad.first() {
        let near = first.saturating_sub(AROUND)..(first + AROUND + 1).min(count);
        let closest = near.min_by(|x, y| apart(*first, *x).total_cmp(&apart(*first, *y)));
        let hint = match closest {
            Some(closest) if closest != *first && apart(*first, closest) * 2.0 < here[*first] => {
                format!("; it is more like frame {closest} of the other")
            }
            _ => String::new(),
        };
        found.faults.push(format!(
            "{} of {count} frames differ: the first is {first} ({:.3} s) with {:.1} dB{hint}",
            bad.len(),
            a.times.get(*first).copied().unwrap_or_default(),
            ratio(here[*first])
        ));
        return;
    }
    // Pictures that move little are like their neighbours: then it tells that those are more alike.
    for start in (0..count.saturating_sub(STRETCH)).step_by(STRETCH) {
        let range = start..start + STRETCH;
        let as_is: f64 = here[range.clone()].iter().sum();
        if ratio(as_is / STRETCH as f64) > 40.0 {
            continue;
        }
        let later: f64 = range.clone().map(|index| apart(index, index + 1)).sum();
        let earlier: f64 = range.clone().map(|index| apart(index, index.max(1) - 1)).sum();
        let word = if later < earlier { "late" } else { "early" };
        if later.min(earlier) * 2.0 < as_is {
            found
                .faults
                .push(format!("frames {start}..{} are one {word}", start + STRETCH));
            return;
        }
    }
}
