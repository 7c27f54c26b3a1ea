//! What README says can be typed.

use vidc_tests::{run, vidc, workspace};

use crate::VIDC;

fn readme() -> String {
    std::fs::read_to_string(workspace::root().join("README.md")).unwrap()
}

#[test]
fn its_commands_exist() {
    let help = run(vidc(VIDC, workspace::root()).arg("--help")).expect(0).stdout;
    let text = readme();
    let mut commands = 0;
    for line in text.lines() {
        let Some(rest) = line.strip_prefix("| `vidc ") else {
            continue;
        };
        let command = rest.split([' ', '`']).next().unwrap();
        assert!(
            help.lines().any(|l| l.trim_start().starts_with(command)),
            "no command `{command}`"
        );
        commands += 1;
    }
    assert!(commands > 5, "the table of commands was not found");
    for command in help
        .lines()
        .filter_map(|l| l.strip_prefix("  ")?.split_whitespace().next())
    {
        let is_command = !command.starts_with('-') && command.parse::<u32>().is_err() && command != "help";
        assert!(
            !is_command || text.contains(&format!("`vidc {command}")),
            "README leaves out `{command}`"
        );
    }
}

#[test]
fn its_make_targets_exist() {
    let makefile = std::fs::read_to_string(workspace::root().join("Makefile")).unwrap();
    for target in ["demo", "test"] {
        assert!(readme().contains(&format!("make {target}")));
        assert!(makefile.contains(&format!("\n{target}:")));
    }
}

#[test]
fn its_recipe_is_an_example() {
    let text = readme();
    for fence in ["```vidc\n", "```yaml\n"] {
        let recipe = text
            .split(fence)
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .unwrap();
        let found = workspace::examples()
            .iter()
            .any(|path| std::fs::read_to_string(path).unwrap().trim() == recipe.trim());
        assert!(found, "the recipe in README is no file of examples/:\n{recipe}");
    }
}
