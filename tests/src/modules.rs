//! The import graph of a crate's files, read from the paths in its code, to assert that it has no cycles.
//!
//! A path is followed through `pub use` to the file that defines the item, so a `mod.rs` that only re-exports is
//! neither end of an edge. Code under `#[cfg(test)]` is ignored, and so are method calls, which name no file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, UseTree, Visibility};

/// The files of a crate, relative to its `src`, and the files that each of them uses.
pub type Uses = BTreeMap<String, BTreeSet<String>>;

/// Reads a crate from its `src` folder.
#[track_caller]
pub fn uses(src: &Path) -> Uses {
    let root = ["lib.rs", "main.rs"].map(|name| src.join(name));
    let root = root
        .iter()
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("{}: no crate", src.display()));
    let mut krate = Crate {
        src: src.to_owned(),
        modules: Vec::new(),
    };
    krate.load(root, None);
    let mut uses = Uses::new();
    for module in 0..krate.modules.len() {
        let own = krate.modules[module].file.clone();
        let used = krate.used_by(module);
        uses.entry(own.clone())
            .or_default()
            .extend(used.into_iter().filter(|file| *file != own));
    }
    uses
}

/// The strongly connected components with more than one file, each with its edges.
pub fn cycles(uses: &Uses) -> Vec<Vec<(String, String)>> {
    let reach: BTreeMap<&String, BTreeSet<&String>> =
        uses.keys().map(|file| (file, reachable(uses, file))).collect();
    let mut seen = BTreeSet::new();
    let mut cycles = Vec::new();
    for file in uses.keys() {
        let group: BTreeSet<&String> = reach[file]
            .iter()
            .copied()
            .filter(|other| reach[other].contains(file))
            .collect();
        if group.is_empty() || !group.iter().all(|file| seen.insert(*file)) {
            continue;
        }
        let inside = |from: &&String| {
            let to = uses[*from].iter().filter(|to| group.contains(to));
            to.map(|to| ((*from).clone(), to.clone())).collect::<Vec<_>>()
        };
        cycles.push(group.iter().flat_map(inside).collect());
    }
    cycles
}

fn reachable<'u>(uses: &'u Uses, from: &String) -> BTreeSet<&'u String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&String> = uses.get(from).into_iter().flatten().collect();
    while let Some(file) = open.pop() {
        if found.insert(file) {
            open.extend(uses.get(file).into_iter().flatten());
        }
    }
    found
}

type ModuleId = usize;

/// A module: a file, or an inline part of one.
struct Module {
    file: String,
    parent: Option<ModuleId>,
    children: BTreeMap<String, ModuleId>,
    items: BTreeSet<String>,
    imports: Vec<Import>,
    code: Vec<Item>,
}

/// One name of a `use` declaration; a glob has no name.
#[derive(Clone)]
struct Import {
    name: Option<String>,
    path: Vec<String>,
    is_public: bool,
}

struct Crate {
    src: PathBuf,
    modules: Vec<Module>,
}

/// The target of a path.
enum Target {
    Module(ModuleId),
    Item(ModuleId),
}

impl Crate {
    fn load(&mut self, path: &Path, parent: Option<ModuleId>) -> ModuleId {
        let text =
            std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file = path
            .strip_prefix(&self.src)
            .unwrap_or(path)
            .to_string_lossy()
            .into_owned();
        let name = path.file_name().unwrap_or_default();
        let folder = match ["lib.rs", "main.rs", "mod.rs"].iter().any(|root| name == *root) {
            true => path.with_file_name(""),
            false => path.with_extension(""),
        };
        self.add(file, &folder, parent, parsed.items)
    }

    fn add(&mut self, file: String, folder: &Path, parent: Option<ModuleId>, items: Vec<Item>) -> ModuleId {
        let id = self.modules.len();
        self.modules.push(Module {
            file: file.clone(),
            parent,
            children: BTreeMap::new(),
            items: BTreeSet::new(),
            imports: Vec::new(),
            code: Vec::new(),
        });
        for item in items {
            match item {
                Item::Mod(module) if !is_for_tests(&module.attrs) => {
                    let name = module.ident.to_string();
                    let child = match module.content {
                        Some((_, items)) => self.add(file.clone(), &folder.join(&name), Some(id), items),
                        None => {
                            let paths = [
                                folder.join(format!("{name}.rs")),
                                folder.join(&name).join("mod.rs"),
                            ];
                            let path = paths.iter().find(|path| path.exists());
                            self.load(
                                path.unwrap_or_else(|| panic!("{file}: no file of `mod {name}`")),
                                Some(id),
                            )
                        }
                    };
                    self.modules[id].children.insert(name, child);
                }
                Item::Mod(_) => {}
                Item::Use(import) => imports(&import, &mut self.modules[id].imports),
                item => {
                    self.modules[id].items.extend(name_of(&item));
                    self.modules[id].code.push(item);
                }
            }
        }
        id
    }

