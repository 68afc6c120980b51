//! `aludel diff`.

use aludel::migrate::{Comparison, NOT_COMPARED, column_orders, diff, possible_renames};
use aludel::schema::Operation;
use aludel::{Error, ErrorKind, Metadata, Result};
use serde_json::json;

use crate::Exit;
use crate::args::Diff;
use crate::models;
use crate::output::out;
use crate::project::Project;

/// One side. There are two of them in a run, so that their size is nothing to spare.
enum State {
    Database,
    Schema(Box<Metadata>),
}

pub async fn run(project: &Project, args: &Diff) -> Result<Exit> {
    let (from, to) = (state(project, &args.from).await?, state(project, &args.to).await?);
    let mut unmanaged = Vec::new();
    let mut orders;
    let is_live = matches!(from, State::Database) || matches!(to, State::Database);
    let operations = match (from, to) {
        (State::Schema(from), State::Schema(to)) => {
            orders = column_orders(&from, &to);
            diff(&from, &to)?
        }
        (State::Database, State::Schema(wanted)) => {
            let engine = project.engine()?;
            let there = Comparison::read_where(&engine, &wanted, |_| args.all).await?;
            unmanaged = there.unmanaged().to_vec();
            orders = column_orders(there.live(), &wanted);
            there.missing()?
        }
        (State::Schema(wanted), State::Database) => {
            let engine = project.engine()?;
            let there = Comparison::read_where(&engine, &wanted, |_| args.all).await?;
            unmanaged = there.unmanaged().to_vec();
            orders = column_orders(&wanted, there.live());
            there.drift()?
        }
        (State::Database, State::Database) => {
            return Err(Error::new(
                ErrorKind::Migration,
                "a database is what it is: both sides are the same one",
            )
            .help("compare it with `models`, or with a revision"));
        }
    };
    orders.retain(|_| args.column_order);
    let titles: Vec<String> = operations.iter().map(Operation::to_string).collect();
    let renames: Vec<String> = possible_renames(&operations).iter().map(ToString::to_string).collect();
    if project.output.json {
        let mut value =
            json!({ "from": args.from, "to": args.to, "operations": titles, "possible_renames": renames });
        if args.column_order {
            let tables = orders.iter().map(|(table, order)| (table.to_string(), json!(order)));
            value["column_orders"] = tables.collect::<serde_json::Map<_, _>>().into();
        }
        if is_live {
            value["unmanaged"] = json!(unmanaged);
            value["not_compared"] = json!(NOT_COMPARED);
        }
        project.output.value(&value);
    } else {
        for title in &titles {
            project.output.line(&out().operation(title));
        }
        for (table, order) in &orders {
            let order = order.join(", ");
            project.output.line(&format!("the columns of {table} are in another order: {order}"));
        }
        for rename in &renames {
            project.output.progress(&format!("May be a renaming: {rename}."));
        }
        if titles.is_empty() && orders.is_empty() {
            project.output.progress(&format!("{} and {} are the same.", args.from, args.to));
        }
        if !unmanaged.is_empty() {
            project.output.progress(&format!("Left alone (see --all): {}.", unmanaged.join(", ")));
        }
        if is_live {
            project.output.not_compared();
        }
    }
    Ok(if operations.is_empty() && orders.is_empty() { Exit::Done } else { Exit::Different })
}

async fn state(project: &Project, text: &str) -> Result<State> {
    Ok(match text {
        "database" => State::Database,
        "models" => State::Schema(Box::new(models::read(project)?)),
        revision => {
            let scripts = project.scripts()?;
            let ids = match revision {
                // Of a project that has none yet.
                "head" | "heads" => scripts.map().heads(),
                other => project.named(&scripts, other).await?,
            };
            State::Schema(Box::new(scripts.map().state(&ids)?))
        }
    })
}
