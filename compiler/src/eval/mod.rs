//! Evaluates a recipe: type-checks it and builds its graph in one pass.
//!
//! Names are evaluated on demand, each once. A step that fails reports why and yields [`Value::Unknown`], which
//! every other step accepts silently, so that each mistake is reported once.

mod arguments;
mod call;
mod encoding;
mod expr;
mod files;
mod normalization_notes;
mod operators;
mod outputs;
mod params;
mod template;
mod tracks;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use vidc_dsl::ast::Recipe;
use vidc_dsl::{Code, Diagnostic, Diagnostics, Span};

use crate::bindings::Bindings;
use crate::codes;
use crate::facts::{Facts, RequiredFacts};
use crate::graph::Graph;
use crate::value::Value;

/// The result of evaluating a recipe.
pub(crate) struct Evaluated {
    /// The recipe's graph; incomplete if there were errors.
    pub graph: Graph,
    /// The files that the recipe names.
    pub required: RequiredFacts,
}

/// Evaluates a whole recipe.
pub(crate) fn evaluate(
    recipe: &Recipe,
    bindings: &Bindings,
    facts: &Facts,
    diagnostics: &mut Diagnostics,
) -> Evaluated {
    let mut evaluator = Evaluator {
        recipe,
        bindings,
        facts,
        diagnostics,
        graph: Graph::default(),
        required: RequiredFacts::default(),
        declarations: BTreeMap::new(),
        values: BTreeMap::new(),
        used: BTreeSet::new(),
        literals: HashSet::new(),
    };
    evaluator.check_version();
    evaluator.collect_declarations();
    evaluator.check_bindings();
    evaluator.outputs();
    evaluator.check_unused();
    evaluator.note_normalizations();
    Evaluated {
        graph: evaluator.graph,
        required: evaluator.required,
    }
}

/// The state of one evaluation.
pub(crate) struct Evaluator<'a> {
    recipe: &'a Recipe,
    bindings: &'a Bindings,
    pub(crate) facts: &'a Facts,
    pub(crate) diagnostics: &'a mut Diagnostics,
    pub(crate) graph: Graph,
    pub(crate) required: RequiredFacts,
    declarations: BTreeMap<&'a str, Declaration>,
    values: BTreeMap<&'a str, EvalState>,
    used: BTreeSet<&'a str>,
    /// Spans of literals, after which a suggestion may insert a unit.
    literals: HashSet<Span>,
}

/// The statement that declares a name.
#[derive(Clone, Copy)]
struct Declaration {
    span: Span,
    statement: Statement,
}

/// A statement's kind, and its index among the recipe's statements of that kind.
#[derive(Clone, Copy)]
enum Statement {
    Param(usize),
    Input(usize),
    Let(usize),
}

/// How far the evaluation of a name has come.
enum EvalState {
    /// Being evaluated; looking it up in this state is a cycle.
    InProgress,
    Done(Value),
}

impl<'a> Evaluator<'a> {
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports an error at `span` and returns [`Value::Unknown`].
    fn fail(&mut self, code: &'static Code, span: Span, message: impl Into<String>) -> Value {
        self.report(Diagnostic::new(code, span, message));
        Value::Unknown
    }

    fn check_version(&mut self) {
        if let Some(version) = &self.recipe.version
            && version.number != 1
        {
            let message = format!(
                "this vidc supports version 1 of the recipe language, not version {}",
                version.number
            );
            self.fail(&codes::UNSUPPORTED_VERSION, version.span, message);
        }
    }

    fn collect_declarations(&mut self) {
        let recipe = self.recipe;
        let params = recipe
            .params
            .iter()
            .enumerate()
            .map(|(i, p)| (&p.name, Statement::Param(i)));
        let inputs = recipe
            .inputs
            .iter()
            .enumerate()
            .map(|(i, p)| (&p.name, Statement::Input(i)));
        let lets = recipe
            .lets
            .iter()
            .enumerate()
            .map(|(i, p)| (&p.name, Statement::Let(i)));
        let mut all: Vec<_> = params.chain(inputs).chain(lets).collect();
        all.sort_by_key(|(name, _)| name.span);
        for (name, statement) in all {
            if let Some(first) = self.declarations.get(name.name.as_str()) {
                let diagnostic = Diagnostic::new(
                    &codes::DUPLICATE_NAME,
                    name.span,
                    format!("`{}` is declared twice", name.name),
                )
                .label("declared again here")
                .secondary(first.span, "first declared here")
                .help("rename one of them; parameters, inputs and lets share one namespace");
                self.report(diagnostic);
            } else {
                self.declarations.insert(
                    &name.name,
                    Declaration {
                        span: name.span,
                        statement,
                    },
                );
            }
        }
    }

