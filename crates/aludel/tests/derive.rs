//! What `#[derive(Entity)]` gives.
//!
//! The lints are those that a careful program switches on: nothing of the expansion may trip them.
#![deny(warnings, missing_docs, missing_debug_implementations, missing_copy_implementations, unreachable_pub)]
#![deny(
    unused_qualifications,
    elided_lifetimes_in_paths,
    single_use_lifetimes,
    unused_lifetimes,
    clippy::pedantic
)]

use aludel::derive::{ReferentialAction, RelationRef, ServerDefault, TableMeta, ToMany, ToOne};
use aludel::prelude::*;
use aludel::schema::Table;
use aludel::{Bind, Column, ColumnType, Insertable, Mapped, Mismatch, Related, SqlType, ValueRef};

/// Who writes.
#[derive(Entity, Debug)]
#[entity(table = "users", comment = "who writes")]
pub struct User {
    /// The key.
    #[column(primary_key)]
    pub id: i64,
    /// The address.
    #[column(length = 255, unique)]
    pub email: String,
    /// The name.
    #[column(length = 100, collation = "NOCASE")]
    pub name: Option<String>,
    /// What the user wrote.
    #[relation(back_populates = Document::OWNER)]
    pub documents: HasMany<Document>,
    /// The documents that the user reviews: the other side has no name.
    #[relation(foreign_key = Document::REVIEWER_ID)]
    pub reviews: HasMany<Document>,
    /// The picture.
    #[relation(back_populates = Portrait::USER)]
    pub portrait: HasOne<Portrait>,
}

/// What is written.
#[derive(Entity, Debug)]
#[entity(table = "documents", schema = "library", unique(owner_id, title), index(title, created_at))]
#[entity(checks("length(title) > 0", name = "title", "views >= 0"))]
pub struct Document {
    /// The key.
    #[column(primary_key)]
    pub id: i64,
    /// The title.
    #[column(length = 200)]
    pub title: String,
    /// The text.
    pub body: String,
    /// The key of the owner.
    #[column(foreign_key = User::ID, on_delete = "cascade", index)]
    pub owner_id: i64,
    /// Who wrote it; relations and columns may be mixed.
    #[relation(back_populates = User::DOCUMENTS, foreign_key = owner_id)]
    pub owner: BelongsTo<User>,
    /// The key of the reviewer.
    #[column(foreign_key = User::ID, on_delete = "set null", on_update = "Restrict")]
    pub reviewer_id: Option<i64>,
    /// Who reviews it.
    #[relation(foreign_key = reviewer_id)]
    pub reviewer: BelongsTo<User>,
    /// When it was written.
    #[column(server_default = now(), name = "made_at")]
    pub created_at: Instant,
    /// How often it was read.
    #[column(server_default = -1, check = "views >= -1")]
    pub views: i32,
    /// The language.
    #[column(default = "en", comment = "ISO 639-1")]
    pub language: String,
}

/// A picture of a user: its key is that of the user.
#[derive(Entity, Debug)]
pub struct Portrait {
    /// The key, and whose picture it is.
    #[column(primary_key, foreign_key = User::ID)]
    pub user_id: i64,
    /// Whose picture it is.
    #[relation(back_populates = User::PORTRAIT)]
    pub user: BelongsTo<User>,
}

/// A type of the program's own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instant(i64);

impl ColumnType for Instant {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Timestamp;

    fn unset() -> Self {
        Self(0)
    }
    fn encode(&self) -> Bind<'_> {
        ColumnType::encode(&self.0)
    }
    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        i64::decode(cell).map(Self)
    }
}

/// What the session's `add` looks like: the entity is found by what is given.
fn add<E: Entity>(new: impl Related<E>) -> &'static str {
    drop(new);
    E::TABLE.entity
}

/// Returns the names of the columns that a builder was given.
fn given<E: Mapped>(row: impl Insertable<E>) -> Vec<&'static str> {
    row.into_new_row().given.iter().map(|it| E::TABLE.columns[it].field).collect()
}

#[test]
fn a_table_has_the_columns_of_the_struct_in_their_order() {
    let table = <Document as Mapped>::TABLE;
    assert_eq!((table.entity, table.name, table.schema), ("Document", "documents", Some("library")));
    let fields: Vec<&str> = table.columns.iter().map(|it| it.field).collect();
    let expected = ["id", "title", "body", "owner_id", "reviewer_id", "created_at", "views", "language"];
    assert_eq!(fields, expected);
    assert_eq!(<Portrait as Mapped>::TABLE.name, "portrait");
}

