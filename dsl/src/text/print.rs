//! Prints the text syntax in canonical layout, as `vidc fmt` does.

mod flat;
mod layout;

use crate::ast::{Comments, Expr, ExprKind, Input, Let, Output, Param, Recipe, Version};

use layout::Layout;

pub(super) use flat::{one_line, type_line};

/// Prints a recipe: `vidc 1`, then the statements in source order.
pub(super) fn recipe(recipe: &Recipe) -> String {
    let mut layout = Layout::default();
    let mut last: Option<Shape> = None;
    for statement in statements(recipe) {
        let shape = statement.shape();
        if let Some(last) = last {
            if last.kind == shape.kind && last.is_short && shape.is_short && !shape.is_introduced {
                layout.newline();
            } else {
                layout.blank_line();
            }
        }
        statement.write(&mut layout);
        last = Some(shape);
    }
    for (index, comment) in recipe.closing_comments.iter().enumerate() {
        match (index, last) {
            (0, None) => {}
            (0, Some(_)) => layout.blank_line(),
            _ => layout.newline(),
        }
        layout.comment(comment);
    }
    let mut text = layout.finish();
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

enum Statement<'a> {
    Version(&'a Version),
    Param(&'a Param),
    Input(&'a Input),
    Let(&'a Let),
    Output(&'a Output),
}

/// Determines the number of blank lines between two statements.
#[derive(Clone, Copy)]
struct Shape {
    kind: u8,
    /// Whether it takes one line.
    is_short: bool,
    /// Whether comments precede it.
    is_introduced: bool,
}

fn statements(recipe: &Recipe) -> Vec<Statement<'_>> {
    let mut rest: Vec<_> = recipe
        .params
        .iter()
        .map(|param| (param.span, Statement::Param(param)))
        .chain(
            recipe
                .inputs
                .iter()
                .map(|input| (input.span, Statement::Input(input))),
        )
        .chain(
            recipe
                .lets
                .iter()
                .map(|binding| (binding.span, Statement::Let(binding))),
        )
        .chain(
            recipe
                .outputs
                .iter()
                .map(|output| (output.span, Statement::Output(output))),
        )
        .collect();
    rest.sort_by_key(|(span, _)| *span);
    let version = recipe.version.iter().map(Statement::Version);
    version
        .chain(rest.into_iter().map(|(_, statement)| statement))
        .collect()
}

impl Statement<'_> {
    fn shape(&self) -> Shape {
        let mut alone = Layout::default();
        self.body(&mut alone);
        Shape {
            kind: match self {
                Statement::Version(_) => 0,
                Statement::Param(_) => 1,
                Statement::Input(_) => 2,
                Statement::Let(_) => 3,
                Statement::Output(_) => 4,
            },
            is_short: !alone.finish().contains('\n'),
            is_introduced: !self.comments().before.is_empty(),
        }
    }

    fn comments(&self) -> &Comments {
        match self {
            Statement::Version(version) => &version.comments,
            Statement::Param(param) => &param.comments,
            Statement::Input(input) => &input.comments,
            Statement::Let(binding) => &binding.comments,
            Statement::Output(output) => &output.comments,
        }
    }

    fn write(&self, layout: &mut Layout) {
        layout.before(self.comments());
        self.body(layout);
        layout.after(self.comments());
    }

    fn body(&self, layout: &mut Layout) {
        match self {
            Statement::Version(version) => layout.write(&format!("vidc {}", version.number)),
            Statement::Param(param) => {
                layout.write(&format!("param {}: ", param.name.name));
                layout.type_expr(&param.ty);
                if let Some(default) = &param.default {
                    layout.write(" = ");
                    layout.value(default);
                }
            }
            Statement::Input(input) => {
                layout.write(&format!("input {} = {}", input.name.name, path(&input.source)));
            }
            Statement::Let(binding) => {
                layout.write(&format!("let {} = ", binding.name.name));
                layout.value(&binding.value);
            }
            Statement::Output(output) => {
                layout.write("output");
                layout.bracketed("(", &output.args, ")");
            }
        }
    }
}

/// The path of an input is quoted even if it is just a name.
fn path(source: &Expr) -> String {
    match source.kind {
        ExprKind::Name(_) | ExprKind::Member { .. } => format!("\"{{{{ {} }}}}\"", one_line(source)),
        _ => one_line(source),
    }
}
