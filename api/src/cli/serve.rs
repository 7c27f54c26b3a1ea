//! `vidc serve`: answers over HTTP.

use std::net::SocketAddr;

use clap::Args;

use super::exit::Failure;
use super::output::Output;

/// Arguments of `vidc serve`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The address to answer at; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    let listening = |address| output.say(&format!("listening on http://{address}"));
    super::block_on(async {
        crate::http::serve(arguments.listen, listening, super::interrupted())
            .await
            .map_err(|error| Failure::environment(format!("{}: {error}", arguments.listen)))
    })
}
