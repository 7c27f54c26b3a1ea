//! Signatures of the callables in a recipe: parameter names in order, and which of them take strings. The compiler
//! fills this in from its catalogue; this crate names no operation.

use std::collections::BTreeMap;

use crate::ast::{TypeExpr, TypeKind};

/// The way a value is written in YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A literal string with `{{ }}` templates.
    Text,
    /// Expression source.
    Expression,
    /// A sequence of values of one shape, not a pipeline.
    List(Box<Shape>),
    /// A map with these fields, not a call.
    Record(Vec<(String, Shape)>),
}

impl Shape {
    /// The shape of a declared type.
    pub fn for_type(ty: &TypeExpr) -> Shape {
        match &ty.kind {
            TypeKind::Named(name) if name == "string" || name == "path" => Shape::Text,
            TypeKind::Named(_) => Shape::Expression,
            TypeKind::List(item) => Shape::List(Box::new(Shape::for_type(item))),
            TypeKind::Record(fields) => Shape::Record(
                fields
                    .iter()
                    .map(|f| (f.name.name.clone(), Shape::for_type(&f.ty)))
                    .collect(),
            ),
        }
    }
}

/// A callable's parameters in order; the first is the primary one, unless `named_only`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Names and shapes, in the order they are printed.
    pub params: Vec<(String, Shape)>,
    /// Whether every parameter is written by name, as in `h264(crf: 20)`.
    pub named_only: bool,
}

impl Signature {
    /// The parameter that can be positional.
    pub fn primary(&self) -> Option<&(String, Shape)> {
        if self.named_only {
            None
        } else {
            self.params.first()
        }
    }

    /// The shape of a parameter.
    pub fn shape(&self, param: &str) -> Option<&Shape> {
        self.params
            .iter()
            .find(|(name, _)| name == param)
            .map(|(_, shape)| shape)
    }
}

/// Every callable by name, `output` among them.
#[derive(Clone, Debug, Default)]
pub struct Signatures {
    by_name: BTreeMap<String, Signature>,
}

impl Signatures {
    /// Adds or replaces a callable.
    pub fn insert(&mut self, name: impl Into<String>, signature: Signature) {
        self.by_name.insert(name.into(), signature);
    }

    /// The signature of a callable, if it is known.
    pub fn get(&self, name: &str) -> Option<&Signature> {
        self.by_name.get(name)
    }
}
