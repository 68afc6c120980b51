//! Running the plan of a flush: in as few batches as the keys allow, the last of them with COMMIT.

mod computed;
mod one_or_many;
mod ties;

use std::ops::{ControlFlow, Range, RangeInclusive};
use std::sync::PoisonError;

use aludel_engine::driver::{Discard, Done, End, Flow, RowSink, RowSource, Statement, Status};
use aludel_engine::{Connection, Dealt, Engine, Prepared, RowsOp, Slice, prepare};
use aludel_sql::{
    Bind, ColumnSet, Error, ErrorKind, Few, InsertNode, Result, StatementRef, TableMeta, UpdateNode, Value,
    ValueRef, Values, schema,
};

use super::Session;
use super::arena::AnyArena;
use super::arenas::Arenas;
use super::query::age_gone_along;
use super::unit_of_work::{
    self, Cell, MovedTo, Plan, Rows, Step, describe, describe_first, follow_changed_keys, leave_collections,
    resolve_keys,
};
use one_or_many::OneOrMany;

/// Flushes a session. With `End::Commit` the transaction is committed as well.
pub(super) async fn flush(session: &mut Session, end: End) -> Result<()> {
    session.check_usable()?;
    session.before_flush()?;
    // Before most queries there is nothing.
    let mut plan = Plan::default();
    if !session.arenas.are_untouched() {
        unit_of_work::plan(session, &mut plan).await?;
    }
    if plan.steps.is_empty() {
        forget_changes(session);
        return end_transaction(session, end).await;
    }
    session.ensure_connection().await?;
    session.wrote = true;
    // If this future is dropped, nobody knows how far it came.
    session.failure = Some("a flush was not awaited to its end".into());
    match run(session, &plan, end).await {
        Ok(statements) => {
            session.failure = None;
            forget_changes(session);
            session.count_statements(statements)?;
            session.after_flush(&plan)
        }
        Err(error) => {
            session.failure = Some(error.what().to_owned().into());
            Err(error)
        }
    }
}

/// After a flush nothing is pending or changed.
fn forget_changes(session: &mut Session) {
    session.arenas.forget_displaced();
    session.arenas.iter_mut().for_each(AnyArena::flushed);
    session.keys.clear();
    session.linked.clear();
}

async fn end_transaction(session: &mut Session, end: End) -> Result<()> {
    let connection = session.connection.get_mut().unwrap_or_else(PoisonError::into_inner);
    match connection {
        Some(connection) if end != End::Open && connection.status() != Status::Idle => {
            connection.run(&[], end, &mut Discard::default()).await
        }
        _ => Ok(()),
    }
}

/// Runs the steps; returns how many operations were sent.
async fn run(session: &mut Session, plan: &Plan, end: End) -> Result<u64> {
    let (connection, arenas, keys) = session.parts();
    let features = connection.engine().dialect().features();
    let reads_back = !features.update_returning && plan.steps.iter().any(|it| !it.computed.is_empty());
    let (last_end, commit_rides) = (if reads_back { End::Open } else { end }, features.commit_rides);
    let mut first = 0;
    while first < plan.steps.len() {
        // A step that waits for keys which this batch generates begins the next one.
        let mut generates = plan.steps[first].generates_keys();
        let mut next = first + 1;
        while next < plan.steps.len() && !(generates && plan.steps[next].waits_for_keys) {
            generates |= plan.steps[next].generates_keys();
            next += 1;
        }
        let batch = &plan.steps[first..next];
        for step in batch {
            resolve_keys(arenas, keys, step)?;
        }
        let batch_end = if next == plan.steps.len() { last_end } else { End::Open };
        let counted = commit_rides && batch_end == End::Commit;
        let answers = send(connection, arenas, plan, first..next, batch_end, counted).await?;
        for (number, answers) in (first..next).zip(answers.iter()) {
            take_in(arenas, plan, number, answers, batch_end == End::Commit)?;
        }
        first = next;
    }
    if reads_back {
        computed::read_back(connection, arenas, &plan.steps).await?;
        if end != End::Open {
            connection.run(&[], end, &mut Discard::default()).await?;
        }
    }
    Ok(plan.steps.len() as u64)
}

/// The rows that came back for a step, cell after cell.
#[derive(Debug)]
enum Answers {
    /// Nothing but integers so far: generated keys, as a rule.
    Numbers(Vec<i64>),
    /// Anything.
    Values(Vec<Value>),
}

