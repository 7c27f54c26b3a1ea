//! Reading, parsing and compiling recipes, as all commands do it.

use std::fs::Permissions;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use vidc_compiler::codes::MISSING_FILE;
use vidc_compiler::{Compiled, Options, PassId};
use vidc_dsl::ast::Recipe;
use vidc_dsl::{Diagnostics, FileId, Severity, Signatures, Sources, Syntax, limits};
use vidc_engine::probe::Prober;
use vidc_engine::{Compilation, DirResolver, ErrorKind, compile_recipe};

use super::bindings::BindingOptions;
use super::failure::Failure;
use super::terminal::Terminal;

/// The syntax option, for recipes that have no file name.
#[derive(Clone, Debug, Args)]
pub(super) struct SyntaxOption {
    /// Syntax of a recipe read from standard input
    #[arg(long, value_enum, value_name = "SYNTAX", default_value_t = SyntaxName::Vidc)]
    syntax: SyntaxName,
}

/// The name of a syntax on the command line.
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

/// Options of all commands that compile a recipe.
#[derive(Clone, Debug, Args)]
pub(super) struct CompileOptions {
    #[command(flatten)]
    bindings: BindingOptions,
    #[command(flatten)]
    syntax: SyntaxOption,
    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,
    /// Disable an optimization pass; repeatable
    #[arg(long = "no-pass", value_name = "NAME")]
    no_pass: Vec<PassId>,
    /// Disable the passes that join packets: each track is copied or encoded as a whole
    #[arg(long)]
    exact: bool,
}

impl CompileOptions {
    /// The compiler options they stand for.
    fn compiler_options(&self) -> Options {
        let exact = PassId::all_that(PassId::joins_packets).filter(|_| self.exact);
        Options {
            without_passes: self.no_pass.iter().copied().chain(exact).collect(),
            preview: None,
        }
    }
}

/// The text of a recipe and its origin.
#[derive(Debug)]
pub(super) struct Source {
    sources: Sources,
    id: FileId,
    /// The directory that paths in the recipe are relative to.
    directory: PathBuf,
    is_stdin: bool,
    signatures: Signatures,
}

impl Source {
    /// Reads a recipe from a file, or from standard input if the path is `-`.
    pub(super) fn read(path: &Path, option: &SyntaxOption) -> Result<Self, Failure> {
        let is_stdin = path == Path::new("-");
        let name = if is_stdin {
            "<stdin>".into()
        } else {
            path.to_string_lossy()
        };
        let bytes = if is_stdin {
            read_bounded(std::io::stdin().lock())
        } else {
            std::fs::File::open(path).and_then(read_bounded)
        }
        .map_err(|error| Failure::file(Path::new(&*name), error))?;
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            // The parser rejects texts over the limit, so it does not matter where this one was cut.
            Err(error) if error.as_bytes().len() > limits::MAX_TEXT => {
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            }
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                let message = format!("{name}: recipes are UTF-8 text, and byte {offset} is not valid UTF-8");
                return Err(Failure::Message(ErrorKind::InvalidRecipe, message));
            }
        };
        let syntax = if is_stdin {
            option.syntax.syntax()
        } else {
            Syntax::for_file_name(&name)
        };
        let mut sources = Sources::default();
        let id = sources.add(name, text, syntax);
        let directory = if is_stdin { None } else { path.parent() };
        Ok(Source {
            sources,
            id,
            directory: directory.unwrap_or(Path::new("")).to_owned(),
            is_stdin,
            signatures: vidc_compiler::signatures(),
        })
    }

    /// The text of the recipe.
    pub(super) fn text(&self) -> &str {
        self.sources.get(self.id).map_or("", |file| &file.text)
    }

    /// The name used in diagnostics.
    #[cfg(feature = "service")]
    pub(super) fn name(&self) -> &str {
        self.sources.get(self.id).map_or("", |file| &file.name)
    }

    /// The directory that paths in the recipe are relative to.
    #[cfg(feature = "service")]
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The syntax of the recipe.
    pub(super) fn syntax(&self) -> Syntax {
        self.sources.get(self.id).map_or(Syntax::Text, |file| file.syntax)
    }

    /// Whether the recipe was read from standard input.
    pub(super) fn is_stdin(&self) -> bool {
        self.is_stdin
    }

    /// The source texts that diagnostics point into.
    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Parses the recipe, collecting syntax errors.
    fn parse_into(&self, diagnostics: &mut Diagnostics) -> Recipe {
        match self.sources.get(self.id) {
            Some(file) => vidc_dsl::parse(file, &self.signatures, diagnostics),
            None => Recipe::default(),
        }
    }

    /// Parses the recipe. Prints diagnostics, and fails if there are errors.
    pub(super) fn parse(&self, terminal: &Terminal) -> Result<Recipe, Failure> {
        let mut diagnostics = Diagnostics::new();
        let recipe = self.parse_into(&mut diagnostics);
        terminal.print_diagnostics(&diagnostics, &self.sources);
        if diagnostics.has_errors() {
            return Err(Failure::Reported(ErrorKind::InvalidRecipe));
        }
        Ok(recipe)
    }

    /// Prints a recipe in a syntax.
    pub(super) fn print(&self, recipe: &Recipe, syntax: Syntax) -> String {
        vidc_dsl::print(recipe, syntax, &self.signatures)
    }
}

