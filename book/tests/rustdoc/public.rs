//! Which functions of a crate a program can call, read from its sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, ImplItem, Item, TraitItem, UseTree, Visibility};

/// A public function.
pub struct Function {
    /// `Session::add`, `select`.
    pub path: String,
    /// Its documentation has a block of code that is compiled and run.
    pub has_example: bool,
}

/// A module: its items, and whether its path is public.
struct Module {
    items: Vec<Item>,
    public: bool,
}

/// The public functions of the crate with this root.
pub fn functions(root: &Path) -> Vec<Function> {
    let mut modules = Vec::new();
    read(root, &folder_of(root), true, &mut modules);
    let mut exported = BTreeSet::new();
    for item in modules.iter().filter(|it| it.public).flat_map(|it| &it.items) {
        if let Item::Use(item) = item
            && is_public(&item.vis)
        {
            names(&item.tree, &mut exported);
        }
    }
    // The types that a program can name.
    let mut types = BTreeSet::new();
    for module in &modules {
        for item in &module.items {
            let (vis, name) = match item {
                Item::Struct(it) => (&it.vis, it.ident.to_string()),
                Item::Enum(it) => (&it.vis, it.ident.to_string()),
                Item::Trait(it) => (&it.vis, it.ident.to_string()),
                _ => continue,
            };
            if is_public(vis) && (module.public || exported.contains(&name)) {
                types.insert(name);
            }
        }
    }
    let mut functions = Vec::new();
    for module in &modules {
        let is_shown = |name: &str| module.public || exported.contains(name);
        for item in &module.items {
            match item {
                Item::Fn(it) if is_public(&it.vis) && is_shown(&it.sig.ident.to_string()) => {
                    note(&mut functions, it.sig.ident.to_string(), &it.attrs);
                }
                Item::Impl(it) if it.trait_.is_none() => {
                    let Some(of) = self_type(&it.self_ty).filter(|it| types.contains(it)) else { continue };
                    for item in &it.items {
                        if let ImplItem::Fn(method) = item
                            && is_public(&method.vis)
                        {
                            note(&mut functions, format!("{of}::{}", method.sig.ident), &method.attrs);
                        }
                    }
                }
                Item::Trait(it)
                    if is_public(&it.vis) && is_shown(&it.ident.to_string()) && !is_hidden(&it.attrs) =>
                {
                    for item in &it.items {
                        if let TraitItem::Fn(method) = item {
                            note(
                                &mut functions,
                                format!("{}::{}", it.ident, method.sig.ident),
                                &method.attrs,
                            );
                        }
                    }
                }
                _ => {}
            }
        }
    }
    functions
}

fn note(functions: &mut Vec<Function>, path: String, attributes: &[Attribute]) {
    if !is_hidden(attributes) {
        functions.push(Function { path, has_example: has_example(attributes) });
    }
}

/// The folder that the modules of a file are in.
fn folder_of(file: &Path) -> PathBuf {
    let parent = file.parent().unwrap_or(file);
    match file.file_stem().and_then(|it| it.to_str()) {
        Some("lib" | "main" | "mod") | None => parent.to_owned(),
        Some(name) => parent.join(name),
    }
}

fn read(file: &Path, folder: &Path, public: bool, modules: &mut Vec<Module>) {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let items = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())).items;
    enter(items, folder, public, modules);
}

fn enter(items: Vec<Item>, folder: &Path, public: bool, modules: &mut Vec<Module>) {
    for item in &items {
        let Item::Mod(it) = item else { continue };
        if is_for_tests(&it.attrs) || is_hidden(&it.attrs) {
            continue;
        }
        let (name, public) = (it.ident.to_string(), public && is_public(&it.vis));
        match &it.content {
            Some((_, items)) => enter(items.clone(), &folder.join(&name), public, modules),
            None => {
                let beside = [folder.join(format!("{name}.rs")), folder.join(&name).join("mod.rs")];
                // A module with a `#[path]`, or of another system, is none that programs name.
                if let Some(file) = beside.iter().find(|it| it.exists()) {
                    read(file, &folder_of(file), public, modules);
                }
            }
        }
    }
    modules.push(Module { items, public });
}

/// The names that a `pub use` gives.
fn names(tree: &UseTree, into: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(it) => names(&it.tree, into),
        UseTree::Group(it) => it.items.iter().for_each(|it| names(it, into)),
        UseTree::Name(it) => {
            into.insert(it.ident.to_string());
        }
        UseTree::Rename(it) => {
            into.insert(it.ident.to_string());
        }
        UseTree::Glob(_) => {}
    }
}

fn self_type(ty: &syn::Type) -> Option<String> {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().map(|it| it.ident.to_string()),
        _ => None,
    }
}

fn is_public(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

fn tokens(attribute: &Attribute) -> String {
    match &attribute.meta {
        syn::Meta::List(list) => list.tokens.to_string(),
        _ => String::new(),
    }
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|it| it.path().is_ident("doc") && tokens(it) == "hidden")
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|it| it.path().is_ident("cfg") && tokens(it) == "test")
}

/// Looks for a block of code that rustdoc runs, or refuses to compile as it should.
fn has_example(attributes: &[Attribute]) -> bool {
    let mut within = false;
    for attribute in attributes {
        let syn::Meta::NameValue(meta) = &attribute.meta else { continue };
        let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &meta.value else { continue };
        let text = text.value();
        if let Some(language) = text.trim().strip_prefix("```") {
            within = !within;
            if within && matches!(language, "" | "rust" | "no_run" | "compile_fail" | "should_panic") {
                return true;
            }
        }
    }
    false
}
