//! The table as a constant: columns, keys, constraints, relations.

mod constraint;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, LitStr};

use super::groups;
use crate::attr::{ServerDefaultKind, Setting};
use crate::model::{Column, Entity, Kind, Relation};
use crate::print::{Piece, each, index, start};

/// The table of an entity, in two parts.
pub(super) struct Table<L, T> {
    /// Its lists. They are statics: as temporaries of one constant they take the compiler several times as long, and as constants of their
    /// own one mistake is three messages.
    pub(super) lists: L,
    /// The `&TableMeta`.
    pub(super) table: T,
}

/// Describes the table of an entity.
pub(super) fn table(entity: &Entity) -> Table<impl ToTokens, impl ToTokens> {
    let attr = &entity.attr;
    let (name, table) = (entity.name(), entity.table());
    let columns = Piece::new(|out| {
        let columns = entity.columns.iter().map(|it| column(entity, it));
        if entity.groups.is_empty() {
            let (number, columns) = (index(entity.columns.len()), each(columns.map(|it| piece!(#it,))));
            print_tokens!(out, static __COLUMNS: [__a::ColumnMeta; #number] = [#columns];);
        } else {
            groups::joined(entity, columns).to_tokens(out);
        }
    });
    let relations = (!entity.relations.is_empty()).then(|| {
        let number = index(entity.relations.len());
        let relations = each(entity.relations.iter().map(|it| relation(entity, it)).map(|it| piece!(#it,)));
        piece!(static __RELATIONS: [__a::RelationMeta; #number] = [#relations];)
    });
    let all_relations = if entity.relations.is_empty() { quote!(&[]) } else { quote!(&__RELATIONS) };
    let uniques = attr.uniques.iter().map(|it| constraint::unique(entity, it));
    let indexes = attr.indexes.iter().map(|it| constraint::index(entity, it));
    let foreign_keys = attr.foreign_keys.iter().map(|it| constraint::foreign_key(entity, it));
    let checks = attr.checks.iter().map(|it| {
        let (name, condition) = (it.name.as_ref().map(LitStr::value).unwrap_or_default(), &it.condition);
        quote!((#name, #condition))
    });
    let excludes = attr.excludes.iter().map(|it| {
        let (name, definition) = (&it.name, &it.definition);
        quote!((#name, #definition))
    });
    let options = attr.options.iter().map(constraint::option);
    let lists = [
        list("uniques", uniques),
        list("indexes", indexes),
        list("foreign_keys", foreign_keys),
        list("checks", checks),
        list("excludes", excludes),
        list("options", options),
    ];
    let texts = [("schema", &attr.schema), ("comment", &attr.comment), ("renamed_from", &attr.renamed_from)];
    let texts = texts.into_iter().filter_map(|(name, it)| {
        let (name, value) = (format_ident!("{name}"), text(it.as_ref()?));
        Some(quote!(#name: #value,))
    });
    let soft_delete = attr.soft_delete.as_ref().map(|it| {
        let (of, field) = &it.value;
        let of = of.as_ref().and_then(|of| entity.group(of));
        let (column, span) = match (of, entity.column(field)) {
            (Some(group), _) => {
                let group = constant(entity, &group.constant, field.span());
                (quote_spanned!(field.span()=> #group.#field), field.span())
            }
            (None, Some(column)) => (constant(entity, &column.constant, column.ty_span), column.ty_span),
            (None, None) => return TokenStream::new(),
        };
        quote_spanned!(span=> static __SOFT_DELETE: __a::Option<usize> = __a::soft_delete(#column);)
    });
    let is_deleted = soft_delete.as_ref().map(|_| quote!(soft_delete: __SOFT_DELETE,));
    let ddl = attr.ddl.as_ref().map(|it| {
        let make = &it.value;
        quote_spanned!(make.span()=> ddl: __a::Some(#make),)
    });
    let usual = piece!(__a::table(#name, #table, &__COLUMNS, #all_relations));
    let settings = quote!(#(#lists)* #(#texts)* #ddl #is_deleted);
    let table = Piece::new(move |out| {
        if settings.is_empty() {
            usual.to_tokens(out);
        } else {
            print_tokens!(out, __a::TableMeta { #settings ..#usual });
        }
    });
    Table { lists: piece!(#columns #relations #soft_delete), table: piece!(&#table) }
}

/// Prints `Document::TITLE` at a place.
fn constant(entity: &Entity, constant: &Ident, at: Span) -> TokenStream {
    let [this, constant] = [&entity.ident, constant].map(|it| {
        let mut it = it.clone();
        it.set_span(it.span().located_at(at));
        it
    });
    quote_spanned!(at=> #this::#constant)
}

/// Prints a field of the table that is not empty.
fn list(name: &str, items: impl Iterator<Item = TokenStream>) -> TokenStream {
    let items: Vec<TokenStream> = items.collect();
    if items.is_empty() {
        return TokenStream::new();
    }
    let name = format_ident!("{name}");
    quote!(#name: &[#(#items),*],)
}

/// Prints `column::<String>("title")`, and a call for each attribute.
pub(super) fn column(entity: &Entity, column: &Column) -> impl ToTokens {
    let (attr, ty) = (&column.attr, &column.ty);
    let field = &column.field;
    let named = attr.name.as_ref().map(|it| {
        let name = &it.value;
        piece!(.named(#name))
    });
    let length = attr.length.as_ref().map(|it| {
        let length = it.value;
        piece!(.length(#length))
    });
    let numeric = attr.precision.as_ref().map(|it| {
        let (precision, scale) = (it.value, attr.scale.as_ref().map_or(0, |it| it.value));
        piece_at!(it.span()=> .numeric(#precision, #scale))
    });
    let deferred = column.deferred.then(|| piece!(.deferred()));
    let primary_key = attr.primary_key.as_ref().map(|_| piece!(.primary_key()));
    let generated = entity.is_generated(column).then(|| piece!(.generated()));
    let unique = attr.unique.as_ref().map(|_| piece!(.unique()));
    let index = attr.index.as_ref().map(|_| piece!(.index()));
    let foreign_key = attr.foreign_key.as_ref().map(|it| {
        let parent = &it.value;
        piece_at!(start(parent)=> .foreign_key(#parent))
    });
    let actions = [("on_delete", &attr.on_delete), ("on_update", &attr.on_update)].into_iter();
    let actions = each(actions.filter_map(|(method, it)| {
        let (variant, method) = (&it.as_ref()?.value.variant, format_ident!("{method}"));
        Some(piece!(.#method(__a::ReferentialAction::#variant)))
    }));
    let server_default = attr.server_default.as_ref().map(|it| {
        let is_now = matches!(it.value.kind, ServerDefaultKind::Now);
        let now = is_now.then(|| piece!(.now()));
        let other = (!is_now).then(|| {
            let default = server_default(&it.value.kind);
            piece!(.server_default(#default))
        });
        piece!(#now #other)
    });
    let counted = attr.identity.as_ref().map(|it| constraint::identity(&it.value));
    let deferrable = attr.deferrable.as_ref().map(|it| {
        let variant = &it.value.0;
        piece!(.deferrable(__a::Deferrable::#variant))
    });
    let onupdate = attr.onupdate.as_ref().map(|it| {
        let value = &it.value;
        piece_at!(value.span()=> .onupdate(|| __a::made::<#ty>(#value)))
    });
    let version = attr.version.as_ref().map(|it| piece_at!(it.span()=> .version()));
    let validate = attr.validate.as_ref().map(|it| validate(column, &it.value));
    let computed = attr.computed.as_ref().map(|it| {
        let (sql, stored) = (&it.value, attr.persisted.as_ref().is_none_or(|it| it.value.value));
        piece!(.computed(#sql, #stored))
    });
    let options = (!attr.options.is_empty()).then(|| {
        let options = each(attr.options.iter().map(constraint::option).map(|it| piece!(#it,)));
        piece!(.options(&[#options]))
    });
    let texts = [
        ("declared_type", &attr.declared_type),
        ("check", &attr.check),
        ("collation", &attr.collation),
        ("comment", &attr.comment),
        ("renamed_from", &attr.renamed_from),
    ];
    let texts = each(texts.into_iter().filter_map(|(method, it)| {
        let (text, method) = (&it.as_ref()?.value, format_ident!("{method}"));
        Some(piece!(.#method(#text)))
    }));
    // What is wrong with the type is said where the type stands.
    let column = piece_at!(column.ty_span=> __a::column::<#ty>(#field));
    piece! {
        #column #named #length #numeric #deferred #primary_key #generated #unique #index #counted #foreign_key #actions #deferrable
            #server_default #onupdate #version #validate #computed #options #texts .meta
    }
}

/// Prints the call of a validator. NULL is not shown to it: whether there may be one is the type's to say.
fn validate(column: &Column, check: &Expr) -> TokenStream {
    let ty = &column.ty;
    let span = check.span();
    let check = if matches!(check, Expr::Path(_)) { quote!(#check) } else { quote!((#check)) };
    // A call lets `&String` be a `&str`.
    let shown = if column.written.optional {
        quote_spanned!(span=> match value { __a::Some(value) => #check(value), __a::None => __a::Ok(()) })
    } else {
        quote_spanned!(span=> #check(value))
    };
    quote_spanned!(span=> .validate(|field| __a::checked(field, |value: &#ty| #shown)))
}

pub(crate) fn server_default(default: &ServerDefaultKind) -> TokenStream {
    match default {
        ServerDefaultKind::Now => quote!(__a::ServerDefault::Now),
        ServerDefaultKind::Text(text) => quote!(__a::ServerDefault::Text(#text)),
        ServerDefaultKind::Int(number) => quote!(__a::ServerDefault::Int(#number)),
        ServerDefaultKind::Bool(value) => quote!(__a::ServerDefault::Bool(#value)),
        ServerDefaultKind::Sql(sql) => quote!(__a::ServerDefault::Sql(#sql)),
    }
}

/// Prints `has_many(User::DOCUMENTS, "documents")`, and a call for each attribute.
fn relation(entity: &Entity, relation: &Relation) -> impl ToTokens {
    let attr = &relation.attr;
    let field = &relation.field;
    let key = match relation.kind {
        Kind::BelongsTo => None,
        Kind::HasMany if attr.secondary.is_some() => attr.secondary.as_ref().map(|it| {
            let table = &it.value;
            match attr.foreign_key.as_ref().and_then(|it| it.value.get_ident()) {
                None => quote_spanned!(table.span()=> .secondary(#table)),
                Some(column) => {
                    let name = column.unraw().to_string();
                    let local = quote_spanned!(column.span()=> __a::column_of(#table, #name));
                    // Seen from one side as from the other, where both are the same entity.
                    let side = (relation.target_name == entity.name()).then(|| {
                        let this = &entity.ident;
                        quote!(::<#this, #this, __a::Forward>)
                    });
                    quote_spanned!(table.span()=> .secondary_by #side (#table, #local))
                }
            }
        }),
        Kind::HasOne | Kind::HasMany => attr.foreign_key.as_ref().map(|it| {
            let column = &it.value;
            quote_spanned!(column.span()=> .foreign_key(#column))
        }),
    };
    let inverse = attr.back_populates.as_ref().map(|it| {
        let back = &it.value;
        piece_at!(start(back)=> .back(#back))
    });
    let one_way = inverse.is_none().then(|| piece!(.meta));
    let cascade = attr.cascade.as_ref().map(|it| {
        let (first, more) = it.value.constants.split_first().expect("a cascade has a word");
        quote!(.cascade(__a::Cascade::#first #(.and(__a::Cascade::#more))*))
    });
    let passive_deletes = attr.passive_deletes.as_ref().map(|_| piece!(.passive_deletes()));
    let order_by = attr.order_by.as_ref().map(|it| {
        let keys = &it.value;
        quote_spanned!(keys.span()=> .order_by(|| {
            #[allow(unused_imports)]
            use __a::Expression as _;
            __a::order(#keys)
        }))
    });
    let flags =
        [("post_update", &attr.post_update), ("viewonly", &attr.viewonly), ("write_only", &attr.write_only)];
    let flags = flags.into_iter().filter(|(_, it)| it.is_some()).map(|(method, _)| format_ident!("{method}"));
    let load = attr.load.as_ref().map(|it| {
        let strategy = &it.value;
        piece!(.load(__a::LoadStrategy::#strategy))
    });
    let kind = match relation.kind {
        Kind::BelongsTo => "belongs_to",
        Kind::HasOne => "has_one",
        Kind::HasMany if attr.secondary.is_some() => "many_to_many",
        Kind::HasMany => "has_many",
    };
    // What is wrong with the type is said where the type stands.
    let (kind, of) =
        (Ident::new(kind, relation.ty_span), constant(entity, &relation.constant, relation.ty_span));
    let own_key =
        (relation.kind == Kind::BelongsTo).then(|| entity.key_of(relation).ok()).flatten().map(|it| {
            let key = constant(entity, &it.constant, Span::call_site());
            quote!(, #key)
        });
    let relation = piece_at!(relation.ty_span=> __a::#kind(#of, #field #own_key));
    let flags = each(flags.map(|it| piece!(.#it())));
    piece!(#relation #key #cascade #passive_deletes #order_by #flags #load #inverse #one_way)
}

fn text(setting: &Setting<LitStr>) -> TokenStream {
    let text = &setting.value;
    quote!(__a::Some(#text))
}
