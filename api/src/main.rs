//! The `vidc` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    vidc_api::run()
}
