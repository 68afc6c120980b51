//! Processes that are killed, and many at once.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};
use std::time::Duration;

use aludel_suite::{Db, long, on_each_database};
use aludel_testing::Random;

use crate::script::Folder;

const PEOPLE: &str = "[[table]]\nname = \"people\"\ncolumns = [\n  { name = \"id\", type = \"bigint\", generated = true, primary_key = true },\n  \
                      { name = \"name\", type = \"varchar(100)\" },\n";

/// Five revisions: tables, an index, a column that is filled, a unique key, and rows batch after batch.
fn project(db: &Db) -> Folder {
    let folder = Folder::new(db, "");
    let models = |text: &str| fs::write(folder.find("models.toml"), text).unwrap();
    let ok = |line: &str| expect(&folder.run(line), 0);
    models(&format!("{PEOPLE}]\n"));
    ok("aludel revision --autogenerate -m one --rev-id r1");
    models(&format!("{PEOPLE}]\nindexes = [{{ name = \"ix_people_name\", columns = [\"name\"] }}]\n"));
    ok("aludel revision --autogenerate -m two --rev-id r2");
    models(&format!(
        "{PEOPLE}  {{ name = \"code\", type = \"bigint\" }},\n  {{ name = \"short\", type = \"varchar(9)\", null = true }},\n]\n\
         indexes = [{{ name = \"ix_people_name\", columns = [\"name\"] }}]\n\
         unique = [{{ name = \"uq_people_code\", columns = [\"code\"] }}]\n"
    ));
    ok("aludel revision --autogenerate -m three --rev-id r3 --backfill people.code=id");
    ok("aludel revision -m four --rev-id r4");
    let toml = folder.find("migrations/*_r4_four/revision.toml");
    let text = fs::read_to_string(&toml).unwrap()
        + "\n[[op]]\nbackfill = \"people\"\nkey = \"id\"\nset = \"short = 'x'\"\nwhere = \"short IS NULL\"\nbatch = 3\npause = 1\n\
           \n[[op]]\nsql = \"one more\"\nup = \"INSERT INTO people (name, code) VALUES ('last', 1000)\"\n\
           down = \"DELETE FROM people WHERE code = 1000\"\n";
    fs::write(&toml, text).unwrap();
    ok("aludel render r4");
    folder
}

#[track_caller]
fn expect(output: &Output, code: i32) {
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(output.status.code(), Some(code), "{}{}", said(&output.stdout), said(&output.stderr));
}

/// Everything that the revisions make, and what is in it.
async fn shape(db: &Db) -> Vec<String> {
    let query = db.pick(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name",
        "SELECT concat(table_name, '.', column_name, ' ', data_type, ' ', is_nullable) FROM information_schema.columns \
         WHERE table_schema = 'public' UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
        "SELECT concat(table_name, '.', column_name, ' ', column_type, ' ', is_nullable) FROM information_schema.columns \
         WHERE table_schema = database() UNION ALL SELECT concat(table_name, ' ', index_name, ' ', column_name) \
         FROM information_schema.statistics WHERE table_schema = database() ORDER BY 1",
    );
    let mut lines: Vec<String> = db.rows(query).await.unwrap().iter().map(|row| row.at(0).unwrap()).collect();
    for query in [
        "SELECT concat(id, ' ', state) FROM aludel_revisions ORDER BY id",
        "SELECT concat(name, ' ', code, ' ', short) FROM people ORDER BY code",
    ] {
        let rows = db.rows(query).await.unwrap_or_default();
        lines.extend(rows.iter().map(|row| row.at::<Option<String>>(0).unwrap().unwrap_or_default()));
    }
    lines
}

