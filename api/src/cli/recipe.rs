//! The way every command takes through a recipe: read, parse, look at its media, compile.

use std::fs::Permissions;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use vidc_compiler::codes::MISSING_FILE;
use vidc_compiler::{Compiled, JOINING, Options, PASSES};
use vidc_dsl::ast::Recipe;
use vidc_dsl::{Diagnostics, FileId, Severity, Signatures, Sources, Syntax, limits};
use vidc_engine::probe::Prober;
use vidc_engine::{Compilation, DirResolver, ErrorKind, compile_recipe};

use super::bindings::BindingOptions;
use super::exit::Failure;
use super::output::Output;

/// The option that names the syntax where no file name does.
#[derive(Clone, Debug, Args)]
pub(super) struct SyntaxOption {
    /// The syntax of a recipe on standard input
    #[arg(long, value_enum, default_value_t = SyntaxName::Vidc)]
    syntax: SyntaxName,
}

/// A syntax, as options name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SyntaxName {
    Vidc,
    Yaml,
}

impl SyntaxName {
    pub(super) fn syntax(self) -> Syntax {
        match self {
            SyntaxName::Vidc => Syntax::Text,
            SyntaxName::Yaml => Syntax::Yaml,
        }
    }
}

/// Options of every command that compiles.
#[derive(Clone, Debug, Args)]
pub(super) struct CompileOptions {
    #[command(flatten)]
    bindings: BindingOptions,
    #[command(flatten)]
    syntax: SyntaxOption,
    /// Take warnings for errors
    #[arg(long)]
    strict: bool,
    /// Leave out a pass of the optimiser; may be repeated
    #[arg(long = "no-pass", value_name = "NAME", value_parser = pass_name)]
    no_pass: Vec<String>,
    /// Join no packets: the same as `--no-pass` with smart-render, segments and sound-join
    #[arg(long)]
    exact: bool,
}

impl CompileOptions {
    /// What of these the compiler is told.
    fn compiler(&self) -> Options {
        let joining = JOINING.map(str::to_owned);
        let exact = joining.into_iter().filter(|_| self.exact);
        Options {
            without_passes: self.no_pass.iter().cloned().chain(exact).collect(),
            view: None,
        }
    }
}

/// A pass's name, or which there are.
fn pass_name(name: &str) -> Result<String, String> {
    let names: Vec<&str> = PASSES.iter().map(|pass| pass.name).collect();
    match names.contains(&name) {
        true => Ok(name.to_owned()),
        false => Err(format!("there is no such pass; there are {}", names.join(", "))),
    }
}

/// A recipe's text and where it came from.
#[derive(Debug)]
pub(super) struct Source {
    sources: Sources,
    id: FileId,
    /// The folder its paths are relative to.
    folder: PathBuf,
    stdin: bool,
    signatures: Signatures,
}

impl Source {
    /// Reads a recipe from a file, or from standard input if the path is `-`.
    pub(super) fn read(path: &Path, option: &SyntaxOption) -> Result<Self, Failure> {
        let stdin = path == Path::new("-");
        let name = if stdin {
            "<stdin>".into()
        } else {
            path.to_string_lossy()
        };
        let bytes = if stdin {
            read_bounded(std::io::stdin().lock())
        } else {
            std::fs::File::open(path).and_then(read_bounded)
        }
        .map_err(|error| Failure::file(Path::new(&*name), error))?;
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            // The language's own limit refuses it; where it was cut does not matter.
            Err(error) if error.as_bytes().len() > limits::MAX_TEXT => {
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            }
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let message = format!("{name}: a recipe is UTF-8 text; byte {at} is not");
                return Err(Failure::Said(ErrorKind::InvalidRecipe, message));
            }
        };
        let syntax = if stdin {
            option.syntax.syntax()
        } else {
            Syntax::for_file_name(&name)
        };
        let mut sources = Sources::default();
        let id = sources.add(name, text, syntax);
        let folder = if stdin { None } else { path.parent() };
        Ok(Source {
            sources,
            id,
            folder: folder.unwrap_or(Path::new("")).to_owned(),
            stdin,
            signatures: vidc_compiler::signatures(),
        })
    }

    /// Its text.
    pub(super) fn text(&self) -> &str {
        self.sources.get(self.id).map_or("", |file| &file.text)
    }

    /// What it is called.
    #[cfg(feature = "service")]
    pub(super) fn name(&self) -> &str {
        self.sources.get(self.id).map_or("", |file| &file.name)
    }

    /// The folder its paths are relative to.
    #[cfg(feature = "service")]
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its syntax.
    pub(super) fn syntax(&self) -> Syntax {
        self.sources.get(self.id).map_or(Syntax::Text, |file| file.syntax)
    }

    /// Whether it came from standard input.
    pub(super) fn is_stdin(&self) -> bool {
        self.stdin
    }

    /// Every text that diagnostics may speak of.
    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Its tree; the diagnostics say what could not be read.
    fn tree(&self, diagnostics: &mut Diagnostics) -> Recipe {
        match self.sources.get(self.id) {
            Some(file) => vidc_dsl::parse(file, &self.signatures, diagnostics),
            None => Recipe::default(),
        }
    }

    /// Its tree, or a failure once its mistakes have been shown.
    pub(super) fn parse(&self, output: &Output) -> Result<Recipe, Failure> {
        let mut diagnostics = Diagnostics::new();
        let recipe = self.tree(&mut diagnostics);
        output.diagnostics(&diagnostics, &self.sources);
        if diagnostics.has_errors() {
            return Err(Failure::Told(ErrorKind::InvalidRecipe));
        }
        Ok(recipe)
    }

    /// A tree in a syntax.
    pub(super) fn print(&self, recipe: &Recipe, syntax: Syntax) -> String {
        vidc_dsl::print(recipe, syntax, &self.signatures)
    }
}

