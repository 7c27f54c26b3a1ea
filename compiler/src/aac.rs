//! AAC-LC packets (ISO/IEC 14496-3, 4.6.11), and the context an encoder needs to produce packets that fit between others.

/// Samples per packet.
pub const SAMPLES_PER_PACKET: i64 = 1024;
/// More priming samples than any encoder inserts: FFmpeg inserts 1024, Apple 2112.
pub const MAX_PRIMING: i64 = 2200;
/// Packets to encode and discard before those that are used, so that the encoder has settled.
pub(crate) const SETTLING_PACKETS: i64 = 4;
/// Packets of input that the encoder needs after the last packet that is used.
pub(crate) const LOOKAHEAD_PACKETS: i64 = 2;
