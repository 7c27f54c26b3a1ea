//! Checking a recipe and building its graph: one act.
//!
//! Names are evaluated when something needs them, each once. A step that fails says why and yields
//! [`Value::Unknown`], which everything accepts in silence, so that one mistake is reported once.

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

/// What checking a recipe leaves: its graph, and the files it would like to know of.
pub(crate) struct Checked {
    pub graph: Graph,
    pub wanted: RequiredFacts,
}

/// Checks a whole recipe.
pub(crate) fn check(
    recipe: &Recipe,
    bindings: &Bindings,
    facts: &Facts,
    diagnostics: &mut Diagnostics,
) -> Checked {
    let mut evaluator = Evaluator {
        recipe,
        bindings,
        facts,
        diagnostics,
        graph: Graph::default(),
        wanted: RequiredFacts::default(),
        declared: BTreeMap::new(),
        values: BTreeMap::new(),
        used: BTreeSet::new(),
        literals: HashSet::new(),
    };
    evaluator.header();
    evaluator.declare();
    evaluator.bindings_are_declared();
    evaluator.outputs();
    evaluator.rest();
    evaluator.what_is_steadied();
    Checked {
        graph: evaluator.graph,
        wanted: evaluator.wanted,
    }
}

pub(crate) struct Evaluator<'a> {
    recipe: &'a Recipe,
    bindings: &'a Bindings,
    pub(crate) facts: &'a Facts,
    pub(crate) diagnostics: &'a mut Diagnostics,
    pub(crate) graph: Graph,
    pub(crate) wanted: RequiredFacts,
    declared: BTreeMap<&'a str, Declared>,
    values: BTreeMap<&'a str, State>,
    used: BTreeSet<&'a str>,
    /// Where literals stand: there a unit can be written behind a number.
    literals: HashSet<Span>,
}

/// What a name stands for: its kind of statement, and which of them.
#[derive(Clone, Copy)]
struct Declared {
    span: Span,
    statement: Statement,
}

#[derive(Clone, Copy)]
enum Statement {
    Param(usize),
    Input(usize),
    Let(usize),
}

enum State {
    /// Being evaluated: meeting it again is a cycle.
    Busy,
    Done(Value),
}

impl<'a> Evaluator<'a> {
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports an error at one place and yields the value of a failed step.
    fn fail(&mut self, code: &'static Code, span: Span, message: impl Into<String>) -> Value {
        self.report(Diagnostic::new(code, span, message));
        Value::Unknown
    }

    fn header(&mut self) {
        if let Some(version) = &self.recipe.version
            && version.number != 1
        {
            let message = format!(
                "this vidc reads version 1 of the language, not {}",
                version.number
            );
            self.fail(&codes::UNSUPPORTED_VERSION, version.span, message);
        }
    }

    fn declare(&mut self) {
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
            if let Some(first) = self.declared.get(name.name.as_str()) {
                let diagnostic = Diagnostic::new(
                    &codes::DUPLICATE_NAME,
                    name.span,
                    format!("`{}` is declared twice", name.name),
                )
                .label("declared again here")
                .secondary(first.span, "first declared here")
                .help("params, inputs and lets share one set of names; give one of them another");
                self.report(diagnostic);
            } else {
                self.declared.insert(
                    &name.name,
                    Declared {
                        span: name.span,
                        statement,
                    },
                );
            }
        }
    }

    /// The value of a declared name; none if nothing declares it.
    pub(crate) fn lookup(&mut self, name: &str, span: Span) -> Option<Value> {
        let (&name, &declared) = self.declared.get_key_value(name)?;
        self.used.insert(name);
        match self.values.get(name) {
            Some(State::Done(value)) => return Some(value.clone()),
            Some(State::Busy) => {
                let diagnostic = Diagnostic::new(
                    &codes::CYCLE,
                    span,
                    format!("`{name}` needs its own value to be made"),
                )
                .label("needed here")
                .secondary(declared.span, "while making this")
                .help("break the circle: one of these must be made from something else");
                self.report(diagnostic);
                return Some(Value::Unknown);
            }
            None => {}
        }
        self.values.insert(name, State::Busy);
        let recipe = self.recipe;
        let value = match declared.statement {
            Statement::Param(index) => self.param(&recipe.params[index]),
            Statement::Input(index) => self.input(&recipe.inputs[index]),
            Statement::Let(index) => self.eval(&recipe.lets[index].value, None),
        };
        self.values.insert(name, State::Done(value.clone()));
        Some(value)
    }

    /// Every declared name, for did-you-mean.
    fn names(&self) -> Vec<&'a str> {
        self.declared.keys().copied().collect()
    }

    /// Checks what no output needed, and says that it is unused.
    fn rest(&mut self) {
        let used = self.used.clone();
        let mut unused = Vec::new();
        for name in self.names() {
            if used.contains(name) {
                continue;
            }
            let span = self.declared[name].span;
            if self.recipe.outputs.is_empty() || name.starts_with('_') {
                self.lookup(name, span);
                continue;
            }
            self.lookup(name, span);
            unused.push((name, span));
        }
        // What is wrong may be where it is used.
        if self.diagnostics.has_errors() {
            unused.clear();
        }
        for (name, span) in unused {
            let diagnostic = Diagnostic::new(&codes::UNUSED, span, format!("`{name}` is never used"))
                .help(format!("remove it, or call it `_{name}` to keep it unused"));
            self.report(diagnostic);
        }
        if self.recipe.outputs.is_empty() && !self.diagnostics.has_errors() {
            self.fail(
                &codes::NO_OUTPUT,
                Span::default(),
                "the recipe makes no file: it has no output",
            );
        }
    }

    fn bindings_are_declared(&mut self) {
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
                format!("`{name}` is bound, and the recipe has no {what} of that name"),
            );
            diagnostic = match vidc_dsl::nearest(name, known.iter().copied()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None if known.is_empty() => diagnostic.help(format!("the recipe declares no {what}s")),
                None => diagnostic.help(format!("it has: {}", known.join(", "))),
            };
            self.report(diagnostic);
        }
    }
}
