//! How AAC-LC lies in packets (ISO/IEC 14496-3, 4.6.11), and what its encoder needs to make some that fit those beside them.

/// Samples in a packet.
pub const PACKET: i64 = 1024;
/// More samples than any encoder of it puts before a sound so that it can be decoded: FFmpeg's 1024, Apple's 2112.
pub const PRIMING: i64 = 2200;
/// Packets that an encoder makes before those that count, so that it has settled.
pub(crate) const SETTLING: i64 = 4;
/// Packets behind the last that counts, of which the encoder has to hear.
pub(crate) const OVERLAP: i64 = 2;
