//! `#[derive(Projection)]`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{DeriveInput, Expr, Token};

use crate::attr::{Keys, Setting, items, value_with};
use crate::errors::Errors;
use crate::record::{Field, Record, constant};

const KEYS: Keys = Keys { known: &["path", "column", "expr", "filter", "order_by", "limit"], later: &[] };

/// Where the value of a field comes from.
enum Origin {
    /// The field of the entity with this name: a column or a relation.
    Field(Ident),
    /// A column that has no field of its own: one of a group that the entity embeds.
    Column(Expr),
    /// A column of an object that relations to one object lead to.
    Path(Vec<Ident>),
    /// An expression.
    Expression(Expr),
    /// The relation to many objects with this name, of which some are wanted.
    List(Ident, Box<Wanted>),
}

/// Which objects of a list are wanted.
#[derive(Default)]
struct Wanted {
    filter: Option<Setting<Expr>>,
    order_by: Option<Setting<Expr>>,
    limit: Option<Setting<Expr>>,
}

impl Origin {
    /// The constant of the column or relation that it is, if it is one.
    fn constant(&self, entity: &syn::Path) -> Option<TokenStream> {
        match self {
            Self::Field(field) | Self::List(field, _) => Some(constant(entity, field).to_token_stream()),
            Self::Column(column) => Some(column.to_token_stream()),
            Self::Path(_) | Self::Expression(_) => None,
        }
    }
}

impl Wanted {
    /// One of the settings, if there is one.
    fn any(&self) -> Option<&Setting<Expr>> {
        self.filter.as_ref().or(self.order_by.as_ref()).or(self.limit.as_ref())
    }
}

/// Prints the expansion.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let record = Record::parse(input, "projection", &mut errors);
    let origins =
        record.iter().flat_map(|it| &it.fields).map(|it| origin(it, &mut errors)).collect::<Vec<_>>();
    match (errors.finish(), record) {
        (Ok(()), Some(record)) => expand(&record, &origins),
        (Err(error), _) => error.to_compile_error(),
        (Ok(()), None) => TokenStream::new(),
    }
}

fn origin(field: &Field<'_>, errors: &mut Errors) -> Origin {
    let mut path: Option<Setting<Vec<Ident>>> = None;
    let mut column: Option<Setting<Expr>> = None;
    let mut expression: Option<Setting<Expr>> = None;
    let mut wanted = Wanted::default();
    for attr in &field.attrs {
        items(attr, errors, |key, input| match key.to_string().as_str() {
            "path" => value_with(&mut path, key, input, "owner.email", dotted),
            "column" => {
                value_with(&mut column, key, input, "Document::TIMESTAMPS.created_at", |input| input.parse())
            }
            "expr" => {
                value_with(&mut expression, key, input, "func::count(Document::ID)", |input| input.parse())
            }
            "filter" => {
                value_with(&mut wanted.filter, key, input, "Comment::LIKES.gt(0)", |input| input.parse())
            }
            "order_by" => {
                value_with(&mut wanted.order_by, key, input, "Comment::ID.desc()", |input| input.parse())
            }
            "limit" => value_with(&mut wanted.limit, key, input, "3", |input| input.parse()),
            _ => Err(KEYS.refuse(&key)),
        });
    }
    if let Some(setting) = wanted.any() {
        let name = match path {
            None if expression.is_none() => field.ident.clone(),
            Some(mut path) if path.value.len() == 1 && expression.is_none() => path.value.remove(0),
            _ => {
                let message = format!("`{}` is about a list: a `Vec` of projections", setting.key);
                errors.at(setting.span(), message);
                field.ident.clone()
            }
        };
        return Origin::List(name, Box::new(wanted));
    }
    if let Some(column) = column {
        if path.is_some() || expression.is_some() {
            errors.at(column.span(), "a field has a `path`, a `column` or an `expr`, and one of them only");
        }
        return Origin::Column(column.value);
    }
    match (path, expression) {
        (Some(_), Some(expression)) => {
            errors.at(expression.span(), "a field has a `path` or an `expr`, not both");
            Origin::Field(field.ident.clone())
        }
        (None, Some(expression)) => Origin::Expression(expression.value),
        (Some(mut path), None) if path.value.len() == 1 => Origin::Field(path.value.remove(0)),
        (Some(path), None) => Origin::Path(path.value),
        (None, None) => Origin::Field(field.ident.clone()),
    }
}

/// Reads `owner.email`.
fn dotted(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    let path = Punctuated::<Ident, Token![.]>::parse_separated_nonempty_with(input, Ident::parse_any)?;
    Ok(path.into_iter().collect())
}

