//! Structs that stand beside an entity: projections, insertables and changesets. What they have in common is read here.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Fields, Generics, Path, Type};

use crate::errors::Errors;

/// A struct that stands beside an entity.
pub(crate) struct Record<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    /// The entity.
    pub(crate) entity: Path,
    pub(crate) fields: Vec<Field<'a>>,
}

/// A field of such a struct.
pub(crate) struct Field<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) attrs: Vec<&'a Attribute>,
}

impl<'a> Record<'a> {
    /// Reads an item whose attributes are called `name`: `#[projection(Document)]`.
    pub(crate) fn parse(input: &'a DeriveInput, name: &str, errors: &mut Errors) -> Option<Self> {
        let mut entity = None;
        for attr in input.attrs.iter().filter(|it| it.path().is_ident(name)) {
            match attr.parse_args::<Path>() {
                Ok(path) if entity.is_none() => entity = Some(path),
                Ok(path) => errors.push(syn::Error::new_spanned(path, "the entity is named twice")),
                Err(_) => errors.push(syn::Error::new_spanned(
                    attr,
                    format!("name the entity, and nothing else: `#[{name}(Document)]`"),
                )),
            }
        }
        let Data::Struct(syn::DataStruct { fields: Fields::Named(fields), .. }) = &input.data else {
            errors.at(input.ident.span(), "only a struct with named fields can stand beside an entity");
            return None;
        };
        if input.generics.type_params().next().is_some() || input.generics.const_params().next().is_some() {
            errors.push(syn::Error::new_spanned(
                &input.generics,
                "it can have no type parameters and no constants",
            ));
        }
        let fields = fields
            .named
            .iter()
            .filter_map(|field| {
                let attrs = field.attrs.iter().filter(|it| it.path().is_ident(name)).collect();
                Some(Field { ident: field.ident.as_ref()?, ty: &field.ty, attrs })
            })
            .collect();
        if entity.is_none() && errors.is_empty() {
            let message = format!("say which entity it stands beside: `#[{name}(Document)]`");
            errors.at(input.ident.span(), message);
        }
        Some(Self { ident: &input.ident, generics: &input.generics, entity: entity?, fields })
    }

    /// Prints an item within the block in which `__a` is Aludel.
    pub(crate) fn hidden(items: &[TokenStream]) -> TokenStream {
        quote! {
            #[allow(deprecated, unused_qualifications)]
            const _: () = {
                use ::aludel::derive as __a;
                #(#items)*
            };
        }
    }
}

/// Prints `Document::TITLE` for a field `title`, where the field stands.
pub(crate) fn constant(entity: &Path, field: &Ident) -> TokenStream {
    let constant = Ident::new(&field.unraw().to_string().to_uppercase(), field.span());
    // What is wrong with the field is said where the field stands.
    let entity = entity.to_token_stream().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(field.span()));
        token
    });
    let entity: TokenStream = entity.collect();
    quote_spanned!(field.span()=> #entity::#constant)
}