#[test]
fn constants_name_the_columns_and_the_relations() {
    assert_eq!(Document::CREATED_AT.meta().name, "made_at");
    assert_eq!(Document::LANGUAGE.index(), 7);
    assert_eq!(format!("{:?}", Document::REVIEWER), "Document.reviewer");
    let _: Column<Document, Option<i64>> = Document::REVIEWER_ID;
    let _: ToMany<User, Document> = User::DOCUMENTS;
    let _: ToOne<User, Portrait> = User::PORTRAIT;
}

#[test]
fn attributes_of_columns_reach_the_table() {
    let [id, title, _, owner, reviewer, created, views, language] = <Document as Mapped>::TABLE.columns
    else {
        panic!("eight columns")
    };
    assert!(id.primary_key && id.generated && !title.primary_key && !title.generated);
    assert_eq!(title.sql_type, SqlType::Varchar(200));
    assert!(owner.index && !owner.nullable && reviewer.nullable && !reviewer.index);
    assert_eq!(created.server_default, Some(ServerDefault::Now));
    assert_eq!((&views.server_default, views.check), (&Some(ServerDefault::Int(-1)), Some("views >= -1")));
    assert_eq!((&language.server_default, language.comment), (&None, Some("ISO 639-1")));

    let [_, email, name] = <User as Mapped>::TABLE.columns else { panic!("three columns") };
    assert!(email.unique && !name.unique && name.nullable);
    assert_eq!((name.sql_type, name.collation), (SqlType::Varchar(100), Some("NOCASE")));
}

#[test]
fn foreign_keys_name_the_other_column_and_what_happens_to_it() {
    let owner = Document::OWNER_ID.meta().foreign_key.expect("a key");
    assert_eq!(((owner.table)().entity, owner.column), ("User", 0));
    assert_eq!((owner.on_delete, owner.on_update), (ReferentialAction::Cascade, ReferentialAction::NoAction));
    let reviewer = Document::REVIEWER_ID.meta().foreign_key.expect("a key");
    assert_eq!(
        (reviewer.on_delete, reviewer.on_update),
        (ReferentialAction::SetNull, ReferentialAction::Restrict)
    );
}

#[test]
fn both_sides_of_a_relation_find_the_same_key() {
    let link = |from: &'static TableMeta, at: usize| {
        let link = from.relations[at].link(from).expect("a link");
        (link.local, link.remote)
    };
    let (user, document) = (<User as Mapped>::TABLE, <Document as Mapped>::TABLE);
    assert_eq!(link(document, Document::OWNER.index()), (3, 0));
    assert_eq!(link(user, User::DOCUMENTS.index()), (0, 3));
    assert_eq!(link(document, Document::REVIEWER.index()), (4, 0));
    assert_eq!(link(user, User::REVIEWS.index()), (0, 4));
    assert_eq!(link(user, User::PORTRAIT.index()), (0, 0));
    assert_eq!(Document::OWNER.meta().inverse, Some(User::DOCUMENTS.index()));
    assert_eq!(Document::REVIEWER.meta().inverse, None);
}