    /// The files that define the items named by a module's private imports and code.
    fn used_by(&self, module: ModuleId) -> BTreeSet<String> {
        let imports = self.modules[module]
            .imports
            .iter()
            .filter(|import| !import.is_public);
        let imported = imports.filter_map(|import| self.resolve(module, &import.path, 0));
        let mut visitor = Paths { found: Vec::new() };
        self.modules[module]
            .code
            .iter()
            .for_each(|item| visitor.visit_item(item));
        let named = visitor.found.iter().filter_map(|path| {
            let target = self.resolve(module, path, 0)?;
            // A single name in code is no module, but perhaps a variable called like one.
            (path.len() > 1 || matches!(target, Target::Item(_))).then_some(target)
        });
        imported
            .chain(named)
            .map(|target| match target {
                Target::Module(id) | Target::Item(id) => self.modules[id].file.clone(),
            })
            .collect()
    }

    fn resolve(&self, from: ModuleId, path: &[String], depth: usize) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" => 0,
            "self" => from,
            "super" => self.modules[from].parent?,
            _ => return self.look_up(from, path, depth),
        };
        match rest.is_empty() {
            true => Some(Target::Module(start)),
            false => self.resolve_in(start, rest, depth),
        }
    }

    fn resolve_in(&self, from: ModuleId, path: &[String], depth: usize) -> Option<Target> {
        match path.first()?.as_str() {
            "super" => self.resolve(from, path, depth),
            _ => self.look_up(from, path, depth),
        }
    }

    /// Follows a path whose first segment is a name in a module.
    fn look_up(&self, from: ModuleId, path: &[String], depth: usize) -> Option<Target> {
        let (name, rest) = path.split_first()?;
        let module = &self.modules[from];
        if depth > 16 {
            return None;
        }
        if let Some(child) = module.children.get(name) {
            return match rest.is_empty() {
                true => Some(Target::Module(*child)),
                false => self.look_up(*child, rest, depth + 1),
            };
        }
        if module.items.contains(name) {
            return Some(Target::Item(from));
        }
        let named = module
            .imports
            .iter()
            .filter(|import| import.name.as_ref() == Some(name));
        let globs = module.imports.iter().filter(|import| import.name.is_none());
        let named = named.map(|import| [import.path.as_slice(), rest].concat());
        let globs = globs.map(|import| [import.path.as_slice(), path].concat());
        let own = [name.clone()];
        named
            .chain(globs)
            .filter(|path| path[..] != own)
            .find_map(|path| self.resolve(from, &path, depth + 1))
    }
}

/// Collects the paths in code, including those in macro arguments.
struct Paths {
    found: Vec<Vec<String>>,
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.found.push(
            path.segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect(),
        );
        visit::visit_path(self, path);
    }

    /// `pub(super)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_item_use(&mut self, import: &'ast ItemUse) {
        let mut found = Vec::new();
        imports(import, &mut found);
        self.found.extend(found.into_iter().map(|import| import.path));
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

impl Paths {
    fn tokens(&mut self, tokens: proc_macro2::TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut is_joined = false;
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Ident(name) => {
                    if !is_joined {
                        self.found.push(std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    is_joined = false;
                }
                proc_macro2::TokenTree::Punct(punct) if punct.as_char() == ':' => is_joined = true,
                proc_macro2::TokenTree::Group(group) => {
                    self.found.push(std::mem::take(&mut path));
                    self.tokens(group.stream());
                    is_joined = false;
                }
                _ => {
                    self.found.push(std::mem::take(&mut path));
                    is_joined = false;
                }
            }
        }
        self.found.push(path);
        self.found.retain(|path| !path.is_empty());
    }
}

fn imports(item: &ItemUse, found: &mut Vec<Import>) {
    let is_public = !matches!(item.vis, Visibility::Inherited);
    tree(&item.tree, Vec::new(), is_public, found);
}

fn tree(tree_: &UseTree, mut path: Vec<String>, is_public: bool, found: &mut Vec<Import>) {
    match tree_ {
        UseTree::Path(segment) => {
            path.push(segment.ident.to_string());
            tree(&segment.tree, path, is_public, found);
        }
        UseTree::Name(name) if name.ident == "self" => {
            let name = path.last().cloned();
            found.push(Import {
                name,
                path,
                is_public,
            });
        }
        UseTree::Name(name) => {
            path.push(name.ident.to_string());
            found.push(Import {
                name: Some(name.ident.to_string()),
                path,
                is_public,
            });
        }
        UseTree::Rename(rename) => {
            if rename.ident != "self" {
                path.push(rename.ident.to_string());
            }
            found.push(Import {
                name: Some(rename.rename.to_string()),
                path,
                is_public,
            });
        }
        UseTree::Glob(_) => found.push(Import {
            name: None,
            path,
            is_public,
        }),
        UseTree::Group(group) => {
            for item in &group.items {
                tree(item, path.clone(), is_public, found);
            }
        }
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|condition| condition.is_ident("test"))
    })
}

fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        _ => return None,
    };
    Some(name.to_string())
}