    /// The value of a declared name, evaluated if necessary; `None` if nothing declares it.
    pub(crate) fn lookup(&mut self, name: &str, span: Span) -> Option<Value> {
        let (&name, &declaration) = self.declarations.get_key_value(name)?;
        self.used.insert(name);
        match self.values.get(name) {
            Some(EvalState::Done(value)) => return Some(value.clone()),
            Some(EvalState::InProgress) => {
                let diagnostic = Diagnostic::new(&codes::CYCLE, span, format!("`{name}` depends on itself"))
                    .label("used here")
                    .secondary(declaration.span, "while this was being evaluated")
                    .help("break the cycle by defining one of these names without the other");
                self.report(diagnostic);
                return Some(Value::Unknown);
            }
            None => {}
        }
        self.values.insert(name, EvalState::InProgress);
        let recipe = self.recipe;
        let value = match declaration.statement {
            Statement::Param(index) => self.param(&recipe.params[index]),
            Statement::Input(index) => self.input(&recipe.inputs[index]),
            Statement::Let(index) => self.eval(&recipe.lets[index].value, None),
        };
        self.values.insert(name, EvalState::Done(value.clone()));
        Some(value)
    }

    /// All declared names, for suggestions.
    fn declared_names(&self) -> Vec<&'a str> {
        self.declarations.keys().copied().collect()
    }

    /// Evaluates the names that no output uses, and warns that they are unused.
    fn check_unused(&mut self) {
        let used = self.used.clone();
        let mut unused = Vec::new();
        for name in self.declared_names() {
            if used.contains(name) {
                continue;
            }
            let span = self.declarations[name].span;
            self.lookup(name, span);
            if !self.recipe.outputs.is_empty() && !name.starts_with('_') {
                unused.push((name, span));
            }
        }
        // The expression that uses it may be among those that failed.
        if self.diagnostics.has_errors() {
            unused.clear();
        }
        for (name, span) in unused {
            let diagnostic = Diagnostic::new(&codes::UNUSED, span, format!("`{name}` is never used"))
                .help(format!("remove it, or rename it to `_{name}` to keep it"));
            self.report(diagnostic);
        }
        if self.recipe.outputs.is_empty() && !self.diagnostics.has_errors() {
            let message = "the recipe has no output, so there is nothing to render";
            let diagnostic = Diagnostic::new(&codes::NO_OUTPUT, Span::default(), message)
                .help("add one, such as `output(\"video.mp4\", from: …)`");
            self.report(diagnostic);
        }
    }

    /// Reports bound values and files that the recipe has no parameter or input for.
    fn check_bindings(&mut self) {
        let recipe = self.recipe;
        let params: Vec<&str> = recipe.params.iter().map(|p| p.name.name.as_str()).collect();
        let inputs: Vec<&str> = recipe.inputs.iter().map(|p| p.name.name.as_str()).collect();
        let bound_params = self
            .bindings
            .params
            .keys()
            .map(|name| (name, "parameter", &params));
        let bound_inputs = self.bindings.inputs.keys().map(|name| (name, "input", &inputs));
        for (name, what, known) in bound_params.chain(bound_inputs).collect::<Vec<_>>() {
            if known.contains(&name.as_str()) {
                continue;
            }
            let mut diagnostic = Diagnostic::new(
                &codes::UNKNOWN_BINDING,
                Span::default(),
                format!("cannot set `{name}`: the recipe has no {what} with that name"),
            );
            diagnostic = match vidc_dsl::nearest(name, known.iter().copied()) {
                Some(nearest) => diagnostic.help(format!("did you mean `{nearest}`?")),
                None if known.is_empty() => diagnostic.help(format!("the recipe declares no {what}s")),
                None => diagnostic.help(format!("its {what}s are: {}", known.join(", "))),
            };
            self.report(diagnostic);
        }
    }
}
