//! What a database can do, as a table that the compiler and the planners ask.

/// What a database can do.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Features {
    /// The most parameters that a statement may have.
    pub max_parameters: usize,
    /// A list can be one parameter, whatever its length.
    pub array_parameters: bool,
    /// `INSERT … RETURNING`.
    pub insert_returning: bool,
    /// `INSERT … SELECT … ON CONFLICT`, without the conflict being taken for a part of the SELECT.
    pub conflict_behind_select: bool,
    /// `INSERT … ON CONFLICT (a) … ON CONFLICT (b) …`.
    pub several_conflict_targets: bool,
    /// `UPDATE … RETURNING`.
    pub update_returning: bool,
    /// `DELETE … RETURNING`.
    pub delete_returning: bool,
    /// A placeholder has a number and can be written twice for one value.
    pub numbered_placeholders: bool,
    /// Grouping by the primary key of a table groups by all its columns.
    pub group_by_implies: bool,
    /// `FULL JOIN`.
    pub full_join: FullJoin,
    /// `FETCH FIRST n ROWS WITH TIES`.
    pub with_ties: bool,
    /// `WITH` before UPDATE and DELETE.
    pub with_before_change: bool,
    /// `WITH t AS (INSERT … RETURNING …)`, and UPDATE and DELETE there.
    pub change_in_with: bool,
    /// `WITH t AS MATERIALIZED (…)`.
    pub materialized: bool,
    /// `INTERSECT ALL` and `EXCEPT ALL`.
    pub intersect_all: bool,
    /// `(SELECT …) UNION (SELECT …)`.
    pub parentheses_around_queries: bool,
    /// `x IN (SELECT … LIMIT …)`.
    pub limit_within_in: bool,
    /// `SELECT … FOR UPDATE`.
    pub for_update: bool,
    /// `FOR UPDATE OF table`.
    pub lock_of: bool,
    /// Rows that an outer join may not find can be locked.
    pub lock_outer_joined: bool,
    /// `LOCK IN SHARE MODE` instead of FOR SHARE.
    pub lock_in_share_mode: bool,
    /// `count(*) FILTER (WHERE …)`.
    pub aggregate_filter: bool,
    /// `GROUP BY ROLLUP`, `CUBE` and `GROUPING SETS`.
    pub grouping_sets: bool,
    /// `NULLS FIRST` and `NULLS LAST` in ORDER BY.
    pub nulls_order: bool,
    /// A number that is bound alone in GROUP BY or ORDER BY means the column of the result at that place.
    pub values_are_places: bool,
    /// `GROUPS` in windows.
    pub frame_groups: bool,
    /// `EXCLUDE` in windows.
    pub frame_exclude: bool,
    /// `RANGE` of a time span in windows.
    pub frame_intervals: bool,
    /// How UPDATE and DELETE join other tables.
    pub joined_changes: JoinedChanges,
    /// Where queries within a change see rows that it has changed itself.
    pub changed_rows_seen: ChangedRows,
    /// Assignments of an UPDATE see columns that were assigned before them.
    pub assignments_see_new_values: bool,
    /// `ALTER TABLE … ADD CONSTRAINT`: tables that refer to each other are created without their foreign keys first.
    pub add_constraint: bool,
    /// `CREATE TABLE` and the like belong to the transaction.
    pub transactional_ddl: bool,
    /// Errors of foreign keys name table and constraint.
    pub names_constraints: bool,
    /// Several statements travel in one round trip.
    pub pipelining: bool,
    /// The database runs in the program itself: a statement is no round trip.
    pub in_process: bool,
    /// Decimals are integers, scaled by the digits that their column has behind the point.
    pub scaled_decimals: bool,
    /// What a recursive query finds later has as many digits behind the point as its first rows.
    pub fixed_scale_of_recursion: bool,
    /// `(a, b) NOT IN ((…))` is taken not to hold wherever one of them is NULL, so that it makes an inner join of an outer one.
    pub rows_in_list_refuse_null: bool,
    /// HAVING finds keys of GROUP BY by the names of their columns, and not where two have the same.
    pub keys_by_name_in_having: bool,
    /// A COMMIT can travel with the statements before it, so an UPDATE must check its own number of rows.
    pub commit_rides: bool,
    /// Enum types are objects of their own, with names.
    pub enum_types: bool,
    /// `CREATE DOMAIN`.
    pub domains: bool,
    /// `CREATE EXTENSION`.
    pub extensions: bool,
    /// Functions and procedures that SQL declares.
    pub routines: bool,
    /// `CREATE OR REPLACE FUNCTION`.
    pub or_replace: bool,
    /// The name of a trigger is one of its table, and is in no schema.
    pub triggers_of_tables: bool,
    /// `CREATE SEQUENCE`.
    pub sequences: bool,
    /// `CREATE SCHEMA`.
    pub create_schema: bool,
    /// Comments of tables and columns are kept.
    pub comments: bool,
    /// An index may have a condition.
    pub partial_indexes: bool,
    /// An index may be on an expression.
    pub expression_indexes: bool,
    /// An index may keep columns that do not order it.
    pub index_include: bool,
    /// A part of an index may have a collation of its own.
    pub index_collations: bool,
    /// A part of an index may say where NULL comes.
    pub index_nulls_order: bool,
    /// NULL comes first in an ascending index.
    pub nulls_first_ascending: bool,
    /// A foreign key may be checked at the end of the transaction.
    pub deferrable_foreign_keys: bool,
    /// A unique constraint may be checked at the end of the transaction.
    pub deferrable_uniques: bool,
    /// A unique constraint may take two NULLs as equal.
    pub nulls_not_distinct: bool,
    /// `MATCH FULL`.
    pub match_full: bool,
    /// `ON DELETE SET NULL (column)`.
    pub on_delete_columns: bool,
    /// A constraint may leave the rows that are there unchecked.
    pub not_valid: bool,
    /// `EXCLUDE`.
    pub exclusion_constraints: bool,
    /// A name in quotes is another one if its case is another.
    pub case_sensitive_names: bool,
    /// A primary key has a name.
    pub names_primary_key: bool,
    /// `COPY` between a table and the client.
    pub copy: bool,
}

