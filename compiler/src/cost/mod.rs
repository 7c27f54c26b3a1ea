//! What a plan takes: time, processors, and the size of what it makes.
//!
//! While a graph is lowered, what each stage does is counted: [`Work`], which knows nothing of any machine. What the
//! same amounts take on a machine are its [`Rates`]: built-in ones, or measured by `vidc doctor --bench`. An
//! [`Estimate`] is one times the other.

mod builtin;
mod estimate;
mod rates;
mod words;
mod work;

pub use estimate::{Bottleneck, Estimate, StageEstimate, estimate};
pub use rates::{Rate, Rates, SizeModel};
pub use work::{DecodeWork, EncodeWork, VerificationWork, Work};