fn expand(record: &Record<'_>, origins: &[Origin]) -> TokenStream {
    let Record { ident, generics, entity, fields } = record;
    if !generics.params.is_empty() {
        return syn::Error::new_spanned(generics, "a projection owns what it reads: it has no lifetimes")
            .to_compile_error();
    }
    let all = || fields.iter().zip(origins);
    let name = ident.unraw().to_string();
    // What is wrong with a field is said once, at its constant.
    let parts = all().filter_map(|(field, origin)| {
        let (part, ty, constant) = (part(field), field.ty, origin.constant(entity)?);
        let value = quote_spanned!(ty.span()=> __a::part(&#constant, #constant.index()));
        Some(quote!(const #part: __a::Part<#entity, #ty> = #value;))
    });
    let of_parts: Vec<Ident> =
        all().filter(|(_, origin)| origin.constant(entity).is_some()).map(|(field, _)| part(field)).collect();
    let plain = fields.len() - of_parts.len();
    let viewable = !origins.iter().any(|it| matches!(it, Origin::Expression(_) | Origin::List(..)));
    let describe = all().map(|(field, origin)| describe(entity, field, origin));
    let read = all().map(|(field, origin)| {
        let (ident, name) = (field.ident, field.ident.unraw().to_string());
        match origin {
            Origin::Field(_) | Origin::Column(_) | Origin::List(..) => {
                let part = part(field);
                quote!(#ident: #part.read(row, #name)?)
            }
            Origin::Path(_) | Origin::Expression(_) => quote!(#ident: row.value(#name)?),
        }
    });
    let fill = all().filter(|(_, origin)| origin.constant(entity).is_some()).map(|(field, _)| {
        let (ident, part) = (field.ident, part(field));
        quote!(#part.fill(&mut self.#ident, children)?;)
    });
    let view = all().map(|(field, origin)| view(field, origin));
    let loads = all().map(|(field, origin)| match origin {
        Origin::Field(_) | Origin::Column(_) | Origin::List(..) => {
            let part = part(field);
            quote!(#part.loads(loads);)
        }
        Origin::Path(path) => {
            let relations = path[..path.len() - 1].iter().map(|it| it.unraw().to_string());
            quote!(loads.path(&[#(#relations),*]);)
        }
        Origin::Expression(_) => TokenStream::new(),
    });
    Record::hidden(&[quote! {
        #(#parts)*

        #[automatically_derived]
        impl __a::Projection for #ident {
            type Entity = #entity;

            const NAME: &'static str = #name;
            const WIDTH: usize = #plain #(+ #of_parts.width)*;
            const COLLECTIONS: usize = 0 #(+ #of_parts.collections)*;
            const VIEWABLE: bool = #viewable #(&& #of_parts.viewable)*;

            fn describe(plan: &mut __a::Plan<'_>) {
                #(#describe)*
            }

            fn read(row: &mut __a::RowReader<'_>) -> __a::Result<Self> {
                __a::Ok(Self { #(#read,)* })
            }

            fn fill(&mut self, children: &mut __a::Children<'_>) -> __a::Result<()> {
                #(#fill)*
                __a::Ok(())
            }

            fn loads(loads: &mut __a::Loads) {
                #(#loads)*
                let _ = loads;
            }

            fn read_view(view: <#entity as __a::Entity>::View<'_>) -> __a::Result<Self> {
                #[allow(unused_imports)]
                use __a::FollowThere as _;
                let lens = <#entity as __a::Entity>::lens(&view);
                let view = <#entity as __a::Entity>::view(lens);
                let _ = &view;
                __a::Ok(Self { #(#view,)* })
            }
        }
    }])
}

/// The constant that says where a field is read from.
fn part(field: &Field<'_>) -> Ident {
    format_ident!("__PART_{}", field.ident.unraw().to_string().to_uppercase())
}

fn describe(entity: &syn::Path, field: &Field<'_>, origin: &Origin) -> TokenStream {
    let ty = field.ty;
    match origin {
        Origin::Field(_) | Origin::Column(_) => {
            let part = part(field);
            quote!(#part.describe(plan);)
        }
        Origin::Path(path) => {
            let names = path.iter().map(|it| it.unraw().to_string());
            quote_spanned!(ty.span()=> plan.path::<#ty>(&[#(#names),*]);)
        }
        Origin::Expression(expression) => {
            quote_spanned!(expression.span()=> plan.expression::<#ty>(#expression);)
        }
        Origin::List(name, wanted) => {
            let Wanted { filter, order_by, limit } = &**wanted;
            let (part, list) = (part(field), constant(entity, name));
            let filter = filter.iter().map(
                |Setting { value, .. }| quote_spanned!(value.span()=> plan.narrow(#list).filter(#value);),
            );
            let order_by = order_by.iter().map(
                |Setting { value, .. }| quote_spanned!(value.span()=> plan.narrow(#list).order_by(#value);),
            );
            let limit = limit.iter().map(
                |Setting { value, .. }| quote_spanned!(value.span()=> plan.narrow(#list).limit(#value);),
            );
            quote!(#part.describe(plan); #(#filter)* #(#order_by)* #(#limit)*)
        }
    }
}

fn view(field: &Field<'_>, origin: &Origin) -> TokenStream {
    let ident = field.ident;
    match origin {
        Origin::Field(_) | Origin::Column(_) => {
            let part = part(field);
            quote!(#ident: #part.view(lens)?)
        }
        // Here the compiler checks the path: its fields and their types.
        Origin::Path(path) => {
            let value = follow(path, field);
            quote!(#ident: #value)
        }
        Origin::Expression(_) | Origin::List(..) => quote!(#ident: __a::only_a_database()),
    }
}

/// Prints `view.owner()?.email`, whatever of it may be missing.
fn follow(path: &[Ident], field: &Field<'_>) -> TokenStream {
    let (column, relations) = path.split_last().expect("a path has a last field");
    let innermost = quote_spanned!(column.span()=> __a::Clone::clone(&view.#column));
    let value = relations.iter().rev().enumerate().fold(innermost, |within, (depth, relation)| {
        let within = if depth == 0 { quote!(__a::Ok(#within)) } else { within };
        quote_spanned!(relation.span()=> __a::Step(view.#relation()?).follow(|view| #within))
    });
    let ty = field.ty;
    quote_spanned!(ty.span()=> __a::Widen::<#ty>::widen(#value?))
}