impl Answers {
    fn push(&mut self, cells: &[ValueRef<'_>]) {
        match self {
            Self::Numbers(numbers) => {
                for (at, cell) in cells.iter().enumerate() {
                    let ValueRef::Int(number) = cell else {
                        let mut values: Vec<Value> = numbers.drain(..).map(Value::Int).collect();
                        values.extend(cells[at..].iter().map(|cell| cell.to_value()));
                        *self = Self::Values(values);
                        return;
                    };
                    numbers.push(*number);
                }
            }
            Self::Values(values) => values.extend(cells.iter().map(|cell| cell.to_value())),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Values(values) => values.len(),
        }
    }

    #[inline]
    fn get(&self, at: usize) -> ValueRef<'_> {
        match self {
            Self::Numbers(numbers) => ValueRef::Int(numbers[at]),
            Self::Values(values) => values[at].as_ref(),
        }
    }
}

/// The rows that came back for the objects that a step inserted.
pub(super) struct Answered<'a> {
    answers: &'a Answers,
    /// The number of cells of a row.
    width: usize,
    /// For each object the number of its row, where they are in another order.
    order: Option<Vec<usize>>,
}

impl Answered<'_> {
    /// A cell of the row that came back for an object of the step, both by their number.
    #[inline]
    pub(super) fn get(&self, object: usize, cell: usize) -> ValueRef<'_> {
        let row = self.order.as_ref().map_or(object, |order| order[object]);
        self.answers.get(row * self.width + cell)
    }
}

/// Sends steps as one batch.
async fn send(
    connection: &mut Connection,
    arenas: &Arenas,
    plan: &Plan,
    steps: Range<usize>,
    end: End,
    counted: bool,
) -> Result<OneOrMany<Answers>> {
    let numbered = steps.clone().zip(&plan.steps[steps.clone()]);
    let sources: OneOrMany<StepRows<'_>> =
        numbered.map(|(number, step)| StepRows::new(arenas, plan, number, step)).collect();
    let steps = &plan.steps[steps];
    let alone: Vec<(usize, Alone)> = steps
        .iter()
        .zip(sources.iter())
        .enumerate()
        .filter_map(|(at, (step, rows))| Some((at, Alone::of(connection.engine(), step, rows)?)))
        .collect();
    // What is prepared borrows its engine.
    let engine = (!alone.is_empty()).then(|| connection.engine().clone());
    let mut left = alone.iter().peekable();
    let mut sent: OneOrMany<(usize, Sent<'_>)> = OneOrMany::new();
    for (at, step) in steps.iter().enumerate() {
        match engine.as_ref().zip(left.next_if(|(of, _)| *of == at)) {
            Some((engine, (_, Alone::Computed(update)))) => {
                let prepared = prepare(engine, StatementRef::Update(update))
                    .map_err(|it| it.doing(step.describe(arenas)))?;
                sent.push((at, Sent::Computed(Box::new(prepared))));
            }
            Some((engine, (_, Alone::Ties(ties)))) => {
                for insert in ties {
                    let prepared = prepare(engine, StatementRef::Insert(insert))?;
                    sent.push((at, Sent::Ties(Box::new(prepared))));
                }
            }
            None => {
                let counted = counted && !matches!(step.operation, RowsOp::Insert(_));
                let counted = counted && step.rows.are_expected();
                let each = |it| sent.push((at, Sent::Rows(it)));
                connection.engine().deal_each(step.operation, step.rows.len(), counted, each)?;
            }
        }
    }
    let parameters: OneOrMany<Parameters<'_>> =
        sent.iter().map(|(at, it)| it.parameters(&sources[*at])).collect();
    let statements: OneOrMany<Statement<'_>> = sent
        .iter()
        .zip(parameters.iter())
        .map(|((at, it), values)| it.statement(values, &steps[*at]))
        .collect();
    connection.begin_writing();
    let mut sink = AnswerSink {
        sent: &sent,
        answers: steps
            .iter()
            .map(|step| Answers::Numbers(Vec::with_capacity(expected_cells(step))))
            .collect(),
    };
    match connection.run(&statements, end, &mut sink).await {
        Ok(()) => Ok(sink.answers),
        Err(error) => {
            let failed = sent.iter().find(|(_, it)| error.sql() == Some(it.text()));
            Err(match failed {
                Some((at, _)) => {
                    let names_constraints = connection.engine().dialect().features().names_constraints;
                    explain(error, &sources[*at], &steps[*at], !names_constraints)
                }
                None => error.doing("flushing the session"),
            })
        }
    }
}

/// The statements of a step that has some of its own.
enum Alone {
    /// Some columns of its row are computed by the database.
    Computed(UpdateNode),
    /// Its rows may be there already.
    Ties(Vec<InsertNode>),
}

impl Alone {
    fn of(engine: &Engine, step: &Step, rows: &StepRows<'_>) -> Option<Self> {
        let computed = computed::update(engine, step, rows).map(Self::Computed);
        computed.or_else(|| ties::inserts(step, rows).map(Self::Ties))
    }
}

/// A statement of a step. Those over rows are most of them, and the others large.
enum Sent<'a> {
    /// Over rows.
    Rows(Dealt),
    /// Over one row some of whose columns the database computes.
    Computed(Box<Prepared<'a>>),
    /// Over rows of an association table that may be there already.
    Ties(Box<Prepared<'a>>),
}

/// The values of a statement.
enum Parameters<'a> {
    Rows(Slice<'a>),
    Values(Values<'a>),
}

impl Sent<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Rows(it) => &it.text.sql.text,
            Self::Computed(it) | Self::Ties(it) => it.text(),
        }
    }

    fn parameters<'a>(&'a self, rows: &'a StepRows<'a>) -> Parameters<'a> {
        match self {
            Self::Rows(it) => Parameters::Rows(it.slice(rows)),
            Self::Computed(it) | Self::Ties(it) => Parameters::Values(it.values()),
        }
    }

    fn statement<'a>(&'a self, parameters: &'a Parameters<'a>, step: &Step) -> Statement<'a> {
        match (self, parameters) {
            (Self::Rows(it), Parameters::Rows(slice)) => it.statement(slice, expected_rows(step, it)),
            (Self::Computed(it), Parameters::Values(values)) => {
                Statement { expect: Some(1), ..it.statement(values) }
            }
            (Self::Ties(it), Parameters::Values(values)) => it.statement(values),
            _ => unreachable!("the parameters are made of this statement"),
        }
    }
}

