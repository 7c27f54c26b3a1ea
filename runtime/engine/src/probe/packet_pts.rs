//! Reads the presentation times of a file's packets.

use std::collections::BTreeMap;
use std::path::Path;

use vidc_compiler::facts::{Problem, Stream};
use vidc_compiler::time::Time;

use super::reader::MediaReader;
use crate::ffmpeg::Tools;

/// The PTS of the packets of each stream, by stream index and in decoding order.
///
/// # Errors
/// Why the packets cannot be read, in words.
pub(crate) async fn packet_pts(
    tools: &Tools,
    path: &Path,
    streams: &[Stream],
) -> Result<BTreeMap<u32, Vec<Time>>, String> {
    let reader = MediaReader::open(tools, path).await;
    let packets = reader.packets(None, None).await;
    let packets = packets.map_err(|problem| match problem {
        Problem::Missing => "there is no such file".to_owned(),
        Problem::Unreadable(reason) => reason,
    })?;
    let time_bases: BTreeMap<u32, Time> = streams
        .iter()
        .filter_map(|stream| Some((stream.index, Time::new(stream.time_base?))))
        .collect();
    let mut pts: BTreeMap<u32, Vec<Time>> = BTreeMap::new();
    for packet in &packets {
        if let (Some(time_base), Some(ticks)) = (time_bases.get(&packet.stream_index), packet.presented_at())
        {
            pts.entry(packet.stream_index)
                .or_default()
                .push(*time_base * ticks);
        }
    }
    Ok(pts)
}