/// What came of compiling a recipe.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The recipe's text.
    pub(super) source: Source,
    /// What was made of it.
    pub(super) compilation: Compilation,
    strict: bool,
}

impl Outcome {
    /// Shows the diagnostics, and gives the work if there is any to do.
    pub(super) fn accept(&self, output: &Output) -> Result<&Compiled, Failure> {
        output.diagnostics(&self.compilation.diagnostics, self.source.sources());
        match &self.compilation.compiled {
            _ if self.refused() => Err(Failure::Told(self.blame())),
            Some(compiled) => Ok(compiled),
            None => Err(Failure::Said(
                ErrorKind::Internal,
                "no mistake was found in the recipe, and yet it could not be compiled; please report this"
                    .to_owned(),
            )),
        }
    }

    /// Where its media are, as far as they could be read.
    pub(super) fn media(&self) -> impl Iterator<Item = PathBuf> {
        let media = self.compilation.facts.media.values();
        media.flatten().map(|media| PathBuf::from(&media.path))
    }

    /// Whether the diagnostics say that there is to be no plan.
    pub(super) fn refused(&self) -> bool {
        let diagnostics = &self.compilation.diagnostics;
        diagnostics.has_errors() || self.strict && diagnostics.count(Severity::Warning) > 0
    }

    /// A recipe that only lacks its files is not itself wrong.
    pub(super) fn blame(&self) -> ErrorKind {
        let mut errors = self
            .compilation
            .diagnostics
            .iter()
            .filter(|d| d.severity() == Severity::Error);
        match self.compilation.diagnostics.has_errors()
            && errors.all(|error| error.code.id == MISSING_FILE.id)
        {
            true => ErrorKind::Environment,
            false => ErrorKind::InvalidRecipe,
        }
    }
}

/// Reads, parses, probes and compiles a recipe. Mistakes in it are not a failure here; they are in the outcome.
pub(super) async fn compile(
    path: &Path,
    options: &CompileOptions,
    prober: &Prober,
) -> Result<Outcome, Failure> {
    let source = Source::read(path, &options.syntax)?;
    let bindings = options.bindings.read()?;
    let file = source.sources.get(source.id).ok_or_else(|| {
        Failure::Said(
            ErrorKind::Internal,
            "a recipe that was read is not there".to_owned(),
        )
    })?;
    let folder = DirResolver(source.folder.clone());
    let compilation = compile_recipe(prober, file, bindings, options.compiler(), &folder, 0).await?;
    Ok(Outcome {
        compilation,
        strict: options.strict,
        source,
    })
}

/// Reads a recipe up to just over the longest that is allowed.
fn read_bounded(reader: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limits::MAX_TEXT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a recipe: whole, or not at all.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let whole = || -> std::io::Result<()> {
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let permissions = match std::fs::metadata(path) {
            Ok(known) => known.permissions(),
            Err(_) => Permissions::from_mode(0o666),
        };
        let mut file = tempfile::Builder::new()
            .permissions(permissions)
            .tempfile_in(folder)?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        file.persist(path)?;
        Ok(())
    };
    whole().map_err(|error| Failure::file(path, error))
}
