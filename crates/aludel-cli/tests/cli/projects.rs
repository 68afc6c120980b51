//! Crates as people have them: `init`, the session of the tutorials, models that change. Their metadata programs are really built, without a network, from
//! this checkout and what it was built from. They all need the same features of the same crates, so that these are compiled once.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use aludel_suite::{Db, on_each_database};

use crate::script::{Folder, run, write};

on_each_database! {
    async fn a_program_has_its_entities_wherever_they_are(db: Db) { project(&db, "program", include_str!("projects/program.txt")).await }
    async fn a_library_has_a_program_beside_it(db: Db) { project(&db, "library", include_str!("projects/library.txt")).await }
    async fn a_crate_is_a_member_of_a_workspace(db: Db) { project(&db, "member", include_str!("projects/member.txt")).await }
}

/// Runs a script in a crate: its files, and what all have in common. The crates are built in the target folder of this checkout, one at a time: they name
/// their program alike.
async fn project(db: &Db, name: &str, text: &str) {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let target = Path::new(env!("CARGO_BIN_EXE_aludel")).ancestors().nth(2).unwrap();
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("projects");
    fs::create_dir_all(&place).unwrap();
    let one_at_a_time = File::create(place.join("lock")).unwrap();
    one_at_a_time.lock().unwrap();

    // The same place each time, so that what was built there last time is replaced.
    let root: PathBuf = place.join(format!("{name}_{}", db.database.name()));
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(&root).unwrap();
    let text = text.replace("{checkout}", &checkout.display().to_string());
    let member = text.lines().find_map(|it| it.strip_prefix("# folder: ")).unwrap_or("");
    fs::copy(checkout.join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
    write(&root, &text);
    let environment = [
        ("DATABASE_URL", db.url.clone()),
        ("CARGO_TARGET_DIR", target.display().to_string()),
        ("CARGO_NET_OFFLINE", "true".to_owned()),
        // What others have built with the settings of this workspace serves here as well.
        ("CARGO_PROFILE_DEV_DEBUG", "false".to_owned()),
        ("CARGO_TERM_COLOR", "never".to_owned()),
    ];
    run(db, Folder(root.join(member), environment.into()), &text).await;
    let _ = fs::remove_dir_all(root);
}
