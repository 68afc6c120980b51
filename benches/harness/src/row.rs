use crate::{Contents, Contestant, Database, Outcome};

/// A row of the table: what the tables hold before, what the contestants do, what must come of it.
pub trait Row: Sync {
    /// The name on the command line.
    fn key(&self) -> &'static str;

    /// The name in the table.
    fn title(&self, database: Database) -> String;

    /// What Aludel must and may reach, as ratios to the bare driver. Without targets the row is not run there.
    fn targets(&self, database: Database) -> Option<Targets>;

    /// How many times a sample repeats the operation of the title: times are given for one.
    fn operations(&self) -> u32 {
        1
    }

    /// The instructions that Aludel may spend on one of what a sample holds, if the design says.
    fn gate(&self, database: Database) -> Option<Gate> {
        let _ = database;
        None
    }

    /// The key of a row that Aludel must be slower in.
    fn faster_than(&self) -> Option<&'static str> {
        None
    }

    /// Whether the memory that a sample takes is told too.
    fn counts_memory(&self) -> bool {
        false
    }

    /// What the tables hold when a sample begins.
    fn before(&self) -> Contents;

    /// What they must hold when the sample of this turn has ended; `None` for a row that only reads.
    fn after(&self, turn: u64) -> Option<Contents> {
        let _ = turn;
        None
    }

    /// The checksum that the sample of this turn must have.
    fn checksum(&self, turn: u64) -> u64;

    /// Has the contestant do the work. No two turns of a run have the same number, and rows that write make their
    /// values from it: SQLite skips the write of a row whose bytes do not change.
    fn run(&self, contestant: &mut dyn Contestant, turn: u64) -> Outcome;
}

/// The last column of the table, from the design.
#[derive(Clone, Copy, Debug)]
pub struct Targets {
    /// Slower than this is a defect.
    pub must: f64,
    /// What the prototypes reached.
    pub aim: f64,
}

/// An upper limit of instructions in user space.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// What is counted: a row, a read.
    pub of: &'static str,
    /// How many of them a sample holds.
    pub count: u32,
    /// More is a defect.
    pub must: u32,
}

impl Targets {
    pub(crate) const fn new(must: f64, aim: f64) -> Option<Self> {
        Some(Targets { must, aim })
    }
}
