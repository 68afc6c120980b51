//! Operations on tables that are in use: where the server can work while rows are written, it is told to, so that it fails rather than
//! copies the table behind everybody's back.

use aludel_sql::schema::{Metadata, Operation, Step};
use aludel_sql::{Result, ServerDefault};

use crate::dialect::MySqlDialect;

impl MySqlDialect {
    /// Writes the steps of an operation with ALGORITHM and LOCK; none where they cannot be kept.
    pub(crate) fn online_steps(&self, operation: &Operation, after: &Metadata) -> Result<Option<Vec<Step>>> {
        let in_place = match operation {
            // Anything but an ordinary index has rules of its own.
            Operation::CreateIndex { index, .. } | Operation::DropIndex { index, .. } => {
                index.options.is_empty() && index.parts.iter().all(|it| it.options.is_empty())
            }
            Operation::AddColumn { column, backfill: None, .. } => {
                // A default that is computed is computed for every row, which is a copy.
                let computed =
                    matches!(column.server_default, Some(ServerDefault::Now | ServerDefault::Sql(_)));
                !computed
                    && column.identity.is_none()
                    && column.computed.is_none()
                    && column.options.is_empty()
            }
            _ => false,
        };
        if !in_place {
            return Ok(None);
        }
        let mut steps = self.alter_steps(operation, after)?;
        // What comes after the first puts things in order, and is quick.
        if let Some(sql) = steps.first_mut().and_then(|it| it.statements.first_mut()) {
            sql.push_str(match sql.split_whitespace().next() {
                Some("CREATE") => " ALGORITHM=INPLACE LOCK=NONE",
                _ => ", ALGORITHM=INPLACE, LOCK=NONE",
            });
        }
        Ok(Some(steps))
    }
}
