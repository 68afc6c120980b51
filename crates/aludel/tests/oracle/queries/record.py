"""Records what SQLAlchemy answers to the statements of `statements.rs`, on rows of its own making.

Run by hand (`python3 record.py`, with SQLAlchemy installed); `cargo xtask oracle --check` runs it again and compares.
It writes `data.json`, the rows of all tables, and `rows.json`, the rows of each statement with the versions that
gave them. Both are sorted and have no times in them, so a second run writes the same bytes.
"""

import datetime
import decimal
import hashlib
import json
import pathlib
import sqlite3
import sys

import sqlalchemy
from sqlalchemy import (
    Column, ForeignKey, Table, and_, asc, case, cast, create_engine, delete, desc, event, except_, exists, extract, func,
    insert, intersect, literal, not_, null, nulls_first, nulls_last, or_, select, tuple_, union, union_all, update,
)
from sqlalchemy import Float, Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column, relationship

HERE = pathlib.Path(__file__).parent


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    born: Mapped[int | None]
    books: Mapped[list["Book"]] = relationship(back_populates="author")


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    year: Mapped[int]
    rating: Mapped[float | None]
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author] = relationship(back_populates="books")


class Artist(Base):
    __tablename__ = "artists"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    albums: Mapped[list["Album"]] = relationship(back_populates="artist")


class Album(Base):
    __tablename__ = "albums"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    artist_id: Mapped[int] = mapped_column(ForeignKey("artists.id"))
    artist: Mapped[Artist] = relationship(back_populates="albums")
    tracks: Mapped[list["Track"]] = relationship(back_populates="album")


class Genre(Base):
    __tablename__ = "genres"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    tracks: Mapped[list["Track"]] = relationship(back_populates="genre")


playlist_tracks = Table(
    "playlist_tracks",
    Base.metadata,
    Column("playlist_id", ForeignKey("playlists.id"), primary_key=True),
    Column("track_id", ForeignKey("tracks.id"), primary_key=True),
)


class Track(Base):
    __tablename__ = "tracks"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    album_id: Mapped[int] = mapped_column(ForeignKey("albums.id"))
    genre_id: Mapped[int | None] = mapped_column(ForeignKey("genres.id"))
    composer: Mapped[str | None]
    milliseconds: Mapped[int]
    cents: Mapped[int]
    album: Mapped[Album] = relationship(back_populates="tracks")
    genre: Mapped[Genre | None] = relationship(back_populates="tracks")
    lines: Mapped[list["Line"]] = relationship(back_populates="track")
    playlists: Mapped[list["Playlist"]] = relationship(secondary=playlist_tracks, back_populates="tracks")


class Playlist(Base):
    __tablename__ = "playlists"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    tracks: Mapped[list[Track]] = relationship(secondary=playlist_tracks, back_populates="playlists")


class Employee(Base):
    __tablename__ = "employees"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    title: Mapped[str]
    hired: Mapped[datetime.date]
    reports_to: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    manager: Mapped["Employee | None"] = relationship(back_populates="reports", remote_side=[id])
    reports: Mapped[list["Employee"]] = relationship(back_populates="manager")
    customers: Mapped[list["Customer"]] = relationship(back_populates="support")


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    country: Mapped[str]
    company: Mapped[str | None]
    active: Mapped[bool]
    support_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    support: Mapped[Employee | None] = relationship(back_populates="customers")
    invoices: Mapped[list["Invoice"]] = relationship(back_populates="customer")


class Invoice(Base):
    __tablename__ = "invoices"
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[datetime.date]
    cents: Mapped[int]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    customer: Mapped[Customer] = relationship(back_populates="invoices")
    lines: Mapped[list["Line"]] = relationship(back_populates="invoice")


class Line(Base):
    __tablename__ = "invoice_lines"
    id: Mapped[int] = mapped_column(primary_key=True)
    quantity: Mapped[int]
    cents: Mapped[int]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id"))
    invoice: Mapped[Invoice] = relationship(back_populates="lines")
    track: Mapped[Track] = relationship(back_populates="lines")


class Dice:
    """A generator whose numbers are the same on every machine and version."""

    def __init__(self):
        self.state = 42

    def __call__(self, sides):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % sides


