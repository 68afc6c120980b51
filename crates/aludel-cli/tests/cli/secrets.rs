//! Case 111: the password of a URL is in no file that a command writes, and others on the machine do not read it without a word.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use aludel_suite::{Db, on_each_database};

use crate::script::Folder;

const PASSWORD: &str = "canary-111";

const MODELS: &str = "[[table]]\nname = \"people\"\ncolumns = [\n  { name = \"id\", type = \"bigint\", generated = true, primary_key = true },\n  \
                      { name = \"name\", type = \"varchar(100)\" },\n";

/// Makes a user with a password, who may do all, and returns the URL.
async fn user(db: &Db, name: &str) -> String {
    db.run(&db.pick(
        String::new(),
        format!("CREATE ROLE {name} LOGIN SUPERUSER PASSWORD '{PASSWORD}'"),
        format!("GRANT ALL ON *.* TO {name}@'%' IDENTIFIED BY '{PASSWORD}'"),
    ))
    .await
    .unwrap();
    db.engine.url().clone().with_user(name).with_password(PASSWORD).reveal()
}

async fn drop_user(db: &Db, name: &str) {
    let statements = db.pick(
        vec![],
        vec![
            format!("REASSIGN OWNED BY {name} TO CURRENT_USER"),
            format!("DROP OWNED BY {name}"),
            format!("DROP ROLE {name}"),
        ],
        vec![format!("DROP USER {name}@'%'")],
    );
    for statement in statements {
        db.run(&statement).await.unwrap();
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// All files below a folder, and how many.
fn texts(folder: &Path, text: &mut String) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += texts(&path, text);
        } else {
            text.push_str(&String::from_utf8_lossy(&fs::read(path).unwrap()));
            files += 1;
        }
    }
    files
}

on_each_database! {
    #[except(sqlite, "it has no passwords")]
    async fn no_file_that_a_command_writes_has_the_password_of_the_url(db: Db) {
        let name = format!("aludel_cli_{}", std::process::id());
        let url = user(&db, &name).await;
        let mut folder = Folder::new(&db, "");
        let dialect = db.engine.dialect().key();
        fs::write(folder.find("Cargo.toml"), "[package]\nname = \"people\"\n\n[dependencies]\naludel = \"0.1\"\n").unwrap();
        fs::create_dir(folder.find("src")).unwrap();
        fs::write(folder.find("src/main.rs"), "fn main() {}\n").unwrap();
        fs::remove_file(folder.find("aludel.toml")).unwrap();
        folder.1.push(("DATABASE_URL", url));
        let mut all = String::new();
        let mut ok = |folder: &Folder, line: &str| {
            let output = folder.run(line);
            assert!(output.status.success(), "{line}: {}", said(&output));
            all.push_str(&said(&output));
        };
        ok(&folder, "aludel init");
        let settings = fs::read_to_string(folder.find("aludel.toml")).unwrap();
        assert!(settings.contains("url_env = \"DATABASE_URL\""), "{settings}");
        fs::write(
            folder.find("aludel.toml"),
            format!("url_env = \"DATABASE_URL\"\ndialects = [\"{dialect}\"]\nmetadata = \"cat models.toml\"\n"),
        )
        .unwrap();
        fs::write(folder.find("models.toml"), format!("{MODELS}]\n")).unwrap();
        ok(&folder, "aludel revision --autogenerate -m \"create people\" --rev-id r1");
        ok(&folder, "aludel upgrade head");
        ok(&folder, "aludel current --json");
        ok(&folder, "aludel reverse -o src/entities.rs");
        fs::write(folder.find("models.toml"), format!("{MODELS}  {{ name = \"fax\", type = \"varchar(20)\", null = true }},\n]\n")).unwrap();
        ok(&folder, "aludel revision --from-database --autogenerate -m \"add a fax\" --rev-id r2");
        ok(&folder, "aludel upgrade head --sql");
        drop_user(&db, &name).await;
        let failed = folder.run("aludel upgrade head");
        assert!(!failed.status.success());
        all.push_str(&said(&failed));
        assert!(texts(&folder.0, &mut all) > 8, "{all}");
        assert!(!all.contains(PASSWORD), "{all}");
    }

    #[except(sqlite, "it has no passwords")]
    async fn a_password_that_others_may_read_is_warned_of(db: Db) {
        let folder = Folder::new(&db, "");
        let file = folder.find("aludel.toml");
        let warning = "aludel.toml` has a password in it, and others on this machine may read it";
        let says = |url: &str, mode: u32| {
            fs::write(&file, format!("url = {url:?}\n")).unwrap();
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            let text = said(&folder.run("aludel heads"));
            assert!(!text.contains(PASSWORD), "{text}");
            text.contains(warning)
        };
        let url = db.engine.url().clone().with_user("sam");
        let secret = url.clone().with_password(PASSWORD).reveal();
        assert!(says(&secret, 0o644) && says(&secret, 0o640));
        assert!(!says(&secret, 0o600));
        assert!(!says("sqlite:///people.db", 0o644));
    }
}
