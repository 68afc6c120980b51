//! `embed_migrations!`: the files of a folder, as constants.

use std::path::Path;
use std::{env, fs, io};

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

/// Prints the files with their names. `include_str!` makes the compiler look at each of them again when it changes.
pub(crate) fn expand(path: &LitStr) -> syn::Result<TokenStream> {
    let relative = path.value();
    let root = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let files = files(&Path::new(&root).join(&relative)).map_err(|error| {
        let message = format!(
            "the folder `{relative}` cannot be read: {error}; the path is relative to the folder of Cargo.toml, and `aludel init` makes one"
        );
        syn::Error::new(path.span(), message)
    })?;
    let pairs = files.iter().map(|name| {
        let path = format!("/{}/{name}", relative.trim_end_matches('/'));
        quote!((#name, ::core::include_str!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #path))))
    });
    Ok(quote!(::aludel::migrate::Migrations::of(&[#(#pairs),*])))
}

/// Names the files of a folder of migrations, in order: those on top, and those of each revision.
fn files(root: &Path) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !entry.path().is_dir() {
            files.push(name);
            continue;
        }
        for file in fs::read_dir(entry.path())? {
            files.push(format!("{name}/{}", file?.file_name().to_string_lossy()));
        }
    }
    files.retain(|it| it == "aludel.sum" || it.ends_with("/revision.toml") || it.ends_with(".sql"));
    files.sort();
    Ok(files)
}
