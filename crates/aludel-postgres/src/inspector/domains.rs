//! Types that the catalogs say more of than a name: enum types and domains.

use std::collections::HashMap;

use aludel_sql::schema::{AnswerRow, Check, ColumnDef, Domain, EnumType, Type, unwrapped};

use super::{server_default, short_type_name};
use crate::dialect::PostgresDialect;

/// Enum types and domains by schema and name.
pub(super) struct OwnTypes(HashMap<(String, String), Type>);

impl OwnTypes {
    pub fn of(enums: HashMap<(String, String), EnumType>) -> Self {
        Self(enums.into_iter().map(|(key, it)| (key, Type::Enum(it))).collect())
    }

    /// Returns the type of this schema and name, or the one that a name alone says.
    pub fn find(&self, schema: Option<&str>, name: &str, full: &str) -> Type {
        let own = schema.and_then(|schema| self.0.get(&(schema.to_owned(), name.to_owned())));
        own.cloned().unwrap_or_else(|| Type::read(&PostgresDialect, &short_type_name(full)))
    }

    /// Reads all domains, and returns those of the schema that is read.
    pub fn read(&mut self, rows: &[AnswerRow], schema: Option<&String>) -> Vec<Domain> {
        let mut by_name: Vec<((String, String), Vec<&AnswerRow>)> = Vec::new();
        for row in rows {
            let key = (row.text(0), row.text(1));
            match by_name.last_mut().filter(|(last, _)| *last == key) {
                Some((_, rows)) => rows.push(row),
                None => by_name.push((key, vec![row])),
            }
        }
        let mut own = Vec::new();
        // Those that others are over come first, and there is no circle.
        while !by_name.is_empty() {
            let is_known = |rows: &[&AnswerRow]| {
                let under = (rows[0].text(3), rows[0].text(4));
                by_name.iter().all(|(key, _)| *key != under)
            };
            let at = by_name.iter().position(|(_, rows)| is_known(rows)).unwrap_or_default();
            let (key, rows) = by_name.remove(at);
            let domain = self.domain(&rows, schema);
            if rows[0].flag(12) {
                own.push(domain.clone());
            }
            self.0.insert(key, domain.into());
        }
        own
    }

    fn domain(&self, rows: &[&AnswerRow], schema: Option<&String>) -> Domain {
        let first = rows[0];
        let under = self.find(first.get(3), &first.text(4), &first.text(2));
        let is_own = first.flag(12);
        let of_default = ColumnDef::new("", under.base().clone());
        let checks = rows.iter().filter_map(|row| {
            Some(Check { not_valid: !row.flag(11), ..Check::new(row.get(9)?, unwrapped(row.get(10)?)) })
        });
        Domain {
            schema: if is_own { schema.cloned() } else { first.some(0).filter(|_| !first.flag(13)) },
            nullable: !first.flag(5),
            server_default: first.get(6).map(|it| server_default(&of_default, it)),
            collation: first.some(7),
            comment: first.some(8),
            checks: checks.collect(),
            ..Domain::new(first.text(1), under)
        }
    }
}
