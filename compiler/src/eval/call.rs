//! Evaluates calls: finds the operation, checks its arguments and input, and runs its `build` function.

use vidc_dsl::ast::{self, Arg};
use vidc_dsl::{Diagnostic, Span};

use super::Evaluator;
use crate::call::{BuildContext, Call};
use crate::catalogue::{self, Input, Operation, ParamType};
use crate::codes;
use crate::facts::{Facts, SubtitleFile};
use crate::graph::{Clip, Graph};
use crate::value::{Args, Value, Variant};

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
    /// Evaluates a call; `input` is the value before `|` and its span, if the call is a stage of a pipeline.
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
            return self.report_unknown_callable(call, expected);
        };
        if let (Some(kind @ ParamType::Variant(variants)), None) = (expected, &input) {
            let message = format!("expected {}, found the operation `{name}`", kind.describe());
            let diagnostic = Diagnostic::new(&codes::WRONG_TYPE, call.name.span, message);
            self.report(match variants.iter().any(|variant| variant.name == "xfade") {
                true => diagnostic.help("to cross-fade clips, use `xfade(fade, duration: 1s)`"),
                false => diagnostic,
            });
            return Value::Unknown;
        }
        self.operation(operation, &call.args, call.span, call.name.span, input)
    }

    /// Evaluates a bare word that names an operation as a call without arguments.
    pub(super) fn call_without_arguments(&mut self, name: &str, span: Span) -> Value {
        match catalogue::operation(name) {
            Some(operation) => self.operation(operation, &[], span, span, None),
            None => Value::Unknown,
        }
    }

    /// Checks an operation's input and arguments, and builds its nodes.
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
            (Input::Nothing, Some((_, input_span))) => {
                let diagnostic = Diagnostic::new(
                    &codes::MISPLACED_OPERATION,
                    name_span,
                    format!("`{name}` creates a new clip, so it cannot follow `|`"),
                )
                .secondary(input_span, "this clip would be discarded")
                .help("put it at the start of its own pipeline");
                self.report(diagnostic);
                return Value::Unknown;
            }
            (Input::Clip, None) => {
                let diagnostic = Diagnostic::new(
                    &codes::MISPLACED_OPERATION,
                    name_span,
                    format!("`{name}` needs an input clip"),
                )
                .help(format!("put a clip before it: `clip | {name}(…)`"));
                self.report(diagnostic);
                return Value::Unknown;
            }
            (Input::Clip, Some((Value::Clip(clip), input_span))) => Some((clip, input_span)),
            (Input::Clip, Some((Value::Unknown, _))) => {
                if let Some(args) = self.arguments(name, operation.params, args, span, None) {
                    self.prefetch_subtitles(operation, &args);
                }
                return Value::Unknown;
            }
            (Input::Clip, Some((other, input_span))) => {
                let message = format!("`{name}` needs a clip as its input, not {}", other.describe());
                return self.fail(&codes::WRONG_TYPE, input_span, message);
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

    /// Opens the subtitle files of an operation whose input clip is not known yet, so that all files are probed, and
    /// their problems reported, in the same round.
    fn prefetch_subtitles(&mut self, operation: &Operation, args: &Args) {
        for param in operation.params {
            if let ParamType::Subtitles { charset } = param.ty
                && let (Some(path), Some(span)) = (args.text(param), args.span(param.name))
            {
                self.open_subtitles(&path, args.text(charset).as_deref(), span);
            }
        }
    }

    /// Reports a call of something that does not exist.
    fn report_unknown_callable(&mut self, call: &ast::Call, expected: Option<&'static ParamType>) -> Value {
        let name = call.name.name.as_str();
        let (what, known): (&str, Vec<&str>) = match expected {
            Some(ParamType::Variant(variants)) => ("choice", variants.iter().map(|v| v.name).collect()),
            _ => ("operation", catalogue::operations().map(|o| o.name).collect()),
        };
        let mut diagnostic = Diagnostic::new(
            &codes::UNKNOWN_OPERATION,
            call.name.span,
            match what {
                "operation" => format!("there is no operation `{name}`"),
                _ => format!("`{name}` is not one of the choices here"),
            },
        )
        .did_you_mean(call.name.span, name, known.iter().copied());
        if let Some(ours) = catalogue::alias_of(name).filter(|_| what == "operation") {
            diagnostic = diagnostic.help(format!("in vidc this is `{ours}`; see `vidc ops {ours}`"));
        } else if diagnostic.suggestions.is_empty() {
            diagnostic = match what {
                "choice" => diagnostic.help(format!("choose one of: {}", known.join(", "))),
                _ => diagnostic.help("`vidc ops` lists all operations"),
            };
        }
        self.report(diagnostic);
        Value::Unknown
    }
}
