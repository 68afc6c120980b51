//! Times `cargo check` of a crate of sixty entities, beside the same structs without the derive.
//!
//! Each entity has ten columns and two relations and is in a file of its own. Cold: the crate alone, its dependencies checked
//! already. Changed: again, after a field of one struct got another name.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

const ENTITIES: usize = 60;
const ROUNDS: usize = 5;

/// The design's limits, in seconds.
const MUST_COLD: f64 = 2.0;
const MUST_CHANGED: f64 = 0.6;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package has a parent");
    let entities = Crate::create(benches, "entities", entity)?;
    let plain = Crate::create(benches, "plain", plain)?;
    let (mut entity_times, mut plain_times) = (Times::default(), Times::default());
    for krate in [&entities, &plain] {
        krate.check()?;
    }
    for round in 0..ROUNDS {
        entities.measure(round, &mut entity_times)?;
        plain.measure(round, &mut plain_times)?;
    }
    println!("{ENTITIES} entities of 10 columns and 2 relations, a file each; medians of {ROUNDS} rounds\n");
    println!("| cargo check | entities, s | must | plain structs, s |");
    println!("|---|--:|--:|--:|");
    let row = |title: &str, entities: &[Duration], plain: &[Duration], must: f64| {
        let (entities, plain) = (median(entities), median(plain));
        let missed = if entities > must { " ✗" } else { "" };
        println!("| {title} | {entities:.2}{missed} | {must:.1} | {plain:.2} |");
    };
    row("the crate alone", &entity_times.cold, &plain_times.cold, MUST_COLD);
    row("after one field got another name", &entity_times.changed, &plain_times.changed, MUST_CHANGED);
    Ok(())
}

/// The seconds in the middle.
fn median(times: &[Duration]) -> f64 {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

#[derive(Default)]
struct Times {
    cold: Vec<Duration>,
    changed: Vec<Duration>,
}

/// A crate that is written for this.
struct Crate {
    name: &'static str,
    folder: PathBuf,
    target: PathBuf,
    source: fn(usize, &str) -> String,
}

impl Crate {
    /// Writes the crate below `benches/target`.
    fn create(benches: &Path, name: &'static str, source: fn(usize, &str) -> String) -> Result<Self, String> {
        let root = benches.join("target/typecheck");
        let this = Self { name, folder: root.join(name), target: root.join("target"), source };
        let aludel = benches.join("../crates/aludel");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\naludel = {{ path = {aludel:?} }}\n\n[workspace]\n"
        );
        let modules: String = (0..ENTITIES).map(|at| format!("pub mod e{at};\n")).collect();
        write(&this.folder.join("Cargo.toml"), &manifest)?;
        write(&this.folder.join("src/lib.rs"), &modules)?;
        for at in 0..ENTITIES {
            this.write_entity(at, "fifth")?;
        }
        Ok(this)
    }

    /// Writes the file of one struct; `field` is the name of one of its fields.
    fn write_entity(&self, at: usize, field: &str) -> Result<(), String> {
        write(&self.folder.join(format!("src/e{at}.rs")), &(self.source)(at, field))
    }

    /// Checks it from nothing, then after a change.
    fn measure(&self, round: usize, times: &mut Times) -> Result<(), String> {
        self.write_entity(7, "fifth")?;
        self.cargo(&["clean", "--package", self.name])?;
        times.cold.push(self.check()?);
        self.write_entity(7, &format!("fifth_{round}"))?;
        times.changed.push(self.check()?);
        Ok(())
    }

    fn check(&self) -> Result<Duration, String> {
        let begun = Instant::now();
        self.cargo(&["check"])?;
        Ok(begun.elapsed())
    }

    fn cargo(&self, args: &[&str]) -> Result<(), String> {
        let done = Command::new("cargo")
            .args(args)
            .arg("--manifest-path")
            .arg(self.folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(&self.target)
            .env("CARGO_INCREMENTAL", "1")
            .output()
            .map_err(|error| format!("cargo did not start: {error}"))?;
        if done.status.success() {
            return Ok(());
        }
        Err(format!("cargo {}: {}", args.join(" "), String::from_utf8_lossy(&done.stderr)))
    }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().expect("a file is in a folder");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

/// Each entity belongs to the next one, the last to the first.
fn entity(at: usize, field: &str) -> String {
    let (next, previous) = ((at + 1) % ENTITIES, (at + ENTITIES - 1) % ENTITIES);
    format!(
        "use aludel::prelude::*;
use crate::{{e{next}::E{next}, e{previous}::E{previous}}};

#[derive(Entity, Debug)]
pub struct E{at} {{
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100, unique)]
    pub first: String,
    #[column(length = 200)]
    pub second: String,
    pub third: String,
    pub fourth: i32,
    pub {field}: f64,
    pub sixth: Option<String>,
    pub seventh: Option<i64>,
    #[column(server_default = true)]
    pub eighth: bool,
    #[column(foreign_key = E{next}::ID)]
    pub next_id: i64,
    #[relation(back_populates = E{next}::PREVIOUS)]
    pub next: BelongsTo<E{next}>,
    #[relation(back_populates = E{previous}::NEXT)]
    pub previous: HasMany<E{previous}>,
}}
"
    )
}

fn plain(at: usize, field: &str) -> String {
    format!(
        "#[derive(Debug)]
pub struct E{at} {{
    pub id: i64,
    pub first: String,
    pub second: String,
    pub third: String,
    pub fourth: i32,
    pub {field}: f64,
    pub sixth: Option<String>,
    pub seventh: Option<i64>,
    pub eighth: bool,
    pub next_id: i64,
}}
"
    )
}
