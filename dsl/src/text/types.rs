//! Builds declared types from pest's pairs.

use pest::iterators::Pair;

use crate::ast::{TypeExpr, TypeField, TypeKind};
use crate::limits::MAX_DEPTH;
use crate::{Diagnostic, codes};

use super::build::Builder;
use super::grammar::Rule;

impl Builder<'_> {
    /// Builds a type. `depth` counts the lists and records it is nested in.
    pub(super) fn type_expr(&mut self, pair: Pair<'_, Rule>, depth: usize) -> Option<TypeExpr> {
        let mut opens = Vec::new();
        let mut ty: Option<TypeExpr> = None;
        for part in pair.into_inner() {
            let span = self.span(&part);
            match (part.as_rule(), &mut ty) {
                (Rule::list_open, _) => opens.push(span),
                (Rule::word, _) => ty = Some(required(TypeKind::Named(part.as_str().to_string()), span)),
                (Rule::record_type, _) => {
                    let depth = depth + opens.len() + 1;
                    if depth > MAX_DEPTH {
                        return self.too_deep(span);
                    }
                    let fields = part
                        .into_inner()
                        .filter(|field| field.as_rule() == Rule::type_field);
                    let fields = fields
                        .map(|field| self.type_field(field, depth))
                        .collect::<Option<_>>()?;
                    ty = Some(required(TypeKind::Record(fields), span));
                }
                (Rule::optional, Some(ty)) => {
                    ty.optional = true;
                    ty.span = ty.span.to(span);
                }
                (Rule::list_close, _) => {
                    let Some(open) = opens.pop() else {
                        self.report
                            .push(Diagnostic::new(&codes::UNCLOSED, span, "`>` closes nothing"));
                        return None;
                    };
                    ty = ty.map(|item| required(TypeKind::List(Box::new(item)), open.to(span)));
                }
                _ => {}
            }
            if depth + opens.len() > MAX_DEPTH {
                return self.too_deep(span);
            }
        }
        if let Some(open) = opens.pop() {
            self.report
                .push(Diagnostic::new(&codes::UNCLOSED, open, "`list<` is never closed"));
            return None;
        }
        ty
    }

    fn type_field(&mut self, pair: Pair<'_, Rule>, depth: usize) -> Option<TypeField> {
        let (mut name, mut ty, mut default) = (None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::word => name = Some(self.ident(&part)),
                Rule::type_ => ty = Some(self.type_expr(part, depth)?),
                Rule::expr => default = Some(self.expr(part, depth)),
                _ => {}
            }
        }
        Some(TypeField {
            name: name?,
            ty: ty?,
            default,
        })
    }

    fn too_deep(&mut self, span: crate::Span) -> Option<TypeExpr> {
        let message = format!("this type is nested deeper than {MAX_DEPTH} levels");
        self.report
            .push(Diagnostic::new(&codes::TOO_LARGE, span, message));
        None
    }
}

fn required(kind: TypeKind, span: crate::Span) -> TypeExpr {
    TypeExpr {
        kind,
        optional: false,
        span,
    }
}