/// How many rows must be matched; an INSERT either inserts all its rows or fails.
fn expected_rows(step: &Step, dealt: &Dealt) -> Option<u64> {
    match step.operation {
        RowsOp::Insert(_) => None,
        RowsOp::Update(_) | RowsOp::Delete(_) => step.rows.are_expected().then_some(dealt.rows as u64),
    }
}

fn expected_cells(step: &Step) -> usize {
    match step.operation {
        RowsOp::Insert(it) => it.returning.len() * step.rows.len(),
        RowsOp::Update(_) | RowsOp::Delete(_) => 0,
    }
}

/// The rows of a step, value by value.
struct StepRows<'a> {
    arenas: &'a Arenas,
    rows: &'a Rows,
    columns: Few<usize, 4>,
    /// From this parameter on it is the key by which the database knows the row.
    key_from: usize,
    plan: &'a Plan,
    /// The number of the step in the plan.
    number: usize,
}

impl<'a> StepRows<'a> {
    fn new(arenas: &'a Arenas, plan: &'a Plan, number: usize, step: &'a Step) -> Self {
        let columns: Few<usize, 4> = step.operation.parameter_columns().collect();
        let key_from = match step.operation {
            RowsOp::Insert(_) => columns.len(),
            RowsOp::Update(it) => it.columns.len(),
            RowsOp::Delete(_) => 0,
        };
        Self { arenas, rows: &step.rows, columns, key_from, plan, number }
    }

    /// What an object has.
    fn value(&self, cell: Cell) -> Bind<'_> {
        self.arenas.at(cell.arena).object(cell.slot).field(cell.column).encode()
    }

    /// What the database knows a row by when the step begins, in a column of its key.
    fn key(&self, cell: Cell) -> Bind<'_> {
        match self.plan.moved_to(self.number, cell) {
            Some(MovedTo::Parked(value)) => Bind::Ref(value.as_ref()),
            Some(MovedTo::HeldBy(cell)) => self.value(*cell),
            None => self.arenas.at(cell.arena).known(cell.slot, cell.column).encode(),
        }
    }
}

