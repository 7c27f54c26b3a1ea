//! Values and files that a job supplies to a recipe.

use std::collections::BTreeMap;

/// Values that a job supplies for the recipe's parameters, and files for its inputs.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    /// Values by parameter name. A string is read according to the parameter's declared type: as literal text for
    /// `string` and `path`, as the source of an expression for any other type.
    pub params: BTreeMap<String, serde_json::Value>,
    /// Paths by input name.
    pub inputs: BTreeMap<String, String>,
}