#[test]
fn the_schema_object_has_all_constraints() {
    let table: Table = Document::table();
    assert_eq!(table.primary_key.columns, ["id"]);
    assert_eq!(table.uniques[0].columns, ["owner_id", "title"]);
    let indexes: Vec<_> = table.indexes.iter().map(|it| it.columns().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(indexes, ["owner_id", "title made_at"]);
    let checks: Vec<&str> = table.checks.iter().map(|it| it.condition.as_str()).collect();
    assert_eq!(checks, ["views >= -1", "length(title) > 0", "views >= 0"]);
    assert_eq!(table.checks[1].name, "ck_documents_title");
    assert_eq!(table.foreign_keys.len(), 2);
    assert_eq!(User::table().comment.as_deref(), Some("who writes"));
}

#[test]
fn a_builder_knows_what_it_was_given() {
    let row = Document::builder().body("…").title("Plan").owner_id(3).into_new_row();
    assert_eq!((row.object.title.as_str(), row.object.body.as_str(), row.object.owner_id), ("Plan", "…", 3));
    assert_eq!((row.object.id, row.object.reviewer_id, row.needs_session), (0, None, None));
    assert_eq!(given(Document::builder().title("Plan").body("…")), ["title", "body", "language"]);
    assert_eq!(given(User::builder().email("ann@example.com").name("Ann").id(7)), ["id", "email", "name"]);
}

#[test]
fn a_default_of_the_client_is_given_and_can_be_replaced() {
    let draft = || Document::builder().title("Plan").body("…");
    assert_eq!(draft().into_new_row().object.language, "en");
    assert_eq!(draft().language("fr").into_new_row().object.language, "fr");
}

#[test]
fn a_row_with_a_related_object_needs_a_session() {
    let owner = User::builder().email("ann@example.com");
    let row = Document::builder().title("Plan").body("…").owner(owner).into_new_row();
    assert_eq!(row.needs_session, Some("owner"));
}

#[test]
fn drafts_nest_and_say_what_they_build() {
    let documents =
        [Document::builder().title("a").body("b"), Document::builder().body("c").title("d").owner_id(1)];
    let user = User::builder().documents(documents).portrait(Portrait::builder()).email("ann@example.com");
    assert_eq!(add(user), "User");
    assert_eq!(insert(Portrait).values([Portrait::builder().user_id(1)]).into_rows().len(), 1);
}

#[test]
fn fields_are_found_by_index() {
    let mut row = User::builder().email("ann@example.com").into_new_row();
    row.object.field_mut(User::ID.index()).assign(ValueRef::Int(5)).expect("an integer");
    assert_eq!(row.object.id, 5);
    assert!(row.object.field(User::EMAIL.index()).same(&"ann@example.com".to_owned()));
    assert!(matches!(row.object.relation(User::DOCUMENTS.index()), RelationRef::Many(_)));
    assert!(matches!(row.object.relation(User::PORTRAIT.index()), RelationRef::One(_)));
}

#[test]
#[should_panic(expected = "`Portrait` has no column 1")]
fn an_index_of_no_column_is_refused_by_name() {
    let _ = Portrait::builder().into_new_row().object.field(1);
}

#[test]
#[should_panic(expected = "`Portrait` has no relation 1")]
fn an_index_of_no_relation_is_refused_by_name() {
    let _ = Portrait::builder().into_new_row().object.relation(1);
}

#[test]
fn an_integer_key_is_generated_unless_something_else_gives_it() {
    #[derive(Entity)]
    struct Given {
        #[column(primary_key, autoincrement = false)]
        id: i64,
    }

    #[derive(Entity)]
    struct Pair {
        #[column(primary_key)]
        left: i64,
        #[column(primary_key, autoincrement = false)] // said, though nothing else is possible
        right: i64,
    }

    #[derive(Entity)]
    struct Named {
        #[column(primary_key)]
        name: String,
    }

    #[derive(Entity)]
    struct Chosen {
        #[column(primary_key, default = 7)]
        id: i64,
    }

    let generated = |table: &'static TableMeta| table.generated_key();
    assert_eq!(generated(<User as Mapped>::TABLE), Some(0));
    assert_eq!(generated(<Portrait as Mapped>::TABLE), None);
    assert_eq!(generated(<Given as Mapped>::TABLE), None);
    assert_eq!(generated(<Pair as Mapped>::TABLE), None);
    assert_eq!(generated(<Named as Mapped>::TABLE), None);
    assert_eq!(generated(<Chosen as Mapped>::TABLE), None);
    assert_eq!(given(Given::builder().id(1)), ["id"]);
    assert_eq!(given(Pair::builder().right(1).left(2)), ["left", "right"]);
    assert_eq!(given(Named::builder().name("a")), ["name"]);
    assert_eq!(given(Chosen::builder()), ["id"]);
}

#[test]
fn an_entity_may_be_local_private_and_lead_to_itself() {
    #[derive(Entity)]
    struct Node {
        #[column(primary_key)]
        id: i64,
        #[column(foreign_key = Self::ID)]
        parent_id: Option<i64>,
        #[relation(back_populates = Node::CHILDREN)]
        parent: BelongsTo<Self>,
        #[relation(back_populates = Node::PARENT)]
        children: HasMany<Node>,
    }

    let tree = Node::builder().children([Node::builder(), Node::builder().children([Node::builder()])]);
    assert_eq!(add(tree), "Node");
    assert_eq!(format!("{Node:?}"), "Node");
}

/// Names that the expansion must not trip over.
mod names {
    #![allow(clippy::module_inception)]
    use aludel::prelude::*;

    pub(crate) mod a {
        pub(crate) type Text = String;
    }

    /// Called like the builder, a state and a trait that the expansion uses.
    #[derive(Debug)]
    pub(crate) struct WordBuilder;
    #[derive(Debug)]
    pub(crate) struct Reader;
    #[derive(Debug)]
    pub(crate) struct Draft;

    #[derive(Entity, Debug)]
    pub(crate) struct Word {
        #[column(primary_key)]
        pub(super) id: i64,
        pub(super) r#type: a::Text,
        table: Option<String>,
        builder: Option<String>,
        column: Option<i32>,
        value: Option<bool>,
        reader: Option<f64>,
        index: Option<Vec<u8>>,
    }

    impl Word {
        pub(super) fn nothing(&self) -> (usize, WordBuilder, Reader, Draft) {
            let Self { table, builder, column, value, reader, index, .. } = self;
            let given = [table.is_some(), builder.is_some(), column.is_some(), value.is_some()];
            let more = [reader.is_some(), index.is_some()];
            (given.iter().chain(&more).filter(|it| **it).count(), WordBuilder, Reader, Draft)
        }
    }
}

#[test]
fn raw_and_common_names_are_fields_like_others() {
    use names::Word;

    let row = Word::builder()
        .r#type("noun")
        .table("t")
        .builder("b")
        .column(1)
        .value(true)
        .reader(0.5)
        .index(vec![1]);
    let row = row.into_new_row();
    assert_eq!((row.object.id, row.object.r#type.as_str(), row.object.nothing().0), (0, "noun", 6));
    assert_eq!((Word::TYPE.meta().name, Word::TABLE.meta().name), ("type", "table"));
    assert_eq!(Word::table().name, "word");
}

/// An entity whose parts come from a macro.
mod written_by_a_macro {
    use aludel::prelude::*;

    macro_rules! entity {
        ($vis:vis $name:ident { $($field:ident: $ty:ty),* } -> $parent:ty) => {
            #[derive(Entity, Debug)]
            $vis struct $name {
                #[column(primary_key)]
                id: i64,
                $($field: $ty,)*
                #[column(foreign_key = Shelf::ID)]
                shelf_id: i64,
                shelf: BelongsTo<$parent>,
            }
        };
    }

    #[derive(Entity, Debug)]
    struct Shelf {
        #[column(primary_key)]
        id: i64,
    }

    entity!(pub(super) Book { title: String, pages: Option<i32> } -> Shelf);

    #[test]
    fn it_is_like_others() {
        let book = Book::builder().title("Emma").pages(474).shelf(Shelf::builder()).into_new_row();
        assert_eq!((book.object.id, book.needs_session), (0, Some("shelf")));
        assert_eq!(
            (book.object.title.as_str(), book.object.pages, book.object.shelf_id),
            ("Emma", Some(474), 0)
        );
        assert!(!book.object.shelf.is_loaded() && Shelf::builder().into_new_row().object.id == 0);
    }
}

/// Fields of private types in a public entity.
mod privacy {
    use aludel::prelude::*;

    pub(crate) mod inner {
        use aludel::prelude::*;

        type Hidden = i32;

        #[derive(Entity, Debug)]
        pub(in crate::privacy) struct Secret {
            #[column(primary_key)]
            id: i64,
            hidden: Hidden,
        }

        impl Secret {
            pub(in crate::privacy) fn sum(&self) -> i64 {
                self.id + i64::from(self.hidden)
            }
        }
    }

    #[test]
    fn a_private_field_has_a_column() {
        let row = inner::Secret::builder().hidden(3).into_new_row();
        assert_eq!((row.object.sum(), inner::Secret::HIDDEN.index()), (3, 1));
    }
}

/// Navigation has the types that the keys say.
#[allow(dead_code, clippy::needless_pass_by_value)]
fn views_follow_relations(session: &Session, document: Obj<Document>) -> aludel::Result<()> {
    let view = session.view(document);
    let _: &Document = view.entity();
    let _: &str = &view.title;
    let _: &str = &view.owner()?.email;
    let _: Option<&str> = view.reviewer()?.as_ref().map(|it| it.email.as_str());
    let portrait = view.owner()?.portrait()?;
    let _: Option<i64> = portrait.map(|it| it.user_id);
    let titles: Vec<&str> = view.owner()?.documents()?.map(|it| it.entity().title.as_str()).collect();
    drop(titles);
    Ok(())
}

/// A view hides nothing of its object, whatever the lens between them can do.
pub mod hides_nothing {
    use super::*;

    /// A folder.
    #[derive(Entity, Clone, Debug)]
    pub struct Folder {
        /// The key.
        #[column(primary_key)]
        pub id: i64,
        /// When it was read.
        pub session: String,
    }

    impl Folder {
        fn to_one(&self) -> i64 {
            self.id
        }

        fn to_many(&self) -> &str {
            &self.session
        }
    }

    #[allow(dead_code)]
    fn a_view_is_read_as_its_object(session: &Session, folder: Obj<Folder>) {
        let view = session.view(folder);
        let _: &str = &view.session;
        let _: (i64, &str) = (view.to_one(), view.to_many());
        let _: Folder = view.clone();
        let _: i64 = Folder::to_one(&view);
        let _: &Folder = &view;
    }
}
