//! Domains and extensions: what a database has of those that are wanted, in the spelling of these.

use aludel_engine::Inspector;
use aludel_sql::schema::{ColumnDef, Domain, Extension, Table, TableName, Type, canonical_domain};
use aludel_sql::{Dialect, Metadata};

use super::named;
use crate::diff::without_hint;

/// Returns the wanted domains that are there and are not, token by token, what is there: the server has to spell them.
pub(super) fn unlike<'a>(dialect: &dyn Dialect, live: &Metadata, wanted: &'a Metadata) -> Vec<&'a Domain> {
    let differs = |it: &&Domain| {
        let live = live.domains().into_iter().find(|live| is_counterpart(live, it));
        live.is_some_and(|live| canonical_domain(dialect, live) != form(dialect, it, live))
    };
    wanted.domains().into_iter().filter(differs).collect()
}

/// Tells whether a live domain is a wanted one, or is about to get its name.
fn is_counterpart(live: &Domain, wanted: &Domain) -> bool {
    let name = TableName::of_domain(live);
    TableName::of_domain(wanted) == name
        || wanted.schema == name.schema && wanted.renamed_from.as_ref() == Some(&name.name)
}

/// The form of a wanted domain, under the name of the live one.
fn form(dialect: &dyn Dialect, wanted: &Domain, live: &Domain) -> Domain {
    Domain { name: live.name.clone(), ..canonical_domain(dialect, wanted) }
}

fn find<'a>(domains: Vec<&'a Domain>, of: &Domain) -> Option<&'a Domain> {
    domains.into_iter().find(|it| TableName::of_domain(it) == TableName::of_domain(of))
}

/// Gives the live schema its domains, spelled as the wanted ones where they mean the same; `written` are wanted ones as the server writes them.
pub(super) fn adopt_domains(
    dialect: &dyn Dialect,
    live: &mut Metadata,
    managed: &Metadata,
    wanted: &Metadata,
    written: &[Domain],
) {
    if !dialect.features().domains {
        // They are no objects there: what their columns keep to was compared with the tables.
        *live.domains_mut() = wanted.domains().into_iter().map(plain).collect();
        return;
    }
    let mut adopted: Vec<Domain> = Vec::new();
    for it in managed.domains().into_iter().chain(live.domains()) {
        if !adopted.iter().any(|other| TableName::of_domain(other) == TableName::of_domain(it)) {
            let counterpart = wanted.domains().into_iter().find(|wanted| is_counterpart(it, wanted));
            let mut domain = match counterpart {
                Some(wanted) => {
                    let written = find(written.iter().collect(), wanted).unwrap_or(wanted);
                    self::adopted(dialect, it, wanted, written)
                }
                None => it.clone(),
            };
            // Those under it are adopted already.
            replace(&mut domain.sql_type, &adopted);
            adopted.push(domain);
        }
    }
    for column in live.tables_mut().iter_mut().flat_map(|it| &mut it.columns) {
        replace(&mut column.sql_type, &adopted);
    }
    let is_managed = |it: &Domain| find(managed.domains(), it).is_some();
    *live.domains_mut() = adopted.into_iter().filter(is_managed).collect();
}

/// A domain without hints, which no state has.
fn plain(domain: &Domain) -> Domain {
    let mut sql_type = Type::from(domain.clone());
    without_hint(&mut sql_type);
    sql_type.as_domain().cloned().unwrap_or_else(|| domain.clone())
}

fn replace(sql_type: &mut Type, domains: &[Domain]) {
    let Type::Domain(it) = sql_type else { return };
    if let Some(adopted) =
        domains.iter().find(|other| TableName::of_domain(other) == TableName::of_domain(it))
    {
        **it = adopted.clone();
    }
}

fn adopted(dialect: &dyn Dialect, live: &Domain, wanted: &Domain, written: &Domain) -> Domain {
    let (live_form, form) = (canonical_domain(dialect, live), form(dialect, written, live));
    let wanted = Domain { name: live.name.clone(), ..plain(wanted) };
    if live_form == form {
        return wanted;
    }
    let mut domain = live.clone();
    if live_form.sql_type == form.sql_type {
        domain.sql_type = wanted.sql_type;
    }
    if live_form.server_default == form.server_default {
        domain.server_default = wanted.server_default;
    }
    if live_form.comment == form.comment {
        domain.comment = wanted.comment;
    }
    named(&mut domain.checks, &live_form.checks, &wanted.checks, &form.checks);
    domain
}

/// Takes columns for those of a domain where there are none: they are, if they keep to all that the domain asks of them.
pub(super) fn adopt_emulated(table: &mut Table, live_form: &Table, wanted: &Table, wanted_form: &Table) {
    for (at, column) in wanted.columns.iter().enumerate() {
        let same_column = table.column(&column.name).is_some_and(|it| *it == column_without(column));
        if column.sql_type.as_domain().is_none() || !same_column {
            continue;
        }
        // The conditions of this column, by name.
        let alone = Table { columns: vec![wanted.columns[at].clone()], checks: Vec::new(), ..wanted.clone() };
        let names: Vec<String> = alone.without_domains().checks.into_iter().map(|it| it.name).collect();
        let is_there = |name: &String| {
            let of = |form: &Table| form.checks.iter().find(|it| it.name == *name).cloned();
            of(live_form).is_some() && of(live_form) == of(wanted_form)
        };
        if names.iter().all(is_there) {
            table.checks.retain(|it| !names.contains(&it.name));
            if let Some(there) = table.columns.iter_mut().find(|it| it.name == column.name) {
                *there = ColumnDef { renamed_from: None, ..column.clone() };
                without_hint(&mut there.sql_type);
            }
        }
    }
}

/// The column as `Comparison` spells it where there are no domains.
fn column_without(column: &ColumnDef) -> ColumnDef {
    let mut column = ColumnDef { renamed_from: None, ..column.without_domain() };
    without_hint(&mut column.sql_type);
    column
}

/// Returns the extensions to compare: those that are wanted, wherever they are, and those in the schema that was read. A schema and a version count
/// only where they are asked for.
pub(super) fn extensions(
    inspector: &Inspector,
    read: &Metadata,
    wanted: &Metadata,
    known: &[Extension],
) -> Vec<Extension> {
    let is_new = |it: &&Extension| known.iter().all(|other| other.name != it.name);
    let compared = |it: &Extension| {
        let of = |all: &[Extension]| all.iter().find(|other| other.name == it.name).cloned();
        match of(wanted.extensions()) {
            Some(wanted) => Some(Extension {
                name: it.name.clone(),
                schema: wanted.schema.and(it.schema.clone()),
                version: wanted.version.and(it.version.clone()),
            }),
            None => of(read.extensions()),
        }
    };
    inspector.extensions().iter().filter(is_new).filter_map(compared).collect()
}
