//! The `vidc` command, as the tests run it.

use std::process::ExitCode;

fn main() -> ExitCode {
    vidc_api::run()
}