def rows():
    """Makes the rows of all tables, in an order in which they can be inserted."""
    roll = Dice()
    pick = lambda words: words[roll(len(words))]
    adjectives = ["Blue", "blue", "Silent", "Loud", "50%", "Éclair", "under_score", "O'Neill's", "Last", "Golden"]
    nouns = ["River", "Night", "Machine", "Übung", "Storm", "garden", "Road", "100%", "Echo", "Sea"]
    names = ["Ada", "Bo", "Cyd", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jon"]
    countries = ["Brazil", "Canada", "France", "Norway", "USA"]
    words = lambda: f"{pick(adjectives)} {pick(nouns)}"
    day = lambda: (datetime.date(2019, 1, 1) + datetime.timedelta(days=roll(1500))).isoformat()
    rare = lambda value, one_in: None if roll(one_in) == 0 else value
    data = {}
    data["authors"] = [[i, f"{pick(names)} {pick(nouns)} {i}", rare(1700 + roll(250), 4)] for i in range(1, 9)]
    data["books"] = [
        [i, f"{words()} {i}", 1800 + roll(220), rare((2 + roll(19)) / 2, 3), 1 + roll(7)] for i in range(1, 31)
    ]
    data["artists"] = [[i, f"{words()} {i}"] for i in range(1, 13)]
    data["albums"] = [[i, words(), 1 + roll(10)] for i in range(1, 31)]
    data["genres"] = [[i, name] for i, name in enumerate(["Rock", "Jazz", "Metal", "Blues", "Opera", "Spoken"], 1)]
    data["tracks"] = [
        [i, words(), 1 + roll(28), rare(1 + roll(5), 8), rare(f"{pick(names)} & {pick(names)}", 3), 60_000 + roll(400_000), 99 + 100 * roll(2)]
        for i in range(1, 121)
    ]
    data["playlists"] = [[i, name] for i, name in enumerate(["Music", "Morning", "90's", "Empty", "All", "music"], 1)]
    pairs = sorted({(pick([1, 2, 3, 5, 6]), 1 + roll(120)) for _ in range(90)})
    data["playlist_tracks"] = [list(pair) for pair in pairs]
    chief = [None, 1, 1, 2, 2, 3, 3, 4]
    titles = ["General", "Sales", "IT", "Sales", "Sales", "IT", "IT", "Sales"]
    data["employees"] = [[i + 1, names[i], titles[i], day(), chief[i]] for i in range(8)]
    data["customers"] = [
        [i, pick(names), f"{pick(nouns)}", pick(countries), rare(words(), 2), roll(3) > 0, rare(2 + roll(4), 6)] for i in range(1, 26)
    ]
    data["invoices"] = [[i, day(), 99 * (1 + roll(20)), 1 + roll(22)] for i in range(1, 61)]
    data["invoice_lines"] = [[i, 1 + roll(3), 99 + 100 * roll(2), 1 + roll(58), 1 + roll(110)] for i in range(1, 151)]
    return data


DATES = {"employees": 3, "invoices": 1}


def fill(connection, data):
    for table in Base.metadata.sorted_tables:
        names = [column.name for column in table.columns]
        values = [dict(zip(names, row)) for row in data[table.name]]
        for value in values:
            for column in table.columns:
                if isinstance(column.type, sqlalchemy.Date):
                    value[column.name] = datetime.date.fromisoformat(value[column.name])
        connection.execute(insert(table), values)


S = select
Boss, Other = aliased(Employee, name="boss"), aliased(Track, name="other")
count = func.count
hours = Track.milliseconds


def statements():
    """Returns the statements, by group and name. `statements.rs` has the same, in the same order."""
    from statements import GROUPS

    return GROUPS


def plain(value):
    match value:
        case datetime.date():
            return value.isoformat()
        case decimal.Decimal():
            return float(value)
    return value


def main():
    engine = create_engine("sqlite://")

    @event.listens_for(engine, "connect")
    def connect(connection, _):
        # Elsewhere LIKE minds case, and so does Aludel.
        connection.execute("PRAGMA case_sensitive_like = ON")

    data = rows()
    answers = {}
    with engine.connect() as connection:
        Base.metadata.create_all(connection)
        fill(connection, data)
        for group, members in statements().items():
            answers[group] = {}
            for name, statement in members.items():
                before = connection.begin_nested()
                found = connection.execute(statement)
                if not found.returns_rows:
                    table = statement.table
                    key = list(table.primary_key)
                    found = connection.execute(select(*table.columns).order_by(*key))
                answers[group][name] = [[plain(value) for value in row] for row in found]
                before.rollback()
    made_by = {
        "sqlalchemy": sqlalchemy.__version__,
        "sqlite": sqlite3.sqlite_version,
        "statements": sum(map(len, answers.values())),
    }
    lines = lambda rows: "[" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "]"
    write("data.json", "{" + ",\n".join(f"{json.dumps(name)}: {lines(rows)}" for name, rows in data.items()) + "}\n")
    body = ",\n".join(
        f"{json.dumps(group)}: {{" + ",\n".join(
            f"{json.dumps(name)}: {json.dumps(rows, ensure_ascii=False)}" for name, rows in members.items()
        ) + "}" for group, members in answers.items()
    )
    made_by["sha256"] = hashlib.sha256(body.encode()).hexdigest()
    write("rows.json", f'{{"made_by": {json.dumps(made_by)},\n"rows": {{\n{body}\n}}}}\n')
    print(f"{made_by['statements']} statements, SQLAlchemy {made_by['sqlalchemy']}, SQLite {made_by['sqlite']}")


def write(name, text):
    (pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE) / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.modules["record"] = sys.modules["__main__"]
    main()
