//! What the macro understands.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse_quote;

use crate::errors::Errors;
use crate::model::{Column, Entity, NoKey, Written};
use crate::self_type;

fn parse(input: TokenStream) -> Entity {
    let mut errors = Errors::default();
    let input = self_type::parse(input).expect("it is a struct");
    let entity = Entity::parse(&input, &mut errors);
    errors.finish().expect("nothing is wrong");
    entity
}

/// Returns the fields of the columns that something is true for.
fn fields(entity: &Entity, is: impl Fn(&Column) -> bool) -> Vec<String> {
    entity.columns.iter().filter(|it| is(it)).map(|it| it.field.clone()).collect()
}

#[test]
fn a_table_is_named_like_the_struct_in_snake_case() {
    for (name, table) in
        [("User", "user"), ("ApiKey", "api_key"), ("HTTPServer", "http_server"), ("Utf8", "utf8")]
    {
        let ident = quote::format_ident!("{name}");
        assert_eq!(parse(quote!(struct #ident { id: i64 })).table(), table);
    }
}

#[test]
fn a_type_is_seen_through_option_paths_and_brackets() {
    let written = |ty: syn::Type| Written::of(&ty);
    let text = |optional| Written { optional, name: Some("String".to_owned()) };
    assert_eq!(written(parse_quote!(String)), text(false));
    assert_eq!(written(parse_quote!(std::string::String)), text(false));
    assert_eq!(written(parse_quote!(std::option::Option<(String)>)), text(true));
    assert_eq!(written(parse_quote!(Vec<u8>)).name, None);
}

#[test]
fn relations_and_columns_are_told_apart_by_their_types() {
    let entity = parse(quote! {
        struct Document {
            id: i64,
            owner: aludel::BelongsTo<models::User>,
            title: String,
            chunks: HasMany<Self>,
        }
    });
    assert_eq!(fields(&entity, |_| true), ["id", "title"]);
    let relations =
        entity.relations.iter().map(|it| (it.constant.to_string(), it.kind.name(), it.target_name.as_str()));
    let expected = [("OWNER".to_owned(), "BelongsTo", "User"), ("CHUNKS".to_owned(), "HasMany", "Document")];
    assert!(relations.eq(expected));
    assert_eq!(entity.relations[1].target.to_token_stream().to_string(), quote!(Document).to_string());
}

#[test]
fn a_builder_needs_the_plain_columns_that_nothing_else_gives() {
    let entity = parse(quote! {
        struct Document {
            #[column(primary_key)] id: i64,
            title: String,
            subtitle: Option<String>,
            #[column(foreign_key = User::ID)] owner_id: i64,
            #[column(default = 1)] version: i64,
            #[column(server_default = now())] created_at: Instant,
            size: i64,
        }
    });
    assert_eq!(fields(&entity, |it| entity.is_required(it)), ["title", "size"]);
    assert_eq!(fields(&entity, |it| entity.is_generated(it)), ["id"]);
}

#[test]
fn the_key_of_a_relation_is_the_only_column_that_refers_to_the_other_entity() {
    let entity = parse(quote! {
        struct Document {
            #[column(foreign_key = models::User::ID)] owner_id: i64,
            #[column(foreign_key = Self::ID)] parent_id: i64,
            #[column(foreign_key = Shelf::ID)] shelf_id: i64,
            #[column(foreign_key = Shelf::ID)] other_shelf_id: i64,
            owner: BelongsTo<User>,
            parent: BelongsTo<Document>,
            shelf: BelongsTo<Shelf>,
            #[relation(foreign_key = other_shelf_id)] other_shelf: BelongsTo<Shelf>,
            room: BelongsTo<Room>,
            #[relation(foreign_key = nothing)] nothing: BelongsTo<Room>,
        }
    });
    let keys: Vec<Result<String, NoKey>> =
        entity.relations.iter().map(|it| entity.key_of(it).map(|it| it.field.clone())).collect();
    let several = NoKey::Several(vec!["shelf_id".to_owned(), "other_shelf_id".to_owned()]);
    let ok = |field: &str| Ok(field.to_owned());
    let expected = [
        ok("owner_id"),
        ok("parent_id"),
        Err(several),
        ok("other_shelf_id"),
        Err(NoKey::Missing),
        Err(NoKey::NoSuchField),
    ];
    assert_eq!(keys, expected);
}
