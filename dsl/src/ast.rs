//! The abstract syntax tree (AST) of a recipe, the same for both syntaxes: a span on every node, comments attached.
//!
//! The tree is canonical where the two syntaxes could differ in form but not in meaning:
//! * statements are grouped by section (their order across sections has no meaning);
//! * the primary argument of a call is first and unnamed, whether it was written by position or by name;
//! * a string that consists of one `{{ name }}` or `{{ name.field }}` only is that name or field;
//! * a minus before a number is part of the number.

use num_rational::Ratio;

use crate::source::Span;

/// An exact number.
pub type Rational = Ratio<i64>;

/// A name and its span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ident {
    /// The name.
    pub name: String,
    /// Its span.
    pub span: Span,
}

/// The comments that belong to a node, without their `//` or `#`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comments {
    /// Whole-line comments before the node.
    pub before: Vec<String>,
    /// A comment that follows the node on its last line.
    pub after: Option<String>,
}

impl Comments {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_none()
    }
}

/// A whole recipe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipe {
    /// `vidc 1`
    pub version: Option<Version>,
    /// `param name: type = default`
    pub params: Vec<Param>,
    /// `input name = "path"`
    pub inputs: Vec<Input>,
    /// `let name = expr`
    pub lets: Vec<Let>,
    /// `output(...)`
    pub outputs: Vec<Output>,
    /// Comments after the last statement.
    pub closing_comments: Vec<String>,
}

/// The language version a recipe is written for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The number; this language is 1.
    pub number: u32,
    /// The whole statement.
    pub span: Span,
    /// Its comments.
    pub comments: Comments,
}

/// A typed value that the caller may bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: Ident,
    /// Its declared type.
    pub ty: TypeExpr,
    /// The value used if the caller binds none.
    pub default: Option<Expr>,
    /// The whole statement.
    pub span: Span,
    /// Its comments.
    pub comments: Comments,
}

/// A named media file, which a job may rebind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its name.
    pub name: Ident,
    /// The path, a string expression.
    pub source: Expr,
    /// The whole statement.
    pub span: Span,
    /// Its comments.
    pub comments: Comments,
}

/// A named value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Let {
    /// Its name.
    pub name: Ident,
    /// Its value.
    pub value: Expr,
    /// The whole statement.
    pub span: Span,
    /// Its comments.
    pub comments: Comments,
}

/// An output file. Its arguments are those of a call named `output`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The arguments; the primary one is the file name.
    pub args: Vec<Arg>,
    /// The whole statement.
    pub span: Span,
    /// Its comments.
    pub comments: Comments,
}

/// A declared type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeExpr {
    /// The form.
    pub kind: TypeKind,
    /// Whether `null` is allowed: a trailing `?`.
    pub optional: bool,
    /// Its span.
    pub span: Span,
}

/// The forms of a declared type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeKind {
    /// `string`, `time`, … ; the compiler checks that the name is a type.
    Named(String),
    /// `list<T>`
    List(Box<TypeExpr>),
    /// `{name: type = default, …}`
    Record(Vec<TypeField>),
}

/// One field of a record type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeField {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: TypeExpr,
    /// The value used if a record omits the field.
    pub default: Option<Expr>,
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// The form.
    pub kind: ExprKind,
    /// Its span.
    pub span: Span,
    /// Its comments; only list elements have any, other comments belong to statements, stages and arguments.
    pub comments: Comments,
}

