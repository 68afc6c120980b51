"""Migrations beside Alembic: how long each command takes, and how many times faster Aludel is.

    python3 -m venv VENV && VENV/bin/pip install sqlalchemy alembic
    VENV/bin/python benches/migrations/compare.py [--rounds N] [--no-build] [--aludel PROGRAM --models PROGRAM]

Both do the same on SQLite: `revision --autogenerate` for thirty tables that no revision has, `upgrade head` over a hundred small
revisions, `current` where nothing is left to do. A time is that of the whole command, from its start to its end, as whoever types it
waits; the build of the program that prints Aludel's models is not in it. The last column is Alembic without its start: in an
interpreter that has imported everything.
"""

import argparse
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "target/migrations"
REVISIONS = 100

MODELS = '''
from sqlalchemy import Column, ForeignKey, Integer, BigInteger, MetaData, String, Table, Text

conventions = {"ix": "ix_%(table_name)s_%(column_0_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s",
               "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s", "pk": "pk_%(table_name)s"}
metadata = MetaData(naming_convention=conventions)
for number in range(1, 31):
    name = f"table{number:02}"
    Table(
        name, metadata,
        Column("id", BigInteger, primary_key=True),
        Column("email", String(255), nullable=False, unique=True),
        Column("name", String(100), index=True),
        Column("title", String(200), nullable=False),
        Column("body", Text),
        Column("level", Integer, nullable=False, server_default="1"),
        Column("parent_id", BigInteger, ForeignKey(f"{name}.id")),
    )
'''

ENV = '''
from alembic import context
from sqlalchemy import create_engine
from models import metadata

engine = create_engine("sqlite:///bench.db")
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
'''

