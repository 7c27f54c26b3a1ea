//! `vidc render`: makes the files that a recipe describes.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use vidc_runtime::{Engine, ErrorKind};

use super::exit::Failure;
use super::output::Output;
use super::progress::{Moment, Progress};
use super::recipe::{self, CompileOptions};

/// Arguments of `vidc render`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder to put the files in; otherwise the working directory
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    output: PathBuf,
    /// Tell progress and results as JSON lines on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    options: CompileOptions,
    /// The recipe; `-` reads standard input
    recipe: PathBuf,
}

pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    super::block_on(async {
        tokio::select! {
            result = render(&arguments, output) => result,
            () = super::interrupted() => Err(Failure::Told(ErrorKind::Interrupted)),
        }
    })
}

async fn render(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let engine = Engine::find().await?;
    let outcome = recipe::compile(&arguments.recipe, &arguments.options, &engine).await?;
    let (compiled, facts) = outcome.accept(output)?;
    let mut progress = Progress::new(output, arguments.json);
    let made = engine
        .execute(&compiled.plan, &facts, &arguments.output, |moment| {
            progress.show(Moment {
                title: moment.title,
                done: moment.done,
                speed: moment.speed,
            });
        })
        .await;
    progress.finish();
    for path in made? {
        let line = path.display().to_string();
        if arguments.json {
            output.line(&json!({ "event": "output", "path": line }).to_string())?;
        } else {
            output.line(&line)?;
        }
    }
    Ok(())
}
