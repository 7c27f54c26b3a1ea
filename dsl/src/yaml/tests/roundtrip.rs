//! Random recipes through both syntaxes.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::ast::{Arg, Call, Comments, Expr, ExprKind, Ident, Let, Recipe};
use crate::{Diagnostics, Sources, Span, Syntax, parse, print, render, testing, text, without_spans, yaml};

fn written(recipe: &Recipe, syntax: Syntax) -> String {
    print(recipe, syntax, &testing::signatures())
}

fn read(text: &str, syntax: Syntax) -> Result<Recipe, TestCaseError> {
    let mut sources = Sources::default();
    let id = sources.add("a", text, syntax);
    let mut diagnostics = Diagnostics::new();
    let file = sources.get(id).ok_or(TestCaseError::fail("no file"))?;
    let recipe = parse(file, &testing::signatures(), &mut diagnostics);
    match diagnostics.is_empty() {
        true => Ok(without_spans(&recipe)),
        false => Err(TestCaseError::fail(format!(
            "{text}\n{}",
            render::human(&diagnostics, &sources, false)
        ))),
    }
}

/// Random recipes with no name declared twice in a section, which YAML cannot say.
fn recipes() -> impl Strategy<Value = Recipe> {
    testing::recipe().prop_map(|mut recipe| {
        let mut seen = std::collections::BTreeSet::new();
        recipe
            .params
            .retain(|param| seen.insert(("param", param.name.name.clone())));
        recipe
            .inputs
            .retain(|input| seen.insert(("input", input.name.name.clone())));
        recipe
            .lets
            .retain(|binding| seen.insert(("let", binding.name.name.clone())));
        recipe
    })
}

/// The recipe without its comments.
fn skeleton(recipe: &Recipe) -> Vec<String> {
    let signatures = testing::signatures();
    let line = |expr: &Expr| text::print_expression(expr, &signatures);
    let params = recipe.params.iter().map(|param| {
        let default = param.default.as_ref().map(line);
        format!("{} {} {default:?}", param.name.name, text::print_type(&param.ty))
    });
    let inputs = recipe
        .inputs
        .iter()
        .map(|input| format!("{} {}", input.name.name, line(&input.source)));
    let lets = recipe
        .lets
        .iter()
        .map(|binding| format!("{} {}", binding.name.name, line(&binding.value)));
    let outputs = recipe.outputs.iter().map(|output| line(&as_call(&output.args)));
    params.chain(inputs).chain(lets).chain(outputs).collect()
}

fn as_call(args: &[Arg]) -> Expr {
    let span = Span::default();
    let comments = Comments::default();
    let name = "output".to_owned();
    let call = Call {
        name: Ident { name, span },
        args: args.to_vec(),
        span,
        comments: comments.clone(),
    };
    Expr {
        kind: ExprKind::Call(call),
        span,
        comments,
    }
}

/// Every comment, in no particular order.
fn comments(recipe: &Recipe) -> Vec<String> {
    let mut found: Vec<String> = recipe.closing_comments.clone();
    let mut add = |comments: &Comments, inside: Vec<String>| {
        found.extend(comments.before.iter().cloned());
        found.extend(comments.after.clone());
        found.extend(inside);
    };
    if let Some(version) = &recipe.version {
        add(&version.comments, Vec::new());
    }
    for param in &recipe.params {
        add(
            &param.comments,
            param
                .default
                .as_ref()
                .map(yaml::comments_within)
                .unwrap_or_default(),
        );
    }
    for input in &recipe.inputs {
        add(&input.comments, yaml::comments_within(&input.source));
    }
    for binding in &recipe.lets {
        add(&binding.comments, yaml::comments_within(&binding.value));
    }
    for output in &recipe.outputs {
        add(&output.comments, yaml::comments_within(&as_call(&output.args)));
    }
    found.sort();
    found
}

/// Runs a property; making a random recipe needs more stack than the thread of a test has.
fn check<S>(
    strategy: impl FnOnce() -> S + Send + 'static,
    property: fn(S::Value) -> Result<(), TestCaseError>,
) where
    S: Strategy<Value: 'static>,
{
    let run = move || {
        let mut runner = TestRunner::new(ProptestConfig::with_cases(1000));
        runner
            .run(&strategy(), property)
            .map_err(|error| error.to_string())
    };
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(run);
    let result = thread.map(std::thread::JoinHandle::join);
    assert!(matches!(result, Ok(Ok(Ok(())))), "{result:?}");
}

#[test]
fn printed_yaml_parses_back() {
    check(recipes, |recipe| {
        let printed = written(&recipe, Syntax::Yaml);
        let again = read(&printed, Syntax::Yaml)?;
        prop_assert_eq!(written(&again, Syntax::Yaml), printed.clone());
        let elsewhere = serde_yaml::from_str::<serde_yaml::Value>(&printed);
        prop_assert!(elsewhere.is_ok(), "{:?}\n{}", elsewhere, printed);
        prop_assert_eq!(skeleton(&again), skeleton(&recipe), "{}", printed);
        prop_assert_eq!(comments(&again), comments(&recipe), "{}", printed);
        if !yaml::strays(&recipe, &testing::signatures()) {
            prop_assert_eq!(&again, &recipe, "{}", printed);
        }
        Ok(())
    });
}

#[test]
fn conversion_round_trips() {
    check(recipes, |recipe| {
        let recipe = read(&written(&recipe, Syntax::Yaml), Syntax::Yaml)?;
        let in_text = written(&recipe, Syntax::Text);
        let from_text = read(&in_text, Syntax::Text)?;
        prop_assert_eq!(&from_text, &recipe, "{}", in_text);
        let in_yaml = written(&from_text, Syntax::Yaml);
        prop_assert_eq!(&read(&in_yaml, Syntax::Yaml)?, &recipe, "{}", in_yaml);
        Ok(())
    });
}

/// Any expression has a form wherever text is expected.
#[test]
fn expressions_where_a_string_is_expected() {
    check(testing::expression, |value| {
        let span = Span::default();
        let comments = Comments::default();
        let content = Arg {
            name: None,
            value,
            span,
            comments: comments.clone(),
        };
        let mut value = as_call(&[content]);
        if let ExprKind::Call(call) = &mut value.kind {
            call.name.name = "text".to_owned();
        }
        let name = Ident {
            name: "x".to_owned(),
            span,
        };
        let binding = Let {
            name,
            value,
            span,
            comments,
        };
        let recipe = Recipe {
            lets: vec![binding],
            ..Recipe::default()
        };
        let printed = written(&recipe, Syntax::Yaml);
        let again = read(&printed, Syntax::Yaml)?;
        prop_assert_eq!(skeleton(&again), skeleton(&recipe), "{}", printed);
        Ok(())
    });
}