/// The forms of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExprKind {
    /// A number, quantity, size, color, boolean or null.
    Literal(Literal),
    /// A string, possibly with `{{ }}` templates.
    Text(Text),
    /// A bare word: a name in scope, otherwise a member of the expected enumeration.
    Name(String),
    /// `object.field`
    Member {
        /// The object that has the field.
        object: Box<Expr>,
        /// The field.
        field: Ident,
    },
    /// `name(args)`
    Call(Call),
    /// `source | stage | stage`
    Pipeline {
        /// The first value.
        source: Box<Expr>,
        /// The operations in order; each takes the result of the one before as its input.
        stages: Vec<Call>,
    },
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{a: 1, b: 2}`; every argument is named.
    Record(Vec<Arg>),
    /// `a..b`, `a..`, `..b`
    Range {
        /// Start; `None` is the beginning.
        start: Option<Box<Expr>>,
        /// End; `None` is the end.
        end: Option<Box<Expr>>,
    },
    /// `-a`, `not a`
    Unary {
        /// The operator.
        op: UnaryOp,
        /// The operand.
        operand: Box<Expr>,
    },
    /// `a + b`
    Binary {
        /// The operator.
        op: BinaryOp,
        /// The left operand.
        left: Box<Expr>,
        /// The right operand.
        right: Box<Expr>,
    },
    /// An expression that could not be parsed; a diagnostic has been reported.
    Error,
}

/// A call of an operation, codec, transition or other named function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The callee.
    pub name: Ident,
    /// The arguments; only the first may be unnamed, and it is the primary one.
    pub args: Vec<Arg>,
    /// The whole call.
    pub span: Span,
    /// Its comments, if it is a stage of a pipeline.
    pub comments: Comments,
}

/// One argument of a call, or one field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arg {
    /// Its name; none for the primary argument.
    pub name: Option<Ident>,
    /// Its value.
    pub value: Expr,
    /// Name and value.
    pub span: Span,
    /// Its comments.
    pub comments: Comments,
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `not`
    Not,
}

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the names are the arithmetic and comparison operators'"
)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    And,
    Or,
}

impl BinaryOp {
    /// The operator as written in both syntaxes.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
            BinaryOp::And => "and",
            BinaryOp::Or => "or",
        }
    }
}

/// A literal other than a string: its value, and its spelling for printing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// As written, such as `1:23.5`.
    pub raw: String,
    /// Its value.
    pub value: LiteralValue,
}

/// The value of a literal, before units such as frames are resolved against a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiteralValue {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `3`, `0.85`
    Number(Rational),
    /// `500ms`, `-6dB`, `128k`; a clock time such as `1:23.5` is a quantity in seconds.
    Quantity(Rational, Unit),
    /// `1280x720`
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// `#rgb`, `#rrggbb`, `#rrggbbaa`, each optionally with `@opacity`
    Color(Color),
}

/// A color in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Color {
    /// 0–255
    pub red: u8,
    /// 0–255
    pub green: u8,
    /// 0–255
    pub blue: u8,
    /// 0 is transparent, 255 opaque.
    pub alpha: u8,
}

/// The unit that follows a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `h`
    Hours,
    /// `min`
    Minutes,
    /// `s`, and clock times
    Seconds,
    /// `ms`
    Milliseconds,
    /// `us`
    Microseconds,
    /// `f`: frames at the clip's rate
    Frames,
    /// `fps`
    FramesPerSecond,
    /// `px`
    Pixels,
    /// `%`
    Percent,
    /// `dB`
    Decibels,
    /// `LUFS`
    Lufs,
    /// `Hz`
    Hertz,
    /// `kHz`
    Kilohertz,
    /// `k`: thousands, of bits per second
    Kilo,
    /// `M`: millions, of bits per second
    Mega,
    /// `deg`
    Degrees,
}

impl Unit {
    /// Every unit with its spelling.
    pub const ALL: [(&'static str, Unit); 16] = [
        ("h", Unit::Hours),
        ("min", Unit::Minutes),
        ("s", Unit::Seconds),
        ("ms", Unit::Milliseconds),
        ("us", Unit::Microseconds),
        ("f", Unit::Frames),
        ("fps", Unit::FramesPerSecond),
        ("px", Unit::Pixels),
        ("%", Unit::Percent),
        ("dB", Unit::Decibels),
        ("LUFS", Unit::Lufs),
        ("Hz", Unit::Hertz),
        ("kHz", Unit::Kilohertz),
        ("k", Unit::Kilo),
        ("M", Unit::Mega),
        ("deg", Unit::Degrees),
    ];

    /// Parses a unit's symbol.
    pub fn from_symbol(symbol: &str) -> Option<Unit> {
        Unit::ALL
            .iter()
            .find(|(known, _)| *known == symbol)
            .map(|(_, unit)| *unit)
    }
}

/// A string with its templates unexpanded, and a map from its bytes back to the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The string after escapes and YAML folding, templates unexpanded.
    pub value: String,
    /// For each run of bytes copied from the source: its start in `value` and its start in the file.
    /// Ascending; empty means that only the span of the whole expression is known.
    pub map: Vec<(u32, u32)>,
}

impl Text {
    /// The source span of a range of `value`; `None` if the map does not cover it.
    pub fn locate(&self, range: std::ops::Range<usize>, whole: Span) -> Option<Span> {
        let at = |offset: usize| {
            let index = self
                .map
                .partition_point(|(value, _)| *value as usize <= offset)
                .checked_sub(1)?;
            let (value, source) = self.map[index];
            Some(source as usize + (offset - value as usize))
        };
        let start = at(range.start)?;
        let end = if range.end > range.start {
            at(range.end - 1)? + 1
        } else {
            start
        };
        Some(Span::new(whole.file, start, end.max(start)))
    }
}
