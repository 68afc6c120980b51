//! Schemas to compare: two that people would write, and random ones.

use aludel::schema::{
    Check, ColumnDef, Computed, Domain, ForeignKey, Identity, Index, IndexOf, IndexPart, Table, Type, Unique,
};
use aludel::{Metadata, SqlType};
use aludel_sql::{ReferentialAction, ServerDefault};
use proptest::prelude::*;

/// A table with a generated key `id`.
pub fn table(name: &str, columns: impl IntoIterator<Item = ColumnDef>) -> Table {
    let mut table = Table::new(name);
    let id = ColumnDef { identity: Some(Identity::default()), ..ColumnDef::new("id", SqlType::BigInt) };
    table.columns = std::iter::once(id).chain(columns).collect();
    table.primary_key.columns = vec!["id".to_owned()];
    table
}

pub fn column(name: &str, sql_type: impl Into<Type>) -> ColumnDef {
    ColumnDef::new(name, sql_type)
}

pub fn nullable(name: &str, sql_type: impl Into<Type>) -> ColumnDef {
    ColumnDef { nullable: true, ..ColumnDef::new(name, sql_type) }
}

pub fn foreign_key(table: &str, column: &str, parent: &str) -> ForeignKey {
    ForeignKey {
        name: format!("fk_{table}_{column}_{parent}"),
        columns: vec![column.to_owned()],
        parent: parent.to_owned(),
        parent_columns: vec!["id".to_owned()],
        ..ForeignKey::default()
    }
}

pub fn users() -> Table {
    let mut users =
        table("users", [column("email", SqlType::Varchar(255)), nullable("name", SqlType::Varchar(100))]);
    users.uniques.push(Unique::over("uq_users_email", ["email"]));
    users
}

pub fn documents() -> Table {
    let created =
        ColumnDef { server_default: Some(ServerDefault::Now), ..column("created_at", SqlType::Timestamp) };
    let mut documents = table(
        "documents",
        [column("title", SqlType::Varchar(200)), column("owner_id", SqlType::BigInt), created],
    );
    documents.foreign_keys.push(foreign_key("documents", "owner_id", "users"));
    documents.indexes.push(Index::on("ix_documents_title", ["title"]));
    documents
}

pub fn metadata(tables: impl IntoIterator<Item = Table>) -> Metadata {
    Metadata::from_tables(tables.into_iter().collect())
}

/// A random schema that all three databases can have. Names repeat, so that two schemas have much in common.
pub fn schemas() -> impl Strategy<Value = Metadata> {
    let tables = prop::collection::vec((any::<bool>(), random_table()), 4);
    (tables, random_domain()).prop_map(|(mut tables, domain)| {
        for column in tables.iter_mut().flat_map(|(_, it)| &mut it.columns).flatten() {
            if column.sql_type.as_domain().is_some() {
                column.sql_type = domain.clone().into();
            }
        }
        let names = ["alpha", "beta", "gamma", "delta"];
        let there: Vec<&str> =
            names.iter().zip(&tables).filter(|(_, (on, _))| *on).map(|(name, _)| *name).collect();
        let tables = names.iter().zip(&tables).filter(|(_, (on, _))| *on);
        metadata(tables.map(|(name, (_, random))| random.build(name, &there)))
    })
}

#[derive(Clone, Debug)]
struct RandomTable {
    columns: Vec<Option<ColumnDef>>,
    keys: Vec<bool>,
    parents: Vec<Option<(usize, bool)>>,
    comment: bool,
}

fn random_table() -> impl Strategy<Value = RandomTable> {
    let columns = prop::collection::vec(prop::option::weighted(0.7, random_column()), 4);
    let keys = prop::collection::vec(any::<bool>(), 6);
    let parents = prop::collection::vec(prop::option::weighted(0.4, (0..4_usize, any::<bool>())), 2);
    (columns, keys, parents, any::<bool>()).prop_map(|(columns, keys, parents, comment)| RandomTable {
        columns,
        keys,
        parents,
        comment,
    })
}