/// How UPDATE and DELETE join other tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinedChanges {
    /// `UPDATE t SET … FROM s WHERE …`, `DELETE FROM t USING s WHERE …`
    From,
    /// `UPDATE t SET … FROM s WHERE …`, `DELETE FROM t WHERE EXISTS (SELECT 1 FROM s WHERE …)`
    FromAndExists,
    /// `UPDATE t JOIN s ON … SET …`, `DELETE t FROM t JOIN s ON …`
    Join,
}

/// Where queries within a change see rows that it has changed itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangedRows {
    /// Nowhere: they see the tables as they were before it.
    Nowhere,
    /// In `ON CONFLICT … DO UPDATE` and in RETURNING.
    InUpsertsAndReturning,
    /// There, and in the SET of an UPDATE that has no FROM.
    Everywhere,
}

/// Which tables can be joined by FULL JOIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FullJoin {
    /// None.
    No,
    /// Those whose condition says, among others perhaps, that an expression of one side equals one of the other.
    OnEquality,
    /// All.
    OnAnything,
}

impl Features {
    /// What standard SQL has.
    pub const STANDARD: Self = Self {
        max_parameters: 65_535,
        array_parameters: false,
        numbered_placeholders: false,
        group_by_implies: true,
        insert_returning: true,
        conflict_behind_select: true,
        several_conflict_targets: false,
        update_returning: true,
        delete_returning: true,
        full_join: FullJoin::OnAnything,
        with_ties: true,
        with_before_change: true,
        change_in_with: false,
        materialized: true,
        intersect_all: true,
        parentheses_around_queries: true,
        limit_within_in: true,
        for_update: true,
        lock_of: true,
        lock_outer_joined: true,
        lock_in_share_mode: false,
        aggregate_filter: true,
        grouping_sets: true,
        nulls_order: true,
        values_are_places: false,
        frame_groups: true,
        frame_exclude: true,
        frame_intervals: true,
        joined_changes: JoinedChanges::From,
        changed_rows_seen: ChangedRows::Nowhere,
        assignments_see_new_values: false,
        add_constraint: true,
        transactional_ddl: true,
        names_constraints: true,
        pipelining: false,
        in_process: false,
        scaled_decimals: false,
        fixed_scale_of_recursion: false,
        rows_in_list_refuse_null: false,
        keys_by_name_in_having: false,
        commit_rides: false,
        enum_types: false,
        domains: false,
        extensions: false,
        routines: true,
        or_replace: false,
        triggers_of_tables: false,
        sequences: false,
        create_schema: true,
        comments: true,
        partial_indexes: true,
        expression_indexes: true,
        index_include: false,
        index_collations: true,
        index_nulls_order: false,
        nulls_first_ascending: true,
        deferrable_foreign_keys: true,
        deferrable_uniques: false,
        nulls_not_distinct: false,
        match_full: false,
        on_delete_columns: false,
        not_valid: false,
        exclusion_constraints: false,
        case_sensitive_names: true,
        names_primary_key: true,
        copy: false,
    };
}
