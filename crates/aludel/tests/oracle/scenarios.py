"""What the scripts have in common that ask SQLAlchemy what becomes of rows, for each setting and each operation."""

import hashlib
import json
import sqlite3

import sqlalchemy
from sqlalchemy import create_engine, event


def engine_of(base):
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda it, _: it.execute("PRAGMA foreign_keys = ON"))
    base.metadata.create_all(engine)
    return engine


def parents_and_children(engine):
    """What another program reads: the parents, and the children with their parents."""
    with engine.connect() as c:
        parents = [row[0] for row in c.exec_driver_sql("SELECT name FROM parents ORDER BY name")]
        sql = "SELECT c.name, p.name FROM children c LEFT JOIN parents p ON p.id = c.parent_id ORDER BY c.name"
        children = [f"{name}:{parent or '-'}" for name, parent in c.exec_driver_sql(sql)]
    return " ".join(parents + children)


def write(outcomes):
    """Prints the outcomes, by setting and operation, with the versions that gave them and their sum."""
    lines = "\n".join(f"{s} {o} {it}" for s, all_of in outcomes.items() for o, it in all_of.items())
    print(
        json.dumps(
            {
                "recorded_with": {"sqlalchemy": sqlalchemy.__version__, "sqlite": sqlite3.sqlite_version},
                "sha256": hashlib.sha256(lines.encode()).hexdigest(),
                "outcomes": outcomes,
            },
            indent=1,
        )
    )