impl RowSource for StepRows<'_> {
    fn bind(&self, row: usize, column: usize) -> Bind<'_> {
        let cell = match self.rows {
            Rows::Parked { values, .. } if column < self.key_from => {
                return Bind::Ref(values[row * self.key_from + column].as_ref());
            }
            Rows::Objects { arena, slots } | Rows::Parked { arena, slots, .. } => {
                Cell { arena: *arena, slot: slots[row], column: self.columns[column] }
            }
            Rows::Borrowed { cells, width, .. } => cells[row * width + column],
        };
        if column >= self.key_from { self.key(cell) } else { self.value(cell) }
    }

    fn rows<'s>(
        &'s self,
        mut rows: Range<usize>,
        columns: usize,
        each: &mut dyn FnMut(Bind<'s>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        match self.rows {
            Rows::Objects { arena, slots } if self.plan.moves_nothing() => {
                self.arenas.at(*arena).bind_rows(&slots[rows], &self.columns[..columns], self.key_from, each)
            }
            _ => rows.try_for_each(|row| (0..columns).try_for_each(|column| each(self.bind(row, column)))),
        }
    }
}

/// Keeps the cells that come back, for each step.
struct AnswerSink<'s> {
    /// The statements, and the step that each is of.
    sent: &'s [(usize, Sent<'s>)],
    answers: OneOrMany<Answers>,
}

impl AnswerSink<'_> {
    fn answers(&mut self, statement: usize) -> &mut Answers {
        &mut self.answers[self.sent[statement].0]
    }
}

impl RowSink for AnswerSink<'_> {
    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.answers(statement).push(cells);
        Ok(Flow::More)
    }

    fn keys(&mut self, statement: usize, keys: RangeInclusive<i64>) -> bool {
        match self.answers(statement) {
            Answers::Numbers(numbers) => {
                numbers.extend(keys);
                true
            }
            Answers::Values(_) => false,
        }
    }

    fn done(&mut self, _: usize, _: Done) {}
}

/// Takes what the database made into the objects, and notes what was done.
fn take_in(
    arenas: &mut Arenas,
    plan: &Plan,
    number: usize,
    answers: &Answers,
    committed: bool,
) -> Result<()> {
    let step = &plan.steps[number];
    if !step.marks_deleted {
        follow_changed_keys(arenas, plan, number, committed);
    }
    let Rows::Objects { arena, slots } = &step.rows else { return Ok(()) };
    if step.deletes() {
        leave_collections(arenas, *arena, slots);
        if !step.marks_deleted {
            age_gone_along(arenas, step.operation.table());
        }
    }
    let (index, arena) = (*arena, arenas.at_mut(*arena));
    match step.operation {
        RowsOp::Insert(insert) => {
            let returning: Vec<usize> = insert.returning.iter().collect();
            let width = returning.len();
            let order = order_of_rows(&*arena, &returning, insert.columns, answers, slots)?;
            arena.inserted(slots, &returning, &Answered { answers, width, order })?;
        }
        RowsOp::Update(_) | RowsOp::Delete(_) if step.deletes() => {
            slots.iter().for_each(|slot| arena.deleted(*slot));
        }
        RowsOp::Update(_) | RowsOp::Delete(_) => {
            for (at, (column, _)) in step.computed.iter().enumerate().take(answers.len()) {
                computed::take_in(arena, slots[0], *column, answers.get(at))?;
            }
            for slot in slots {
                match step.operation {
                    RowsOp::Update(update) if plan.following.contains(&(index, *slot)) => {
                        arena.updated_in_part(*slot, update.columns, committed);
                    }
                    _ => arena.updated(*slot, committed),
                }
            }
        }
    }
    Ok(())
}

