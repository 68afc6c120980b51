//! Helper of the tests: all drills, each with a name and a file.

/// Calls a macro with all drills.
#[macro_export]
macro_rules! every_drill {
    ($callback:ident) => {
        $callback! {
            model "01_model.rs"
            relationship "02_relationship.rs"
            select "03_select.rs"
            insert "04_insert.rs"
            get_db "05_get_db.rs"
            update "06_update.rs"
            docs_for_user "07_docs_for_user.rs"
            selectinload "08_selectinload.rs"
            add_flush_commit "09_add_flush_commit.rs"
            back_populates "10_back_populates.rs"
            many_to_many "11_many_to_many.rs"
            delete_orphan "12_delete_orphan.rs"
            n_plus_one "13_n_plus_one.rs"
            group_by "14_group_by.rs"
            transaction "15_transaction.rs"
            savepoint "16_savepoint.rs"
            version "17_version.rs"
            pages "18_pages.rs"
            upsert "19_upsert.rs"
            soft_delete "20_soft_delete.rs"
            projection "21_projection.rs"
            hybrid "22_hybrid.rs"
            bulk_update "23_bulk_update.rs"
            raw_sql "24_raw_sql.rs"
            connect "25_connect.rs"
            migration "26_migration.rs"
        }
    };
}