TEMPLATE = '''"""${message}"""
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''


def alembic_project(folder):
    (folder / "migrations/versions").mkdir(parents=True)
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = migrations\nprepend_sys_path = .\n")
    (folder / "models.py").write_text(MODELS)
    (folder / "migrations/env.py").write_text(ENV)
    (folder / "migrations/script.py.mako").write_text(TEMPLATE)


def aludel_project(folder, models):
    (folder / "migrations").mkdir(parents=True)
    (folder / "aludel.toml").write_text(f'url = "sqlite:///bench.db"\ndialects = ["sqlite"]\nmetadata = ["{models}"]\n')


def small(number):
    """What revision `number` does: every second one creates a table, the others add a column to it."""
    return (number % 2 == 1, f"small{(number + 1) // 2}")


def alembic_revisions(folder):
    for number in range(1, REVISIONS + 1):
        creates, table = small(number)
        parent = repr(f"r{number - 1:03}") if number > 1 else None
        up = (f'op.create_table("{table}", sa.Column("id", sa.BigInteger, primary_key=True), '
              f'sa.Column("name", sa.String(100), nullable=False))') if creates \
            else f'op.add_column("{table}", sa.Column("note", sa.String(100)))'
        down = f'op.drop_table("{table}")' if creates else f'op.drop_column("{table}", "note")'
        text = (f'revision = "r{number:03}"\ndown_revision = {parent}\nbranch_labels = None\ndepends_on = None\n'
                f'from alembic import op\nimport sqlalchemy as sa\n\n\n'
                f'def upgrade():\n    {up}\n\n\ndef downgrade():\n    {down}\n')
        (folder / f"migrations/versions/r{number:03}_small.py").write_text(text)


def aludel_revisions(folder, aludel):
    for number in range(1, REVISIONS + 1):
        creates, table = small(number)
        parents = f'["r{number - 1:03}"]' if number > 1 else "[]"
        operation = (f'create_table = "{table}"\ncolumns = [\n  {{ name = "id", type = "bigint", generated = true, primary_key = true }},\n'
                     f'  {{ name = "name", type = "varchar(100)" }},\n]\n') if creates \
            else f'add_column = "note"\ntable = "{table}"\ntype = "varchar(100)"\nnull = true\n'
        revision = folder / f"migrations/20260101T{number:04}_r{number:03}_small"
        revision.mkdir()
        (revision / "revision.toml").write_text(
            f'id = "r{number:03}"\nparents = {parents}\nmessage = "small"\n\n[[op]]\n{operation}')
    subprocess.run([aludel, "--quiet", "render", "base:head"], cwd=folder, check=True)


def timed(folder, command):
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    took = time.perf_counter() - begin
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return took


def warm(folder, code):
    """Times a command of Alembic in an interpreter that has imported all it needs."""
    text = ("import time, sys, logging; sys.path.insert(0, '.'); import models\n"
            "import alembic.command as c, alembic.config as g, alembic.autogenerate, sqlalchemy.dialects.sqlite\n"
            "config = g.Config('alembic.ini', stdout=open('/dev/null', 'w'))\n"
            f"begin = time.perf_counter(); {code}\n"
            "print(time.perf_counter() - begin, file=sys.stderr)")
    done = subprocess.run([sys.executable, "-c", text], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return float(done.stderr.strip().splitlines()[-1])


def content(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("bench.db*")}


def clear(folder, keep):
    for path in folder.glob("bench.db*"):
        path.unlink()
    if not keep:
        migrations = folder / "migrations"
        for path in [*migrations.glob("versions/*"), *migrations.glob("2*"), *migrations.glob("aludel.sum")]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-build", action="store_true")
    parser.add_argument("--aludel", default=HERE / "../../target/release/aludel")
    parser.add_argument("--models", default=TARGET / "release/aludel-bench-migrations")
    options = parser.parse_args()
    if not options.no_build:
        for manifest, package, where in [(HERE / "../../Cargo.toml", "aludel-cli", []), (HERE / "Cargo.toml", "aludel-bench-migrations", ["--target-dir", TARGET])]:
            subprocess.run(["cargo", "build", "--release", "--manifest-path", manifest, "--package", package, *where], check=True)
    aludel, models = Path(options.aludel).resolve(), Path(options.models).resolve()
    alembic = Path(sys.executable).parent / "alembic"
    root = Path(tempfile.mkdtemp(prefix="aludel_bench_"))
    try:
        ours, theirs = root / "aludel", root / "alembic"
        aludel_project(ours, models)
        alembic_project(theirs)
        rows = []

        def row(title, prepare, our_args, their_args, code):
            times = ([], [], [])
            for number in range(options.rounds + 1):
                prepare()
                begun = [timed(ours, [aludel, *our_args]), timed(theirs, [alembic, *their_args])]
                prepare()
                begun.append(warm(theirs, code))
                if number:  # the first round warms up
                    for list_, took in zip(times, begun):
                        list_.append(took)
            rows.append((title, *map(statistics.median, times)))

        def fresh(keep):
            for folder in (ours, theirs):
                clear(folder, keep)

        autogenerate = ["revision", "--autogenerate", "-m", "thirty tables"]
        row("revision --autogenerate, 30 tables", lambda: fresh(False), autogenerate, autogenerate,
            "c.revision(config, message='thirty tables', autogenerate=True)")
        fresh(False)
        alembic_revisions(theirs)
        aludel_revisions(ours, aludel)
        row("upgrade head, 100 revisions", lambda: fresh(True), ["upgrade", "head"], ["upgrade", "head"],
            "c.upgrade(config, 'head')")
        timed(ours, [aludel, "upgrade", "head"])
        before = content(ours)
        timed(theirs, [alembic, "upgrade", "head"])
        row("current, up to date", lambda: None, ["current"], ["current"], "c.current(config)")
        if content(ours) != before:
            sys.exit("`aludel current` wrote to the database")

        print(f"| median of {options.rounds} | Aludel | Alembic | times | Alembic, warm | times |")
        print("|---|---|---|---|---|---|")
        for title, our, their, inside in rows:
            print(f"| {title} | {our * 1e3:.0f} ms | {their * 1e3:.0f} ms | {their / our:.1f} | {inside * 1e3:.0f} ms | {inside / our:.1f} |")
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
