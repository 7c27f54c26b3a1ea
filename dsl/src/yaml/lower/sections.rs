//! Lowers the sections of the document and their members.

use super::super::node::{Entry, Kind, Node};
use super::Lower;
use crate::ast::{Comments, ExprKind, Input, Let, Output, Param, Recipe, TypeExpr, Version};
use crate::diagnostic::Diagnostic;
use crate::signature::Shape;
use crate::{Diagnostics, codes, text};

const SECTIONS: [&str; 5] = ["vidc", "params", "inputs", "let", "outputs"];
const PARAM_KEYS: [&str; 2] = ["type", "default"];

impl Lower<'_> {
    pub(super) fn recipe(&mut self, root: &Node) -> Recipe {
        let mut recipe = Recipe::default();
        let mut poisoned = Vec::new();
        for entry in self.entries(
            root,
            "the sections of a recipe",
            "start with `outputs:`, a list of output files",
        ) {
            let value = &entry.value;
            match entry.key.name.as_str() {
                "vidc" => recipe.version = self.version(entry),
                "params" => {
                    let params = self.entries(value, "a map", "write `name: type`");
                    for entry in params {
                        match self.param(entry) {
                            Some(param) => recipe.params.push(param),
                            None => poisoned.extend(self.poisoned(entry)),
                        }
                    }
                }
                "inputs" => {
                    let inputs = self.entries(value, "a map", "write `name: path`");
                    recipe.inputs = inputs.iter().filter_map(|input| self.input(input)).collect();
                }
                "let" => {
                    let lets = self.entries(value, "a map", "write `name: value`");
                    recipe.lets = lets.iter().filter_map(|binding| self.binding(binding)).collect();
                }
                "outputs" => recipe.outputs = self.outputs(value),
                _ => self.unknown_key(entry, "section", &SECTIONS),
            }
        }
        recipe.lets.extend(poisoned);
        recipe
    }

    /// Keeps the name of a member that does not parse, so that its uses are not reported as unknown.
    fn poisoned(&mut self, entry: &Entry) -> Option<Let> {
        text::is_name(&entry.key.name).then(|| Let {
            name: entry.key.clone(),
            value: super::bare(ExprKind::Error, entry.value.span),
            span: entry.span(),
            comments: Comments::default(),
        })
    }

    /// The members of a map; none if the value is empty. Reports anything else.
    fn entries<'n>(&mut self, node: &'n Node, expected: &str, help: &str) -> &'n [Entry] {
        match &*node.kind {
            Kind::Map(entries) => entries,
            Kind::Empty => &[],
            _ => {
                self.wrong_form(node, expected, help);
                &[]
            }
        }
    }

    fn unknown_key(&mut self, entry: &Entry, what: &str, known: &[&str]) {
        let key = &entry.key;
        let list = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
        self.report(
            Diagnostic::new(
                &codes::UNKNOWN_KEY,
                key.span,
                format!("unknown {what} `{}`", key.name),
            )
            .help(format!("known ones are {}", list.join(", ")))
            .did_you_mean(key.span, &key.name, known.iter().copied()),
        );
    }

    fn version(&mut self, entry: &Entry) -> Option<Version> {
        let number = match &*entry.value.kind {
            Kind::Scalar(scalar) => scalar.text.value.parse().ok(),
            Kind::Poison => return None,
            _ => None,
        };
        if number.is_none() {
            let message = "the language version must be a whole number";
            self.report(Diagnostic::new(&codes::SYNTAX, entry.value.span, message).help("write `vidc: 1`"));
        }
        Some(Version {
            number: number?,
            span: entry.span(),
            comments: Comments::default(),
        })
    }

    fn param(&mut self, entry: &Entry) -> Option<Param> {
        let mut default = None;
        let ty = match &*entry.value.kind {
            Kind::Map(fields) => {
                let mut ty = None;
                for field in fields {
                    match field.key.name.as_str() {
                        "type" => ty = Some(&field.value),
                        "default" => default = Some(&field.value),
                        _ => self.unknown_key(field, "key of a parameter", &PARAM_KEYS),
                    }
                }
                if ty.is_none() {
                    let message = format!("parameter `{}` has no type", entry.key.name);
                    self.report(
                        Diagnostic::new(&codes::YAML_FORM, entry.key.span, message)
                            .help("write `{ type: string, default: Weekly }`, or the type alone"),
                    );
                }
                self.declared_type(ty?)?
            }
            _ => self.declared_type(&entry.value)?,
        };
        if !self.name(&entry.key) {
            return None;
        }
        let shape = Shape::for_type(&ty);
        Some(Param {
            name: entry.key.clone(),
            default: default.map(|value| self.expr(value, &shape)),
            ty,
            span: entry.span(),
            comments: Comments::default(),
        })
    }

    fn declared_type(&mut self, node: &Node) -> Option<TypeExpr> {
        match &*node.kind {
            Kind::Scalar(scalar) => {
                let mut reports = Diagnostics::new();
                let ty = text::parse_type(&scalar.text, node.span, &mut reports);
                self.report_all(reports);
                ty
            }
            Kind::Empty => {
                self.empty(node.span);
                None
            }
            _ => {
                self.wrong_form(
                    node,
                    "a type",
                    "quote a type that has brackets: \"list<{file: path}>\"",
                );
                None
            }
        }
    }

    fn input(&mut self, entry: &Entry) -> Option<Input> {
        self.name(&entry.key).then(|| Input {
            name: entry.key.clone(),
            source: self.path(&entry.value),
            span: entry.span(),
            comments: Comments::default(),
        })
    }

    fn path(&mut self, node: &Node) -> crate::ast::Expr {
        let source = self.expr(node, &Shape::Text);
        if !matches!(&*node.kind, Kind::Scalar(_)) && !matches!(source.kind, ExprKind::Error) {
            self.report(
                Diagnostic::new(
                    &codes::NOT_A_PATH,
                    node.span,
                    "the path of an input must be a string",
                )
                .help("to compute a path, use `input: path` in `let`"),
            );
            return super::bare(ExprKind::Error, node.span);
        }
        source
    }

    fn binding(&mut self, entry: &Entry) -> Option<Let> {
        self.name(&entry.key).then(|| Let {
            name: entry.key.clone(),
            value: self.expr(&entry.value, &Shape::Expression),
            span: entry.span(),
            comments: Comments::default(),
        })
    }

    fn outputs(&mut self, node: &Node) -> Vec<Output> {
        let items = match &*node.kind {
            Kind::Seq(items) => items.as_slice(),
            Kind::Empty => &[],
            _ => {
                self.wrong_form(
                    node,
                    "a list of output files",
                    "start each one with `- to: name.mp4`",
                );
                &[]
            }
        };
        let output = |item: &Node| {
            if matches!(&*item.kind, Kind::Poison) {
                return None;
            }
            Some(Output {
                args: self.arguments("output", item),
                span: item.span,
                comments: Comments::default(),
            })
        };
        items.iter().filter_map(output).collect()
    }
}
