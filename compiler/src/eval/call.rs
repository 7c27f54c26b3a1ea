//! Calls: their arguments against the catalogue, and what an operation sees of its own call.

use vidc_dsl::ast::{self, Arg};
use vidc_dsl::{Diagnostic, Span};

use super::Evaluator;
use crate::call::{BuildContext, Call};
use crate::catalogue::{self, Args, Input, Operation, ParamType};
use crate::codes;
use crate::facts::{Facts, SubtitleFile};
use crate::graph::{Clip, Graph};
use crate::value::{Value, Variant};

impl BuildContext for Evaluator<'_> {
    fn graph(&mut self) -> &mut Graph {
        &mut self.graph
    }
    fn facts(&self) -> &Facts {
        self.facts
    }
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
    fn media(&mut self, path: &str, span: Span) -> Option<Clip> {
        self.open_media(path, span)
    }
    fn subtitle_file(&mut self, path: &str, charset: Option<&str>, span: Span) -> Option<SubtitleFile> {
        self.open_subtitles(path, charset, span)
    }
}

impl Evaluator<'_> {
    /// A call, standing alone or as a stage behind `input`.
    pub(super) fn call(
        &mut self,
        call: &ast::Call,
        input: Option<(Value, Span)>,
        expected: Option<&'static ParamType>,
    ) -> Value {
        let name = call.name.name.as_str();
        if let Some(ParamType::Variant(variants)) = expected
            && let Some(variant) = variants.iter().find(|variant| variant.name == name)
        {
            let args = self.arguments(name, variant.params, &call.args, call.span, None);
            return match args {
                Some(args) => Value::Variant(Variant {
                    name: variant.name,
                    args,
                    span: call.span,
                }),
                None => Value::Unknown,
            };
        }
        let Some(operation) = catalogue::operation(name) else {
            return self.unknown_callable(call, expected);
        };
        if let (Some(kind @ ParamType::Variant(variants)), None) = (expected, &input) {
            let message = format!("expected {}, found the operation `{name}`", kind.describe());
            let diagnostic = Diagnostic::new(&codes::WRONG_TYPE, call.name.span, message);
            self.report(match variants.iter().any(|variant| variant.name == "xfade") {
                true => diagnostic.help("clips go over into each other by `xfade(fade, duration: 1s)`"),
                false => diagnostic,
            });
            return Value::Unknown;
        }
        self.operation(operation, &call.args, call.span, call.name.span, input)
    }

    /// A bare word that names an operation, where a value is expected.
    pub(super) fn call_without_arguments(&mut self, name: &str, span: Span) -> Value {
        match catalogue::operation(name) {
            Some(operation) => self.operation(operation, &[], span, span, None),
            None => Value::Unknown,
        }
    }

    fn operation(
        &mut self,
        operation: &'static Operation,
        args: &[Arg],
        span: Span,
        name_span: Span,
        input: Option<(Value, Span)>,
    ) -> Value {
        let name = operation.name;
        let input = match (operation.input, input) {
            (Input::Nothing, None) => None,
            (Input::Nothing, Some((_, before))) => {
                let diagnostic = Diagnostic::new(
                    &codes::MISPLACED_OPERATION,
                    name_span,
                    format!("`{name}` makes a clip from nothing, so nothing can flow into it"),
                )
                .secondary(before, "this would be lost")
                .help("put it at the start of a pipeline of its own");
                self.report(diagnostic);
                return Value::Unknown;
            }
            (Input::Clip, None) => {
                let diagnostic = Diagnostic::new(
                    &codes::MISPLACED_OPERATION,
                    name_span,
                    format!("`{name}` changes a clip, and none flows into it"),
                )
                .help(format!("write it behind one: `clip | {name}(…)`"));
                self.report(diagnostic);
                return Value::Unknown;
            }
            (Input::Clip, Some((Value::Clip(clip), before))) => Some((clip, before)),
            (Input::Clip, Some((Value::Unknown, _))) => {
                if let Some(args) = self.arguments(name, operation.params, args, span, None) {
                    self.open_ahead(operation, &args);
                }
                return Value::Unknown;
            }
            (Input::Clip, Some((other, before))) => {
                let message = format!("`{name}` changes a clip, and this is {}", other.describe());
                return self.fail(&codes::WRONG_TYPE, before, message);
            }
        };
        let frame_rate = input
            .as_ref()
            .and_then(|(clip, _)| self.graph.video(clip.video?))
            .map(|v| v.frame_rate);
        let Some(args) = self.arguments(name, operation.params, args, span, frame_rate) else {
            return Value::Unknown;
        };
        let mut call = Call::new(self, args, span, input);
        (operation.build)(&mut call).unwrap_or(Value::Unknown)
    }

    /// Opens the subtitles of an operation on a clip of which nothing is known yet, so that nobody waits for one file, or
    /// for its mistakes, because of another.
    fn open_ahead(&mut self, operation: &Operation, args: &Args) {
        for param in operation.params {
            if let ParamType::Subtitles { charset } = param.kind
                && let (Some(path), Some(span)) = (args.text(param.name), args.span(param.name))
            {
                self.open_subtitles(path, args.text(charset), span);
            }
        }
    }

    fn unknown_callable(&mut self, call: &ast::Call, expected: Option<&'static ParamType>) -> Value {
        let name = call.name.name.as_str();
        let (what, known): (&str, Vec<&str>) = match expected {
            Some(ParamType::Variant(variants)) => ("choice", variants.iter().map(|v| v.name).collect()),
            _ => ("operation", catalogue::operations().map(|o| o.name).collect()),
        };
        let mut diagnostic = Diagnostic::new(
            &codes::UNKNOWN_OPERATION,
            call.name.span,
            format!("there is no {what} `{name}` here"),
        )
        .did_you_mean(call.name.span, name, known.iter().copied());
        if let Some(ours) = catalogue::alias_of(name).filter(|_| what == "operation") {
            diagnostic = diagnostic.help(format!("here it is `{ours}`; `vidc ops {ours}` tells about it"));
        } else if diagnostic.suggestions.is_empty() {
            diagnostic = match what {
                "choice" => diagnostic.help(format!("one of: {}", known.join(", "))),
                _ => diagnostic.help("`vidc ops` lists every operation"),
            };
        }
        self.report(diagnostic);
        Value::Unknown
    }
}