/// A recipe with its compilation.
#[derive(Debug)]
pub(super) struct CheckedRecipe {
    /// The text of the recipe.
    pub(super) source: Source,
    /// Its diagnostics, facts and plan.
    pub(super) compilation: Compilation,
    strict: bool,
}

impl CheckedRecipe {
    /// Prints the diagnostics and returns the plan, unless the recipe is rejected.
    pub(super) fn accept(&self, terminal: &Terminal) -> Result<&Compiled, Failure> {
        terminal.print_diagnostics(&self.compilation.diagnostics, self.source.sources());
        match &self.compilation.compiled {
            _ if self.is_rejected() => Err(Failure::Reported(self.error_kind())),
            Some(compiled) => Ok(compiled),
            None => Err(Failure::internal("the recipe has no errors but did not compile")),
        }
    }

    /// Paths of the media files that could be read.
    pub(super) fn media_paths(&self) -> impl Iterator<Item = PathBuf> {
        let media = self.compilation.facts.media.values();
        media.flatten().map(|media| PathBuf::from(&media.path))
    }

    /// Whether there are errors, or warnings with `--strict`.
    pub(super) fn is_rejected(&self) -> bool {
        let diagnostics = &self.compilation.diagnostics;
        diagnostics.has_errors() || self.strict && diagnostics.count(Severity::Warning) > 0
    }

    /// The class of a rejected recipe: `Environment` if its only errors are missing files.
    pub(super) fn error_kind(&self) -> ErrorKind {
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

/// Reads, parses, probes and compiles a recipe. Errors in the recipe are diagnostics of the result, not a failure.
pub(super) async fn compile(
    path: &Path,
    options: &CompileOptions,
    prober: &Prober,
) -> Result<CheckedRecipe, Failure> {
    let source = Source::read(path, &options.syntax)?;
    let bindings = options.bindings.read()?;
    let file = source
        .sources
        .get(source.id)
        .ok_or_else(|| Failure::internal("the source of the recipe is missing"))?;
    let resolver = DirResolver(source.directory.clone());
    let compilation =
        compile_recipe(prober, file, bindings, options.compiler_options(), &resolver, 0).await?;
    Ok(CheckedRecipe {
        compilation,
        strict: options.strict,
        source,
    })
}

/// Reads at most one byte more than the longest allowed recipe.
fn read_bounded(reader: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limits::MAX_TEXT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a recipe atomically, by renaming a temporary file.
pub(super) fn write_recipe(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        let directory = match path.parent() {
            Some(directory) if directory != Path::new("") => directory,
            _ => Path::new("."),
        };
        let permissions = match std::fs::metadata(path) {
            Ok(metadata) => metadata.permissions(),
            Err(_) => Permissions::from_mode(0o666),
        };
        let mut file = tempfile::Builder::new()
            .permissions(permissions)
            .tempfile_in(directory)?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| Failure::file(path, error))
}
