//! Attaches each comment to the node it belongs to, the same way for both syntaxes.

use crate::Span;
use crate::ast::{Arg, Call, Comments, Expr, ExprKind, Recipe};

/// A comment and its span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SpannedComment {
    /// The text without its marker; see [`SpannedComment::new`].
    pub(crate) text: String,
    /// The span of marker and text.
    pub(crate) span: Span,
}

impl SpannedComment {
    /// A comment from the text after its marker, without the first space and without trailing whitespace.
    pub(crate) fn new(after_marker: &str, span: Span) -> Self {
        let text = after_marker.strip_prefix(' ').unwrap_or(after_marker);
        SpannedComment {
            text: text.trim_end().to_string(),
            span,
        }
    }
}

/// Attaches comments, in the order of the text, to the statements, pipeline stages, arguments, record fields and
/// list elements of a recipe whose spans (without surrounding whitespace) and `comments` belong to the same file.
///
/// * A comment that follows a node on the same line goes `after` that node: the one that ends last, and among those
///   that end together, the outermost.
/// * Any other comment goes `before` the next node that starts in the same statement, or outside of statements
///   before the next statement; after the last statement it is a closing comment.
/// * If the statement has no further node, the comment goes `after` the last one before it, or if that already
///   has one, `before` the statement.
pub(crate) fn attach(recipe: &mut Recipe, comments: Vec<SpannedComment>, text: &str) {
    if comments.is_empty() {
        return;
    }
    let mut nodes = Nodes::collect(recipe);
    let mut closing = Vec::new();
    for comment in comments {
        match nodes.owner(comment.span, text) {
            Some(Owner::Before(node)) => nodes.comments[node].before.push(comment.text),
            Some(Owner::After(node)) => nodes.comments[node].after = Some(comment.text),
            None => closing.push(comment.text),
        }
    }
    let mut attached = nodes.comments.into_iter();
    visit(recipe, &mut |_, _, comments| {
        *comments = attached.next().unwrap_or_default();
    });
    recipe.closing_comments.extend(closing);
}

enum Owner {
    Before(usize),
    After(usize),
}

/// Every node that can have comments, by index in the order of [`visit`]: outer nodes before inner ones.
struct Nodes {
    spans: Vec<Span>,
    comments: Vec<Comments>,
    by_start: Vec<usize>,
    by_end: Vec<usize>,
    statements: Vec<usize>,
}

impl Nodes {
    fn collect(recipe: &mut Recipe) -> Self {
        let (mut spans, mut comments, mut statements) = (Vec::new(), Vec::new(), Vec::new());
        visit(recipe, &mut |is_statement, span, existing| {
            if is_statement {
                statements.push(spans.len());
            }
            spans.push(span);
            comments.push(std::mem::take(existing));
        });
        let mut by_start: Vec<usize> = (0..spans.len()).collect();
        let mut by_end = by_start.clone();
        by_start.sort_by_key(|&node| (spans[node].start, node));
        by_end.sort_by_key(|&node| (spans[node].end, std::cmp::Reverse(node)));
        statements.sort_by_key(|&node| spans[node].start);
        Nodes {
            spans,
            comments,
            by_start,
            by_end,
            statements,
        }
    }

    fn owner(&self, comment: Span, text: &str) -> Option<Owner> {
        let last_ended = self.last_ended(comment);
        if let Some(node) = last_ended {
            let between = self.spans[node].end as usize..comment.start as usize;
            let same_line = !text.get(between).unwrap_or("").contains('\n');
            if same_line && self.comments[node].after.is_none() {
                return Some(Owner::After(node));
            }
        }
        let statement = self.statement_around(comment);
        let next = self.next_started(comment).filter(|&node| match statement {
            Some(statement) => self.spans[node].start < self.spans[statement].end,
            None => true,
        });
        if let Some(node) = next {
            return Some(Owner::Before(node));
        }
        let statement = statement?;
        match last_ended {
            Some(node)
                if self.spans[node].start >= self.spans[statement].start
                    && self.comments[node].after.is_none() =>
            {
                Some(Owner::After(node))
            }
            _ => Some(Owner::Before(statement)),
        }
    }

    fn last_ended(&self, comment: Span) -> Option<usize> {
        let count = self
            .by_end
            .partition_point(|&node| self.spans[node].end <= comment.start);
        Some(self.by_end[count.checked_sub(1)?])
    }

    fn next_started(&self, comment: Span) -> Option<usize> {
        let index = self
            .by_start
            .partition_point(|&node| self.spans[node].start < comment.end);
        self.by_start.get(index).copied()
    }

    fn statement_around(&self, comment: Span) -> Option<usize> {
        let count = self
            .statements
            .partition_point(|&node| self.spans[node].start <= comment.start);
        let node = self.statements[count.checked_sub(1)?];
        (comment.end <= self.spans[node].end).then_some(node)
    }
}

type Visitor<'a> = dyn FnMut(bool, Span, &mut Comments) + 'a;

/// Calls `visit` with every node that can have comments: whether it is a statement, its span, its comments.
fn visit(recipe: &mut Recipe, visit: &mut Visitor<'_>) {
    if let Some(version) = &mut recipe.version {
        visit(true, version.span, &mut version.comments);
    }
    for param in &mut recipe.params {
        visit(true, param.span, &mut param.comments);
        if let Some(default) = &mut param.default {
            visit_expr(default, visit);
        }
    }
    for input in &mut recipe.inputs {
        visit(true, input.span, &mut input.comments);
    }
    for binding in &mut recipe.lets {
        visit(true, binding.span, &mut binding.comments);
        visit_expr(&mut binding.value, visit);
    }
    for output in &mut recipe.outputs {
        visit(true, output.span, &mut output.comments);
        visit_args(&mut output.args, visit);
    }
}

fn visit_expr(expr: &mut Expr, visit: &mut Visitor<'_>) {
    match &mut expr.kind {
        ExprKind::Literal(_) | ExprKind::Text(_) | ExprKind::Name(_) | ExprKind::Error => {}
        ExprKind::Member { object: inner, .. } | ExprKind::Unary { operand: inner, .. } => {
            visit_expr(inner, visit)
        }
        ExprKind::Call(Call { args, .. }) | ExprKind::Record(args) => visit_args(args, visit),
        ExprKind::Pipeline { source, stages } => {
            visit_expr(source, visit);
            for stage in stages {
                visit(false, stage.span, &mut stage.comments);
                visit_args(&mut stage.args, visit);
            }
        }
        ExprKind::List(items) => {
            for item in items {
                visit(false, item.span, &mut item.comments);
                visit_expr(item, visit);
            }
        }
        ExprKind::Range { start, end } => {
            for edge in [start, end].into_iter().flatten() {
                visit_expr(edge, visit);
            }
        }
        ExprKind::Binary { left, right, .. } => {
            visit_expr(left, visit);
            visit_expr(right, visit);
        }
    }
}

fn visit_args(args: &mut [Arg], visit: &mut Visitor<'_>) {
    for arg in args {
        visit(false, arg.span, &mut arg.comments);
        visit_expr(&mut arg.value, visit);
    }
}
