//! `#[hybrid]`: methods that are SQL expressions as well.
//!
//! The methods are left as they are. Beside each stands a constant (with parameters: a function) whose body is the same expression over
//! terms; `translate` writes it, and refuses what has no meaning in SQL at its token.

mod format;
mod pattern;
mod translate;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, FnArg, ImplItem, ImplItemFn, ItemImpl, Pat, ReturnType, Stmt, Type};

use crate::errors::Errors;
use translate::Translator;

/// Prints the methods, and what stands beside them.
pub(crate) fn expand(arguments: &TokenStream, item: &ItemImpl) -> TokenStream {
    let mut errors = Errors::default();
    if !arguments.is_empty() {
        errors.at(arguments.span(), "`#[hybrid]` takes no arguments");
    }
    if let Some((path, _)) = &item.trait_ {
        errors.at(path.span(), "`#[hybrid]` goes on the entity's own `impl`, not on the one of a trait");
    }
    if !item.generics.params.is_empty() {
        errors.at(item.generics.span(), "an entity has no type parameters and no lifetimes");
    }
    let mut expressions = Vec::new();
    for it in &item.items {
        let ImplItem::Fn(method) = it else { continue };
        match hybrid(method) {
            Ok(tokens) => expressions.push(tokens),
            Err(error) => errors.push(error),
        }
    }
    let (ident, attrs) = (&item.self_ty, item.attrs.iter().filter(|it| it.path().is_ident("cfg")));
    let errors = errors.finish().err().map(|error| error.to_compile_error());
    quote! {
        #item

        #(#attrs)*
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic, unused_parens, unused_braces)]
        impl #ident {
            #(#expressions)*
        }

        #errors
    }
}

/// A parameter of a method.
struct Parameter<'a> {
    ident: &'a Ident,
    ty: &'a Type,
}

fn hybrid(method: &ImplItemFn) -> syn::Result<TokenStream> {
    let sig = &method.sig;
    let refused: [(Option<Span>, &str); 3] = [
        (sig.asyncness.as_ref().map(Spanned::span), "a hybrid is not `async`: it is one expression"),
        (
            (!sig.generics.params.is_empty()).then(|| sig.generics.span()),
            "a hybrid has no type parameters and no lifetimes of its own",
        ),
        (sig.generics.where_clause.as_ref().map(Spanned::span), "a hybrid has no `where`"),
    ];
    if let Some((Some(span), message)) = refused.into_iter().find(|it| it.0.is_some()) {
        return Err(syn::Error::new(span, message));
    }
    let mut inputs = sig.inputs.iter();
    match inputs.next() {
        Some(FnArg::Receiver(it)) if it.mutability.is_none() => {}
        Some(other) => return Err(syn::Error::new(other.span(), "a hybrid takes `&self`")),
        None => return Err(syn::Error::new(sig.ident.span(), "a hybrid takes `&self`")),
    }
    let parameters = inputs.map(parameter).collect::<syn::Result<Vec<_>>>()?;
    let ReturnType::Type(_, output) = &sig.output else {
        return Err(syn::Error::new(sig.ident.span(), "a hybrid returns a value: `-> bool`"));
    };
    let body = only_expression(&method.block)?;
    let row = Ident::new("__row", Span::mixed_site());
    let term = Translator::new(&row, parameters.iter().map(|it| (it.ident, it.ty))).expression(body)?;

    let (vis, name) = (&method.vis, sig.ident.unraw().to_string());
    let constant = format_ident!("{}", name.to_uppercase(), span = sig.ident.span());
    let output = owned(output);
    let doc = format!("[`{name}`](Self::{name}) as an expression of SQL.");
    let cfg = method.attrs.iter().filter(|it| it.path().is_ident("cfg"));
    let (hybrid, method) = (quote!(::aludel::hybrid::Hybrid), &sig.ident);
    // Whoever uses the expression uses the method: it is no dead code.
    let term = quote!({ let _ = Self::#method; #term });
    Ok(if parameters.is_empty() {
        quote! {
            #(#cfg)*
            #[doc = #doc]
            #vis const #constant: #hybrid<Self, #output> =
                #hybrid::<Self, #output>::new(|#row| #term);
        }
    } else {
        let inputs = sig.inputs.iter().skip(1);
        quote! {
            #(#cfg)*
            #[doc = #doc]
            #[allow(non_snake_case)]
            #vis fn #constant(
                #(#inputs),*
            ) -> #hybrid<Self, #output, impl Fn(&::aludel::hybrid::Row<Self>) -> ::aludel::hybrid::Term<#output>> {
                #hybrid::with(move |#row: &::aludel::hybrid::Row<Self>| #term)
            }
        }
    })
}

fn parameter(input: &FnArg) -> syn::Result<Parameter<'_>> {
    if let FnArg::Typed(typed) = input
        && let Pat::Ident(pat) = &*typed.pat
        && pat.by_ref.is_none()
        && pat.mutability.is_none()
        && pat.subpat.is_none()
    {
        return Ok(Parameter { ident: &pat.ident, ty: &typed.ty });
    }
    Err(syn::Error::new(input.span(), "a parameter of a hybrid is a name and a type: `limit: i64`"))
}

/// Returns the expression that a block is.
fn only_expression(block: &syn::Block) -> syn::Result<&Expr> {
    match block.stmts.as_slice() {
        [Stmt::Expr(expr, None)] => Ok(expr),
        [] => Err(syn::Error::new(block.span(), "a hybrid returns a value")),
        [first, ..] => Err(syn::Error::new(
            first.span(),
            "a hybrid is one expression: SQL has no statements before a value",
        )),
    }
}

/// Returns the type that a value has when nobody lends it: `&str` is a `String`.
fn owned(ty: &Type) -> Type {
    match ty {
        Type::Reference(it) => owned(&it.elem),
        Type::Paren(it) => owned(&it.elem),
        Type::Path(it) if it.path.is_ident("str") => {
            syn::parse_quote_spanned!(ty.span()=> ::std::string::String)
        }
        Type::Path(it) => {
            let mut it = it.clone();
            for segment in &mut it.path.segments {
                if let syn::PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    for argument in &mut arguments.args {
                        if let syn::GenericArgument::Type(inner) = argument {
                            *inner = owned(inner);
                        }
                    }
                }
            }
            Type::Path(it)
        }
        other => other.clone(),
    }
}
