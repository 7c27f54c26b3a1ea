//! Typed access to the arguments of a call and the fields of a record.

use vidc_dsl::Span;

use super::from_value::{Fields, FromValue};
use super::spec::{ParamDefault, ParamSpec};
use super::typed::Param;
use crate::value::{Args, Value};

impl Args {
    /// Reads an argument.
    ///
    /// Arguments are checked and completed with defaults before anything reads them, so that a required parameter
    /// always has one.
    pub fn get<T: FromValue>(&self, param: &Param<T>) -> T {
        let read = match self.value(param.spec.name) {
            Some(value) => T::from_value(value),
            None => T::from_value(&param.spec.default_value()),
        };
        read.unwrap_or_else(|| unreachable!("`{}` was checked before it is read", param.spec.name))
    }

    /// Whether a parameter has an argument or a default.
    pub fn has(&self, param: &ParamSpec) -> bool {
        self.value(param.name).is_some()
    }

    /// The text of an argument, by the declaration of its parameter; none if it is absent or not text.
    pub fn text(&self, param: &ParamSpec) -> Option<String> {
        String::from_value(self.value(param.name)?)
    }

    /// The place of an argument. A default has that of its call.
    pub fn span_of<T>(&self, param: &Param<T>) -> Option<Span> {
        self.span(param.spec.name)
    }
}

impl ParamSpec {
    /// The value read for a parameter that a call omits.
    fn default_value(&self) -> Value {
        match self.default {
            ParamDefault::Value(constant) => self.ty.accept(constant.value(), None).unwrap_or(Value::Null),
            ParamDefault::Absent | ParamDefault::Required => Value::Null,
        }
    }
}

impl Fields<'_> {
    /// Reads a field.
    pub fn get<T: FromValue>(&self, field: &Param<T>) -> Option<T> {
        T::from_value(self.value(field.spec.name))
    }
}
