//! The `vidc` command under test.

use std::process::ExitCode;

fn main() -> ExitCode {
    vidc_api::run()
}