/// The one domain of a schema, or one over it: two schemas differ in any part of it.
fn random_domain() -> impl Strategy<Value = Domain> {
    (any::<[bool; 5]>(), any::<bool>()).prop_map(|([long, required, defaults, other, filled], over)| {
        let mut checks = Vec::new();
        if other {
            checks.push(Check::new("other", if long { "VALUE <> 'long'" } else { "VALUE <> 'short'" }));
        }
        if filled {
            checks.push(Check::new("filled", "VALUE <> ''"));
        }
        checks.sort_by(|a, b| a.name.cmp(&b.name));
        let code = Domain {
            checks,
            server_default: defaults.then(|| ServerDefault::Text("it's".to_owned())),
            ..Domain::new("code", SqlType::Varchar(if long { 40 } else { 20 }))
        };
        if over {
            Domain { nullable: !required, ..Domain::new("inner_code", code) }
        } else {
            Domain { nullable: !required, ..code }
        }
    })
}

fn random_column() -> impl Strategy<Value = ColumnDef> {
    let types = prop::sample::select(vec![
        (Type::Sql(SqlType::Varchar(20)), Some(ServerDefault::Text("it's".to_owned()))),
        (SqlType::Varchar(40).into(), None),
        (SqlType::Integer.into(), Some(ServerDefault::Int(7))),
        (SqlType::BigInt.into(), None),
        (SqlType::Boolean.into(), Some(ServerDefault::Bool(true))),
        (SqlType::Timestamp.into(), Some(ServerDefault::Now)),
        // Which one, the schema says.
        (Domain::new("code", SqlType::Varchar(20)).into(), Some(ServerDefault::Text("own".to_owned()))),
    ]);
    (types, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |((sql_type, default), nullable, defaults, said)| ColumnDef {
            nullable,
            server_default: default.filter(|_| defaults),
            comment: said.then(|| "what \"this\" is".to_owned()),
            ..ColumnDef::new("", sql_type)
        },
    )
}

impl RandomTable {
    fn build(&self, name: &str, there: &[&str]) -> Table {
        let mut table = table(name, []);
        table.comment = self.comment.then(|| format!("the table {name}"));
        for (at, column) in self.columns.iter().enumerate() {
            table.columns.extend(column.clone().map(|it| ColumnDef { name: format!("c{at}"), ..it }));
        }
        for (at, parent) in self.parents.iter().enumerate() {
            let Some((parent, cascade)) = parent else { continue };
            let Some(parent) = there.get(*parent) else { continue };
            let column = format!("p{at}_id");
            table.columns.push(nullable(&column, SqlType::BigInt));
            let on_delete = if *cascade { ReferentialAction::Cascade } else { ReferentialAction::NoAction };
            table.foreign_keys.push(ForeignKey { on_delete, ..foreign_key(name, &column, parent) });
        }
        let columns: Vec<String> = table.columns.iter().map(|it| it.name.clone()).collect();
        let has = |column: &str| columns.iter().any(|it| it == column);
        if self.keys[0] && has("c0") {
            table.uniques.push(Unique::over(format!("uq_{name}_c0"), ["c0"]));
        }
        if self.keys[1] && has("c1") && has("c2") {
            table.uniques.push(Unique::over(format!("uq_{name}_c1_c2"), ["c1", "c2"]));
        }
        if self.keys[2] && has("c2") {
            let name = format!("ix_{name}_c2");
            table.indexes.push(Index { unique: self.keys[4], ..Index::on(name, ["c2"]) });
        }
        if self.keys[3] && has("c3") {
            let part = IndexPart { descending: true, ..IndexPart::new(IndexOf::Column("c3".into())) };
            table.indexes.push(Index {
                parts: vec![part],
                name: format!("ix_{name}_c3"),
                ..Index::default()
            });
        }
        if self.keys[5] && has("c1") {
            let condition =
                if self.keys[4] { "c1 IS NOT NULL OR 1 = 1" } else { "c1 IS NULL OR c1 IS NOT NULL" };
            table.checks.push(Check::new(format!("ck_{name}_c1"), condition));
        }
        if self.keys[4] {
            let computed = Computed { expression: "1 + 1".into(), stored: true };
            table.columns.push(ColumnDef { computed: Some(computed), ..nullable("twice", SqlType::BigInt) });
        }
        table
    }
}
