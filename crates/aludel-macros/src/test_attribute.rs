//! `#[aludel::test]`: a test with a session whose work is rolled back, or in a database of its own.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, Ident, ItemFn, LitStr, Result, Token};

/// What stands in the parentheses.
#[derive(Default)]
pub(crate) struct Arguments {
    url: Option<LitStr>,
    env: Option<LitStr>,
    tables: Option<Expr>,
    own_database: bool,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut arguments = Self::default();
        while !input.is_empty() {
            let name: Ident = input.parse()?;
            match name.to_string().as_str() {
                "url" => arguments.url = Some(value(input)?),
                "env" => arguments.env = Some(value(input)?),
                "tables" => arguments.tables = Some(value(input)?),
                "own_database" => arguments.own_database = true,
                _ => {
                    return Err(Error::new(
                        name.span(),
                        "expected `url = \"…\"`, `env = \"…\"`, `tables = (Entity, …)` or `own_database`",
                    ));
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(arguments)
    }
}

fn value<T: Parse>(input: ParseStream<'_>) -> Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

/// Makes the test.
pub(crate) fn expand(arguments: &Arguments, item: &ItemFn) -> Result<TokenStream> {
    let signature = &item.sig;
    if signature.asyncness.is_none() || signature.inputs.len() != 1 {
        return Err(Error::new_spanned(
            signature,
            "an `aludel::test` is an async function that takes a session: `async fn name(mut session: Session)`",
        ));
    }
    let (attributes, visibility, name) = (&item.attrs, &item.vis, &signature.ident);
    let mut body = item.clone();
    body.attrs.clear();
    body.vis = syn::Visibility::Inherited;
    body.sig.ident = format_ident!("rule");
    let option = |literal: &Option<LitStr>| match literal {
        Some(literal) => quote!(::core::option::Option::Some(#literal)),
        None => quote!(::core::option::Option::None),
    };
    let (url, env) = (option(&arguments.url), option(&arguments.env));
    let tables = match &arguments.tables {
        Some(tables) => quote!(::core::option::Option::Some(|| ::aludel::Metadata::of(#tables))),
        None => quote!(::core::option::Option::None),
    };
    let own_database = arguments.own_database;
    let setup = quote!(::aludel::testing::Setup { url: #url, env: #env, tables: #tables, own_database: #own_database });
    Ok(quote! {
        #(#attributes)*
        #[::core::prelude::v1::test]
        #visibility fn #name() {
            #body
            ::aludel::testing::run(#setup, rule);
        }
    })
}
