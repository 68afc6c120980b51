//! A dialect of which an example writes a part.

/// Writes the methods that every `Dialect` has to have, as SQLite has them; `but order_by` leaves that one to the example.
#[doc(hidden)]
#[macro_export]
macro_rules! __as_sqlite {
    () => { $crate::__as_sqlite! { @base } $crate::__as_sqlite! { @order_by } $crate::__as_sqlite! { @limit } };
    (but order_by) => { $crate::__as_sqlite! { @base } $crate::__as_sqlite! { @limit } };
    (but limit) => { $crate::__as_sqlite! { @base } $crate::__as_sqlite! { @order_by } };
    (@base) => {
        $crate::__as_sqlite! { @forward
            name() -> &'static str;
            key() -> &'static str;
            features() -> &::aludel_sql::Features;
            placeholder(sql: &mut String, number: usize) -> ();
            type_name(of: ::aludel_sql::SqlType) -> ::aludel_sql::Result<String>;
            matches(
                sql: &mut ::aludel_sql::Compiler<'_>,
                op: ::aludel_sql::node::MatchOp,
                text: &::aludel_sql::node::Node,
                pattern: &::aludel_sql::node::Node
            ) -> ::aludel_sql::Result<()>;
            scalar(scalar: ::aludel_sql::node::Scalar) -> Option<&'static str>;
            cast(
                from: ::aludel_sql::SqlType,
                to: ::aludel_sql::SqlType
            ) -> Option<::std::borrow::Cow<'static, str>>;
            json(
                op: ::aludel_sql::node::JsonOp,
                path: &[::aludel_sql::node::JsonStep]
            ) -> Option<::std::borrow::Cow<'static, str>>;
            json_path(path: &[::aludel_sql::node::JsonStep]) -> String;
            values(
                sql: &mut ::aludel_sql::Compiler<'_>,
                columns: &[::aludel_sql::OutputColumn],
                rows: &::aludel_sql::node::Param,
                name: &str
            ) -> ::aludel_sql::Result<()>;
            insert_counts(shape: &::aludel_sql::InsertRows) -> ::aludel_sql::RowCounts;
            insert_rows(
                shape: &::aludel_sql::InsertRows,
                rows: usize
            ) -> ::aludel_sql::Result<::aludel_sql::RowsSql>;
            update_counts(shape: &::aludel_sql::UpdateRows) -> ::aludel_sql::RowCounts;
            update_rows(
                shape: &::aludel_sql::UpdateRows,
                rows: usize,
                counted: bool
            ) -> ::aludel_sql::Result<::aludel_sql::RowsSql>;
            delete_counts() -> ::aludel_sql::RowCounts;
            delete_rows(
                shape: &::aludel_sql::DeleteRows,
                rows: usize,
                counted: bool
            ) -> ::aludel_sql::Result<::aludel_sql::RowsSql>;
            create_table(
                table: &::aludel_sql::schema::Table,
                deferred: &[::aludel_sql::schema::DeferredForeignKey]
            ) -> ::aludel_sql::Result<Vec<String>>;
            add_foreign_key(
                key: &::aludel_sql::schema::DeferredForeignKey
            ) -> ::aludel_sql::Result<String>;
            drop_foreign_key(
                key: &::aludel_sql::schema::DeferredForeignKey
            ) -> ::aludel_sql::Result<String>;
            create_index(
                table: &::aludel_sql::schema::Table,
                index: &::aludel_sql::schema::Index
            ) -> ::aludel_sql::Result<String>;
            column_definition(
                sql: &mut String,
                table: &::aludel_sql::schema::Table,
                column: &::aludel_sql::schema::ColumnDef
            ) -> ::aludel_sql::Result<()>;
            object_names() -> &'static str;
        }

        fn as_dialect(&self) -> &dyn ::aludel_sql::Dialect {
            self
        }
    };
    (@order_by) => {
        $crate::__as_sqlite! { @forward
            order_by(
                sql: &mut ::aludel_sql::Compiler<'_>,
                key: &::aludel_sql::OrderBy
            ) -> ::aludel_sql::Result<()>;
        }
    };
    (@limit) => {
        $crate::__as_sqlite! { @forward
            limit(
                sql: &mut ::aludel_sql::Compiler<'_>,
                limit: Option<&::aludel_sql::node::Param>,
                offset: Option<&::aludel_sql::node::Param>
            ) -> ::aludel_sql::Result<()>;
        }
    };
    (@forward $($method:ident($($name:ident: $type:ty),*) -> $result:ty;)*) => {$(
        fn $method(&self $(, $name: $type)*) -> $result {
            ::aludel_sql::Dialect::$method(&$crate::SqliteDialect $(, $name)*)
        }
    )*};
}