/// No database promises that RETURNING keeps the order of the rows: where it did not, gives for each object the number of its row. Keys that the
/// database generated are counted in the order of the rows; keys that it was given are those of the objects.
fn order_of_rows(
    arena: &dyn AnyArena,
    returning: &[usize],
    given: ColumnSet,
    answers: &Answers,
    slots: &[u32],
) -> Result<Option<Vec<usize>>> {
    let (table, rows, width) = (arena.table(), slots.len(), returning.len());
    if width == 0 {
        return Ok(None);
    }
    if answers.len() != rows * width {
        return Err(Error::new(
            ErrorKind::Protocol,
            format!(
                "{rows} rows were inserted into `{}`, and {} came back",
                table.name,
                answers.len() / width
            ),
        )
        .with_table(table.name)
        .help("a trigger or rule of the table may keep rows from being returned"));
    }
    if rows == 1 {
        return Ok(None);
    }
    let place = |column: usize| returning.iter().position(|it| *it == column);
    let generated = table.generated_key().and_then(|key| Some((key, place(key)?)));
    let Some((key, place_of_key)) = generated.filter(|(key, _)| !given.contains(*key)) else {
        let places: Option<Vec<usize>> = table.primary_key().map(place).collect();
        let Some(places) = places else { return Ok(None) };
        return arena.rows_by_key(slots, &|row, part| answers.get(row * width + places[part]));
    };
    let counts_down = table.columns[key].identity.is_some_and(|it| it.increment.is_some_and(|it| it < 0));
    let number = |row: &usize| match answers.get(row * width + place_of_key) {
        ValueRef::Int(number) if counts_down => number.checked_neg().unwrap_or(i64::MAX),
        ValueRef::Int(number) => number,
        _ => i64::MAX,
    };
    if (0..rows).is_sorted_by_key(|row| number(&row)) {
        return Ok(None);
    }
    let mut order: Vec<usize> = (0..rows).collect();
    order.sort_by_key(number);
    Ok(Some(order))
}

/// Says what was being flushed, and fills in what the model knows and the database does not tell.
fn explain(error: Error, rows: &StepRows<'_>, step: &Step, name_constraints: bool) -> Error {
    let table = step.operation.table();
    let mut error = error;
    if error.kind() == ErrorKind::StaleData {
        let what = stale(step, rows, &error);
        error = Error::new(ErrorKind::StaleData, what)
            .with_sql(error.sql().unwrap_or_default().to_owned())
            .help(if table.version().is_some() {
                "another transaction changed or deleted the row: roll back, `refresh` the object and decide again"
            } else {
                "another transaction changed or deleted the row; roll back and read it again, or map a version column"
            });
    }
    if name_constraints && error.constraint().is_none() {
        error = name_constraint(error, table);
    }
    if error.column().is_none() {
        error = name_column(error, table);
    }
    error.with_table(table.name).doing(step.describe(rows.arenas))
}

fn stale(step: &Step, rows: &StepRows<'_>, error: &Error) -> String {
    let table = step.operation.table();
    let verb = if matches!(step.operation, RowsOp::Delete(_)) { "DELETE" } else { "UPDATE" };
    let matched = error.what().rsplit(' ').next().and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
    let object = |row: usize| {
        let key =
            (rows.key_from..rows.columns.len()).filter(|it| table.columns[rows.columns[*it]].primary_key);
        let key: Vec<String> = key.map(|it| describe(rows.bind(row, it).as_ref())).collect();
        format!("{}#{}", table.entity, key.join(","))
    };
    let number = step.rows.len();
    if number == 1 {
        return format!("{verb} of {} expected to match 1 row, matched {matched}", object(0));
    }
    format!(
        "{verb} on `{}` expected to match {number} rows, matched {matched}; they are those of {}",
        table.name,
        describe_first(number, object)
    )
}

/// Names the constraint by the model's convention, where only one can be meant.
fn name_constraint(error: Error, table: &'static TableMeta) -> Error {
    match error.kind() {
        ErrorKind::ForeignKeyViolation => {
            let mut keys = table.columns.iter().filter_map(|column| Some((column, column.foreign_key?)));
            match (keys.next(), keys.next()) {
                (Some((column, reference)), None) => {
                    let name = schema::foreign_key_name(table, column, (reference.table)());
                    error.with_constraint(name).with_column(column.name)
                }
                _ => error,
            }
        }
        ErrorKind::UniqueViolation => {
            let unique = |name: &str| {
                schema::Table::of(table).uniques.into_iter().find(|it| it.columns == [name]).map(|it| it.name)
            };
            match error.column().and_then(unique) {
                Some(name) => error.with_constraint(name),
                None => error,
            }
        }
        _ => error,
    }
}

/// Names the column of a constraint that the database named, where it is one of one column.
fn name_column(error: Error, table: &'static TableMeta) -> Error {
    let schema = schema::Table::of(table);
    let columns = match error.kind() {
        ErrorKind::ForeignKeyViolation => schema
            .foreign_keys
            .into_iter()
            .find(|it| error.constraint() == Some(&it.name))
            .map(|it| it.columns),
        ErrorKind::UniqueViolation => {
            schema.uniques.into_iter().find(|it| error.constraint() == Some(&it.name)).map(|it| it.columns)
        }
        _ => None,
    };
    match columns.as_deref() {
        Some([column]) => error.with_column(column.as_str()),
        _ => error,
    }
}
