//! Constraints and indexes of the table, and how its columns are counted.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::association_table::entity_of;
use crate::attr::{DialectOption, ForeignKey, Identity, Index, IndexOf, IndexPart, Unique};
use crate::model::Entity;

/// Prints a `UniqueMeta`.
pub(super) fn unique(entity: &Entity, unique: &Unique) -> TokenStream {
    let columns = indexes_of(entity, &unique.columns);
    let name = unique.name.as_ref().map(|it| quote!(name: __a::Some(#it),));
    let deferrable = unique.deferrable.as_ref().map(|it| {
        let variant = &it.0;
        quote!(deferrable: __a::Deferrable::#variant,)
    });
    let nulls = unique.nulls_not_distinct.then(|| quote!(nulls_not_distinct: true,));
    with(quote!(UniqueMeta), quote!(#columns), quote!(#name #deferrable #nulls))
}

/// Prints an `IndexMeta`.
pub(super) fn index(entity: &Entity, index: &Index) -> TokenStream {
    let parts = index.parts.iter().filter_map(|it| part(entity, it));
    let name = index.name.as_ref().map(|it| quote!(name: __a::Some(#it),));
    let unique = index.unique.then(|| quote!(unique: true,));
    let nulls = index.nulls_not_distinct.then(|| quote!(nulls_not_distinct: true,));
    let condition = index.condition.as_ref().map(|it| quote!(condition: __a::Some(#it),));
    let include = (!index.include.is_empty()).then(|| {
        let columns = indexes_of(entity, &index.include);
        quote!(include: #columns,)
    });
    let options = options(&index.options);
    let settings = quote!(#name #unique #nulls #condition #include #options);
    with(quote!(IndexMeta), quote!(&[#(#parts),*]), settings)
}

fn part(entity: &Entity, part: &IndexPart) -> Option<TokenStream> {
    let of = match &part.of {
        IndexOf::Field(field) => {
            let constant = &entity.column(field)?.constant;
            quote!(__a::IndexOfMeta::Column(Self::#constant.index()))
        }
        IndexOf::Expression(sql) => quote!(__a::IndexOfMeta::Expression(#sql)),
    };
    let descending = part.descending.then(|| quote!(descending: true,));
    let nulls = part.nulls_first.map(|first| {
        let variant = if first { quote!(First) } else { quote!(Last) };
        quote!(nulls: __a::Some(__a::Nulls::#variant),)
    });
    let collation = part.collation.as_ref().map(|it| quote!(collation: __a::Some(#it),));
    let options = options(&part.options);
    Some(with(quote!(IndexPartMeta), of, quote!(#descending #nulls #collation #options)))
}

/// Prints a `TableForeignKeyMeta`; the types of each pair of columns must agree.
pub(super) fn foreign_key(entity: &Entity, key: &ForeignKey) -> TokenStream {
    let columns = indexes_of(entity, &key.columns);
    let pairs = key.columns.iter().zip(&key.parents).filter_map(|(field, parent)| {
        let constant = &entity.column(field)?.constant;
        Some(quote_spanned!(parent.span()=> __a::refers(Self::#constant, #parent)))
    });
    let parent = key.parents.first().map(entity_of);
    let name = key.name.as_ref().map(|it| quote!(name: __a::Some(#it),));
    let action = |field: TokenStream, action: &Option<crate::attr::Action>| {
        let variant = &action.as_ref()?.variant;
        Some(quote!(#field: __a::ReferentialAction::#variant,))
    };
    let (on_delete, on_update) =
        (action(quote!(on_delete), &key.on_delete), action(quote!(on_update), &key.on_update));
    let deferrable = key.deferrable.as_ref().map(|it| {
        let variant = &it.0;
        quote!(deferrable: __a::Deferrable::#variant,)
    });
    let full = key.match_full.then(|| quote!(match_full: true,));
    with(
        quote!(TableForeignKeyMeta),
        quote!(#columns, __a::table_of::<#parent>, &[#(#pairs),*]),
        quote!(#name #on_delete #on_update #deferrable #full),
    )
}

/// Prints `.identity(…)`.
pub(super) fn identity(identity: &Identity) -> TokenStream {
    let always = identity.always;
    let number = |it: &Option<syn::LitInt>| match it {
        Some(number) => quote!(__a::Some(#number)),
        None => quote!(__a::None),
    };
    let (start, increment) = (number(&identity.start), number(&identity.increment));
    quote!(.identity(__a::IdentityMeta { always: #always, start: #start, increment: #increment }))
}

/// Prints an option of a dialect.
pub(super) fn option(option: &DialectOption) -> TokenStream {
    let DialectOption { dialect, name, value } = option;
    quote!((#dialect, #name, #value))
}

fn options(options: &[DialectOption]) -> Option<TokenStream> {
    let all = options.iter().map(option);
    (!options.is_empty()).then(|| quote!(options: &[#(#all),*],))
}

/// Prints `Type::new(of)` with what differs from it.
fn with(ty: TokenStream, of: TokenStream, settings: TokenStream) -> TokenStream {
    if settings.is_empty() {
        quote!(__a::#ty::new(#of))
    } else {
        quote!(__a::#ty { #settings ..__a::#ty::new(#of) })
    }
}

/// Prints the indexes of the columns of a key.
fn indexes_of(entity: &Entity, fields: &[Ident]) -> TokenStream {
    let columns = fields.iter().filter_map(|it| entity.column(it)).map(|it| &it.constant);
    quote!(&[#(Self::#columns.index()),*])
}
