//! The cost of a plan: wall time, CPU time, and the size of its outputs.
//!
//! Lowering counts the [`Work`] of each stage, which does not depend on any machine. [`Rates`] say how long a machine takes
//! for each unit of it; they are built in, or measured by `vidc doctor --bench`. An [`Estimate`] combines the two.

mod builtin;
mod estimate;
mod format;
mod rates;
mod work;

pub use estimate::{Bottleneck, Estimate, StageEstimate, estimate};
pub use rates::{Rate, Rates, SizeModel};
pub use work::{DecodeWork, EncodeWork, VerificationWork, Work};
