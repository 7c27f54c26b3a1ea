//! Whether packets of different origin make one clean picture.

use std::path::Path;
use std::time::Duration;

use vidc_compiler::facts::Media;
use vidc_compiler::plan::Expected;
use vidc_compiler::time::{Rational, Time};

use crate::ffmpeg::{Tools, command, short};
use crate::probe::shown;

/// How much is decoded on either side of a seam.
const NEAR: Time = Time::new(Rational::new_raw(1, 1));
/// How long that may take.
const LIMIT: Duration = Duration::from_secs(60);

/// What is wrong with a joined picture: a frame too many or too few or in the wrong place, or one that decodes with a
/// complaint next to a seam.
pub(super) async fn faults(tools: &Tools, path: &Path, media: &Media, expected: &Expected) -> Vec<String> {
    let mut faults: Vec<String> = grid(tools, path, media, expected).await.into_iter().collect();
    for seam in &expected.seams {
        let from = (*seam - NEAR).max(Time::ZERO).decimal();
        let length = (NEAR * 2).decimal();
        let input = format!("file:{}", path.to_string_lossy());
        let arguments = [
            "-v",
            "warning",
            "-xerror",
            "-err_detect",
            "explode",
            "-nostdin",
            "-ss",
            &from,
            "-t",
            &length,
            "-i",
            &input,
            "-map",
            "0:v",
            "-f",
            "null",
            "-",
        ];
        let fault = match short::capture(command(&tools.ffmpeg, arguments), None, LIMIT).await {
            Ok(decoded) if decoded.status.success() && decoded.stderr.is_empty() => continue,
            Ok(decoded) => decoded.stderr.lines().next().unwrap_or("").to_owned(),
            Err(error) => error.to_string(),
        };
        faults.push(format!(
            "the picture does not decode cleanly around {seam}: {fault}"
        ));
    }
    faults
}

/// Every frame must be where a steady rate puts it, to within a tick of the clock.
async fn grid(tools: &Tools, path: &Path, media: &Media, expected: &Expected) -> Option<String> {
    let (stream, _) = media.video()?;
    let rate = expected.video.as_ref()?.frame_rate?;
    let length = expected.video.as_ref()?.duration?;
    let wanted = usize::try_from(length.frames(rate)).ok()?;
    let mut times = match shown(tools, path, stream).await {
        Ok(times) => times,
        Err(reason) => return Some(format!("its packets cannot be read: {reason}")),
    };
    times.sort_unstable();
    if times.len() != wanted {
        return Some(format!("it has {} frames and should have {wanted}", times.len()));
    }
    let tick = Time::new(stream.time_base?);
    let first = *times.first()?;
    let off = times.iter().zip(0..).find(|(time, index)| {
        let place = Time::of_frames(*index, rate);
        (**time - first).distance(place) > tick
    });
    off.map(|(time, index)| {
        format!(
            "frame {index} is shown at {time} and should be at {}",
            Time::of_frames(index, rate)
        )
    })
}