on_each_database! {
    async fn that_nobody_listens_is_no_reason_to_stop(db: Db) {
        let folder = project(&db);
        let deaf = |line: &str| {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let mut command = folder.command(line);
            command.stdout(writer.try_clone().unwrap()).stderr(writer);
            assert_eq!(command.status().unwrap().code(), Some(0), "{line}");
        };
        deaf("aludel upgrade head");
        expect(&folder.run("aludel current --check-heads"), 0);
        deaf("aludel history");
        deaf("aludel current --json");
    }

    async fn after_a_kill_resume_makes_what_an_undisturbed_run_makes(db: Db) {
        let folder = project(&db);
        let fill = async || {
            expect(&folder.run("aludel upgrade r1"), 0);
            let rows: Vec<String> = (1..=20).map(|it| format!("('p{it}')")).collect();
            db.run(&format!("INSERT INTO people (name) VALUES {}", rows.join(", "))).await.unwrap();
        };
        fill().await;
        expect(&folder.run("aludel upgrade head"), 0);
        let undisturbed = shape(&db).await;
        let mut random = Random(7);
        let (mut interrupted, mut tried) = (0, 0);
        // Some are through before they are killed.
        while interrupted < if long() { 30 } else { 4 } {
            tried += 1;
            assert!(tried <= 400, "only {interrupted} of {tried} were killed in time");
            expect(&folder.run("aludel downgrade base --allow-data-loss"), 0);
            fill().await;
            let mut child = folder.command("aludel upgrade head").stderr(Stdio::piped()).spawn().unwrap();
            // Somewhere after a line of its progress that comes up by chance.
            let lines = random.below(16);
            let mut progress = BufReader::new(child.stderr.take().unwrap()).lines();
            let said = progress.by_ref().take(lines).count();
            tokio::time::sleep(Duration::from_micros(random.below(3000) as u64)).await;
            child.kill().unwrap();
            interrupted += usize::from(!child.wait().unwrap().success() && said == lines);
            expect(&folder.run("aludel resume"), 0);
            expect(&folder.run("aludel upgrade head"), 0);
            assert_eq!(shape(&db).await, undisturbed);
        }
    }

    async fn case_86_a_migrator_that_waits_goes_on_when_the_one_at_work_is_killed(db: Db) {
        let folder = project(&db);
        expect(&folder.run("aludel upgrade r3"), 0);
        db.run("INSERT INTO people (name, code) VALUES ('a', 1), ('b', 2), ('c', 3), ('d', 4)").await?;
        // Batches with a long rest between them, and then a kill: it never gets there.
        let toml = folder.find("migrations/*_r4_four/revision.toml");
        fs::write(&toml, fs::read_to_string(&toml)?.replace("pause = 1\n", "pause = 60000\n"))?;
        expect(&folder.run("aludel render r4"), 0);
        let spawn = || folder.command("aludel upgrade head").stderr(Stdio::piped()).spawn();
        let says = |child: &mut std::process::Child, what: &str| {
            let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
            assert!(lines.by_ref().any(|it| it.contains(what)), "nobody says: {what}");
            lines
        };
        let mut at_work = spawn()?;
        // On SQLite the transaction is the lock, and no batch rests in it: it is killed wherever it is.
        let working = says(&mut at_work, db.pick("Upgrade r4", "3 of 4 rows", "3 of 4 rows"));
        let mut waiting = spawn()?;
        if db.engine.dialect().migration_lock().is_some() {
            let rest = says(&mut waiting, "Another migrator is at work; waiting for it.");
            at_work.kill()?;
            let said: Vec<String> = rest.collect();
            assert!(!waiting.wait()?.success() && said.iter().any(|it| it.contains("aludel resume")), "{said:?}");
        } else {
            at_work.kill()?;
            waiting.wait()?;
        }
        at_work.wait()?;
        drop(working);
        db.run("UPDATE people SET short = 'x' WHERE short IS NULL AND code < 1000").await?;
        expect(&folder.run("aludel resume"), 0);
        expect(&folder.run("aludel upgrade head"), 0);
        expect(&folder.run("aludel current --check-heads"), 0);
        assert_eq!(db.count("people WHERE short = 'x'").await?, 4);
        assert_eq!(db.count("people WHERE code = 1000").await?, 1);
    }

    async fn eight_processes_at_once_do_the_work_once(db: Db) {
        let folder = project(&db);
        let spawn = |_| folder.command("aludel upgrade head").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let children: Vec<_> = (0..8).map(spawn).collect();
        let mut done = Vec::new();
        for child in children {
            let output = child.wait_with_output().unwrap();
            expect(&output, 0);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            done.extend(said.lines().filter(|it| it.starts_with("Upgrade ")).map(str::to_owned));
        }
        done.sort();
        assert_eq!(done, ["Upgrade r1: one", "Upgrade r2: two", "Upgrade r3: three", "Upgrade r4: four"]);
    }
}
