//! `metadata_program!`: the items of another program, with a `main` that prints its tables.

use std::path::Path;
use std::{env, fs};

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, LitStr};

/// Prints the items where they are named `crate::…`, as in their own program. `include_str!` makes the compiler look at the file again when it changes.
pub(crate) fn expand(path: &LitStr) -> syn::Result<TokenStream> {
    let relative = path.value();
    let wrong = |what: String| syn::Error::new(path.span(), what);
    let file = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join(&relative);
    let text = fs::read_to_string(file).map_err(|error| {
        wrong(format!(
            "`{relative}` cannot be read: {error}; the path is relative to the folder of Cargo.toml"
        ))
    })?;
    let program = items(&text)
        .map_err(|error| wrong(format!("`{relative}` is not Rust: {error}; `cargo check` shows where")))?;
    let included = format!("/{relative}");
    Ok(quote! {
        const _: &str = ::core::include_str!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #included));
        #program
        fn main() {
            ::aludel::migrate::print_metadata(&::aludel::Metadata::linked());
        }
    })
}

/// Returns the items of a program without its `main`, and without what is said of the whole file.
fn items(text: &str) -> syn::Result<TokenStream> {
    let is_main = |item: &Item| matches!(item, Item::Fn(it) if it.sig.ident == "main");
    let items = syn::parse_file(text)?.items;
    let items = items.iter().filter(|it| !is_main(it));
    Ok(quote!(#(#items)*))
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::{expand, items};

    #[test]
    fn a_program_is_taken_without_its_main() {
        let text = "#!/usr/bin/env run\n//! A program.\n#![allow(dead_code)]\nmod models;\nuse models::User;\n#[tokio::main]\nasync fn main() {}\nfn rest(main: User) {}";
        let items = items(text).unwrap().to_string();
        assert_eq!(items, "mod models ; use models :: User ; fn rest (main : User) { }");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = expand(&parse_quote!("src/nowhere.rs")).unwrap_err().to_string();
        assert!(error.starts_with("`src/nowhere.rs` cannot be read: "), "{error}");
        assert!(error.ends_with("; the path is relative to the folder of Cargo.toml"), "{error}");
    }
}
