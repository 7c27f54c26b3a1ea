//! The signatures of the catalogue, which the front ends parse calls with.

use vidc_dsl::{Shape, Signature, Signatures};

use super::output::OUTPUT;
use super::{operations, variants};
use crate::param::{ParamSpec, ParamType, primary};

/// Returns the signatures of everything that can be called.
pub fn signatures() -> Signatures {
    let mut signatures = Signatures::default();
    signatures.insert("output", signature(OUTPUT));
    for operation in operations() {
        signatures.insert(operation.name, signature(operation.params));
    }
    for variant in variants() {
        signatures.insert(variant.name, signature(variant.params));
    }
    signatures
}

fn signature(params: &'static [ParamSpec]) -> Signature {
    let shapes = params
        .iter()
        .map(|param| (param.name.to_owned(), shape(&param.ty)));
    Signature {
        params: shapes.collect(),
        named_only: primary(params).is_none(),
    }
}

fn shape(ty: &ParamType) -> Shape {
    match ty {
        ParamType::Text | ParamType::Path | ParamType::Subtitles { .. } => Shape::Text,
        ParamType::List(item) => Shape::List(Box::new(shape(item))),
        ParamType::Record(fields) => Shape::Record(
            fields
                .iter()
                .map(|field| (field.name.to_owned(), shape(&field.ty)))
                .collect(),
        ),
        _ => Shape::Expression,
    }
}
