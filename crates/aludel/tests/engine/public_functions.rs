//! The public async functions of the engine, as its source has them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{File, ImplItem, Item, ReturnType, Type, TypeParamBound, Visibility};

/// Names each public function of `aludel-engine` that one awaits: `Connection::scalar`, `Change::into_future`; those that a macro
/// makes for several types by the macro: `fetch!::all`.
pub fn async_functions() -> BTreeSet<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("aludel-engine/src");
    let mut names = BTreeSet::new();
    for path in files(&source) {
        // Traits for those who write a driver, and what polls futures for those who block.
        if !matches!(path.strip_prefix(&source).unwrap().to_str(), Some("driver.rs" | "blocking.rs")) {
            let file: File = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
            file.items.iter().for_each(|item| names_of(item, &mut names));
        }
    }
    names
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found
}

fn names_of(item: &Item, names: &mut BTreeSet<String>) {
    match item {
        Item::Impl(block) => {
            let Type::Path(owner) = &*block.self_ty else { return };
            let owner = owner.path.segments.last().unwrap().ident.to_string();
            let is_awaited =
                |path: &syn::Path| path.segments.last().is_some_and(|it| it.ident == "IntoFuture");
            if block.trait_.as_ref().is_some_and(|it| is_awaited(&it.0)) {
                names.insert(format!("{owner}::into_future"));
            }
            for item in &block.items {
                if let ImplItem::Fn(function) = item
                    && block.trait_.is_none()
                    && matches!(function.vis, Visibility::Public(_))
                    && (function.sig.asyncness.is_some() || is_future(&function.sig.output))
                {
                    names.insert(format!("{owner}::{}", function.sig.ident));
                }
            }
        }
        Item::Fn(function)
            if matches!(function.vis, Visibility::Public(_)) && function.sig.asyncness.is_some() =>
        {
            names.insert(function.sig.ident.to_string());
        }
        Item::Macro(made) => {
            let Some(name) = &made.ident else { return };
            let tokens = made.mac.tokens.to_string();
            for rest in tokens.split("pub async fn ").skip(1) {
                let function = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
                names.insert(format!("{name}!::{function}"));
            }
        }
        _ => {}
    }
}

fn is_future(output: &ReturnType) -> bool {
    match output {
        ReturnType::Type(_, ty) => match &**ty {
            Type::ImplTrait(it) => it.bounds.iter().any(|bound| match bound {
                TypeParamBound::Trait(it) => it.path.segments.last().is_some_and(|it| it.ident == "Future"),
                _ => false,
            }),
            Type::Path(it) => it.path.segments.last().is_some_and(|it| it.ident == "BoxFuture"),
            _ => false,
        },
        ReturnType::Default => false,
    }
}
