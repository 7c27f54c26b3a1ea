//! Prints a recipe as YAML in canonical layout.
//!
//! Every tree the text syntax can write has a YAML form:
//! * an expression that is neither text nor a path, where text is expected, is a sequence of one item (which is a
//!   pipeline without stages): `content: [count + 1]`;
//! * a list where no list is expected, a record of one field where no record is expected, a call where a record is
//!   expected, and a call of something unknown with both a positional and a named argument, are expressions in a
//!   scalar; comments inside such an expression move before the member that holds it;
//! * a collection stands in brackets over several lines where a comment would otherwise seem to belong to what
//!   holds the collection, because both begin or end at the same place.

mod layout;
mod scalar;
mod shape;
mod stray;
mod tree;

#[cfg(test)]
pub(crate) use stray::comments_within;
use tree::{Item, Out};

use crate::Signatures;
use crate::ast::{Output, Param, Recipe};
use crate::signature::Shape;
use crate::text;

/// Prints a recipe in the YAML syntax.
pub fn print(recipe: &Recipe, signatures: &Signatures) -> String {
    let mut shaper = shape::Shaper::new(signatures);
    let sections = sections(recipe, &mut shaper);
    layout::document(&sections, &recipe.closing_comments)
}

fn sections(recipe: &Recipe, shaper: &mut shape::Shaper<'_>) -> Vec<Item> {
    let mut sections = Vec::new();
    if let Some(version) = &recipe.version {
        let number = Out::Scalar(version.number.to_string());
        sections.push(Item::keyed("vidc", number).with(&version.comments));
    }
    let params: Vec<Item> = recipe.params.iter().map(|p| param(p, shaper)).collect();
    let inputs = recipe.inputs.iter().map(|input| {
        let mut item = shaper.member(&input.name.name, &input.source, &Shape::Text);
        item.add(&input.comments);
        item
    });
    let inputs: Vec<Item> = inputs.collect();
    let lets = recipe.lets.iter().map(|binding| {
        let mut item = shaper.member(&binding.name.name, &binding.value, &Shape::Expression);
        item.add(&binding.comments);
        item
    });
    let lets: Vec<Item> = lets.collect();
    let outputs: Vec<Item> = recipe.outputs.iter().map(|o| output(o, shaper)).collect();
    for (name, members) in [("params", params), ("inputs", inputs), ("let", lets)] {
        if !members.is_empty() {
            sections.push(Item::keyed(name, Out::Map(members)).block());
        }
    }
    if !outputs.is_empty() {
        sections.push(Item::keyed("outputs", Out::Seq(outputs)).block());
    }
    sections
}

fn param(param: &Param, shaper: &mut shape::Shaper<'_>) -> Item {
    let name = &param.name.name;
    let ty = Out::Scalar(scalar::source(&text::print_type(&param.ty)));
    let mut item = match &param.default {
        None => Item::keyed(name, ty),
        Some(default) => {
            // The key `default` is no node of the recipe: what strays out of its value belongs to the parameter.
            let mut default = shaper.member("default", default, &Shape::for_type(&param.ty));
            let strays = std::mem::take(&mut default.comments);
            Item::keyed(name, Out::Map(vec![Item::keyed("type", ty), default])).with(&strays)
        }
    };
    item.add(&param.comments);
    item
}

fn output(output: &Output, shaper: &mut shape::Shaper<'_>) -> Item {
    let mut item = shaper.output(&output.args);
    item.add(&output.comments);
    item
}

/// Whether some comment of the recipe has no place of its own in YAML.
#[cfg(test)]
pub(crate) fn strays(recipe: &Recipe, signatures: &Signatures) -> bool {
    let mut shaper = shape::Shaper::new(signatures);
    sections(recipe, &mut shaper);
    shaper.strayed
}

/// A literal string as printed in a document.
#[cfg(test)]
pub(super) fn text_scalar(value: &str) -> String {
    scalar::text(value)
}
