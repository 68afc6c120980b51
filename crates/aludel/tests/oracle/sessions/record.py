"""Asks SQLAlchemy what merge, expunge, expire and refresh do to what an object leads to, and what becomes of rows tied many to many.

Run by hand when the scenarios change, in an environment that has SQLAlchemy:

    python record.py > outcomes.json

The answers are kept with the versions that gave them; `tests/oracle/sessions.rs` asks Aludel the same and compares.
"""

import pathlib
import sys
import warnings

from sqlalchemy import Column, ForeignKey, Integer, String, Table, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, declarative_base, relationship

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from scenarios import engine_of, parents_and_children, write

warnings.simplefilter("ignore")

CASCADES = {
    "usual": "save-update, merge",
    "all": "all",
    "orphan": "all, delete-orphan",
    "leaves": "save-update, merge, expunge",
    "expires": "save-update, merge, refresh-expire",
}


# A parent and its children


def parents(cascade):
    base = declarative_base()

    class Parent(base):
        __tablename__ = "parents"
        id = Column(Integer, primary_key=True)
        name = Column(String(20), nullable=False)
        children = relationship("Child", back_populates="parent", cascade=cascade)

    class Child(base):
        __tablename__ = "children"
        id = Column(Integer, primary_key=True)
        name = Column(String(20), nullable=False)
        parent_id = Column(Integer, ForeignKey("parents.id"))
        parent = relationship("Parent", back_populates="children")

    return base, Parent, Child


def merge_with_renamed_children(s, Parent, Child):
    s.merge(Parent(id=1, name="A", children=[Child(id=1, name="A1"), Child(id=2, name="a2")]))


def merge_with_one_child_left_out(s, Parent, Child):
    s.merge(Parent(id=1, name="a", children=[Child(id=1, name="a1")]))


def merge_with_a_new_child(s, Parent, Child):
    s.merge(Parent(id=1, name="a", children=[Child(id=1, name="a1"), Child(id=2, name="a2"), Child(name="n")]))


def merge_with_a_child_of_another(s, Parent, Child):
    s.merge(Parent(id=1, name="a", children=[Child(id=1, name="a1"), Child(id=2, name="a2"), Child(id=3, name="b1")]))


def merge_without_children(s, Parent, Child):
    s.merge(Parent(id=1, name="A"))


def merge_with_no_children(s, Parent, Child):
    s.merge(Parent(id=1, name="a", children=[]))


def merge_a_new_parent(s, Parent, Child):
    s.merge(Parent(id=9, name="c", children=[Child(name="n")]))


def merge_a_new_parent_with_a_child_of_another(s, Parent, Child):
    s.merge(Parent(id=9, name="c", children=[Child(id=1, name="a1")]))


def merge_a_child_with_its_parent(s, Parent, Child):
    s.merge(Child(id=1, name="A1", parent=Parent(id=1, name="A")))


def merge_a_child_with_another_parent(s, Parent, Child):
    s.merge(Child(id=1, name="a1", parent=Parent(id=2, name="B")))


def merge_a_child_with_a_new_parent(s, Parent, Child):
    s.merge(Child(id=1, name="a1", parent=Parent(name="c")))


def expunge_a_new_parent_with_a_new_child(s, Parent, Child):
    new = Parent(name="c", children=[Child(name="n")])
    s.add(new)
    s.expunge(new)


def expunge_a_changed_parent(s, Parent, Child):
    a, a1 = s.get(Parent, 1), s.get(Child, 1)
    a.children
    a.name, a1.name = "A", "A1"
    s.expunge(a)


def expunge_a_child_of_a_loaded_parent_and_delete_the_parent(s, Parent, Child):
    a = s.get(Parent, 1)
    s.expunge(a.children[0])
    s.delete(a)


ROWS = [
    merge_with_renamed_children,
    merge_with_one_child_left_out,
    merge_with_a_new_child,
    merge_with_a_child_of_another,
    merge_without_children,
    merge_with_no_children,
    merge_a_new_parent,
    merge_a_new_parent_with_a_child_of_another,
    merge_a_child_with_its_parent,
    merge_a_child_with_another_parent,
    merge_a_child_with_a_new_parent,
    expunge_a_new_parent_with_a_new_child,
    expunge_a_changed_parent,
    expunge_a_child_of_a_loaded_parent_and_delete_the_parent,
]


def expunge_a_parent(s, a, a1):
    s.expunge(a)


def expunge_a_child(s, a, a1):
    s.expunge(a1)


STAYS = [expunge_a_parent, expunge_a_child]


def expire_a_parent(s, a, a1):
    s.expire(a)


def expire_a_child(s, a, a1):
    s.expire(a1)


def refresh_a_parent(s, a, a1):
    s.refresh(a)


def refresh_a_child(s, a, a1):
    s.refresh(a1)


def expire_nothing(s, a, a1):
    pass


SEES = [expire_a_parent, expire_a_child, refresh_a_parent, refresh_a_child, expire_nothing]


def filled(cascade):
    base, Parent, Child = parents(cascade)
    engine = engine_of(base)
    with Session(engine) as s:
        s.add(Parent(id=1, name="a", children=[Child(id=1, name="a1"), Child(id=2, name="a2")]))
        s.add(Parent(id=2, name="b", children=[Child(id=3, name="b1")]))
        s.commit()
    return engine, Parent, Child


def rows(cascade, operation):
    engine, Parent, Child = filled(cascade)
    with Session(engine) as s:
        try:
            operation(s, Parent, Child)
            s.commit()
        except (SQLAlchemyError, AssertionError):
            return "refused"
    return parents_and_children(engine)


def all_of(s, Parent, Child):
    return [s.get(Parent, 1), s.get(Parent, 2), s.get(Child, 1), s.get(Child, 2), s.get(Child, 3)]


def stays(cascade, operation):
    """Which objects are in the session still; the children of `a` were loaded, those of `b` were not."""
    engine, Parent, Child = filled(cascade)
    with Session(engine) as s:
        everything = all_of(s, Parent, Child)
        names = [it.name for it in everything]
        everything[0].children
        operation(s, everything[0], everything[2])
        return " ".join(name for name, it in zip(names, everything) if it in s)


def sees(cascade, operation):
    """Which objects a query shows as their rows are now."""
    engine, Parent, Child = filled(cascade)
    with Session(engine) as s:
        everything = all_of(s, Parent, Child)
        everything[0].children
        s.execute(text("UPDATE parents SET name = upper(name)"))
        s.execute(text("UPDATE children SET name = upper(name)"))
        operation(s, everything[0], everything[2])
        s.scalars(select(Parent)).all()
        s.scalars(select(Child)).all()
        return " ".join(it.name for it in everything)


# Documents and their tags


def documents(cascade):
    base = declarative_base()
    ties = Table(
        "document_tag",
        base.metadata,
        Column("document_id", ForeignKey("documents.id"), primary_key=True),
        Column("tag_id", ForeignKey("tags.id"), primary_key=True),
    )

    class Document(base):
        __tablename__ = "documents"
        id = Column(Integer, primary_key=True)
        name = Column(String(20), nullable=False)
        tags = relationship("Tag", secondary=ties, back_populates="documents", cascade=cascade)

    class Tag(base):
        __tablename__ = "tags"
        id = Column(Integer, primary_key=True)
        name = Column(String(20), nullable=False)
        documents = relationship("Document", secondary=ties, back_populates="tags")

    return base, Document, Tag


def delete_a_document(s, a, b, x, y, z, Document, Tag):
    s.delete(a)


def delete_a_loaded_document(s, a, b, x, y, z, Document, Tag):
    a.tags
    s.delete(a)


def delete_a_tag(s, a, b, x, y, z, Document, Tag):
    s.delete(y)


def delete_a_tag_of_loaded_documents(s, a, b, x, y, z, Document, Tag):
    a.tags, b.tags
    s.delete(y)


def delete_both_sides(s, a, b, x, y, z, Document, Tag):
    s.delete(a)
    s.delete(y)


def remove_a_tag(s, a, b, x, y, z, Document, Tag):
    a.tags.remove(y)


def remove_from_the_other_side(s, a, b, x, y, z, Document, Tag):
    y.documents.remove(a)


def remove_and_delete_a_tag(s, a, b, x, y, z, Document, Tag):
    a.tags.remove(y)
    s.delete(y)


def remove_and_delete_a_document(s, a, b, x, y, z, Document, Tag):
    a.tags.remove(y)
    s.delete(a)


def remove_and_put_back(s, a, b, x, y, z, Document, Tag):
    a.tags.remove(y)
    a.tags.append(y)


def add_a_tag(s, a, b, x, y, z, Document, Tag):
    a.tags.append(z)


def add_from_the_other_side(s, a, b, x, y, z, Document, Tag):
    z.documents.append(a)


def add_and_remove_again(s, a, b, x, y, z, Document, Tag):
    a.tags.append(z)
    a.tags.remove(z)


def add_from_one_side_and_remove_from_the_other(s, a, b, x, y, z, Document, Tag):
    a.tags, z.documents
    a.tags.append(z)
    z.documents.remove(a)


def add_a_tag_that_is_deleted(s, a, b, x, y, z, Document, Tag):
    a.tags.append(z)
    s.delete(z)


def add_new_tags(s, a, b, x, y, z, Document, Tag):
    new = Tag(name="n")
    a.tags.append(new)
    b.tags.append(new)


def add_a_document_with_tags(s, a, b, x, y, z, Document, Tag):
    s.add(Document(name="c", tags=[x, Tag(name="n")]))


def replace_tags(s, a, b, x, y, z, Document, Tag):
    a.tags = [z, y]


def swap_tags(s, a, b, x, y, z, Document, Tag):
    a.tags, b.tags = [y], [x, y]


def clear_tags(s, a, b, x, y, z, Document, Tag):
    a.tags = []


def merge_with_other_tags(s, a, b, x, y, z, Document, Tag):
    s.merge(Document(id=1, name="A", tags=[Tag(id=2, name="Y"), Tag(id=3, name="z"), Tag(name="n")]))


def merge_without_tags(s, a, b, x, y, z, Document, Tag):
    s.merge(Document(id=1, name="A"))


TIES = [
    delete_a_document,
    delete_a_loaded_document,
    delete_a_tag,
    delete_a_tag_of_loaded_documents,
    delete_both_sides,
    remove_a_tag,
    remove_from_the_other_side,
    remove_and_delete_a_tag,
    remove_and_delete_a_document,
    remove_and_put_back,
    add_a_tag,
    add_from_the_other_side,
    add_and_remove_again,
    add_from_one_side_and_remove_from_the_other,
    add_a_tag_that_is_deleted,
    add_new_tags,
    add_a_document_with_tags,
    replace_tags,
    swap_tags,
    clear_tags,
    merge_with_other_tags,
    merge_without_tags,
]


def tied(cascade, operation):
    base, Document, Tag = documents(cascade)
    engine = engine_of(base)
    with Session(engine) as s:
        x, y, z = Tag(id=1, name="x"), Tag(id=2, name="y"), Tag(id=3, name="z")
        s.add_all([z, Document(id=1, name="a", tags=[x, y]), Document(id=2, name="b", tags=[y])])
        s.commit()
    with Session(engine) as s:
        a, b = (s.get(Document, it) for it in (1, 2))
        x, y, z = (s.get(Tag, it) for it in (1, 2, 3))
        try:
            operation(s, a, b, x, y, z, Document, Tag)
            s.commit()
        except (SQLAlchemyError, AssertionError):
            return "refused"
    with engine.connect() as c:
        names = [row[0] for it in ("documents", "tags") for row in c.exec_driver_sql(f"SELECT name FROM {it} ORDER BY name")]
        sql = (
            "SELECT d.name, t.name FROM document_tag i JOIN documents d ON d.id = i.document_id "
            "JOIN tags t ON t.id = i.tag_id ORDER BY d.name, t.name"
        )
        ties = [f"{document}:{tag}" for document, tag in c.exec_driver_sql(sql)]
    return " ".join(names + ties)


outcomes = {}
for name, cascade in CASCADES.items():
    outcomes[name] = {it.__name__: rows(cascade, it) for it in ROWS}
    outcomes[name] |= {it.__name__: stays(cascade, it) for it in STAYS}
    outcomes[name] |= {it.__name__: sees(cascade, it) for it in SEES}
for name, cascade in {"ties": "save-update, merge", "ties_with_all": "all"}.items():
    outcomes[name] = {it.__name__: tied(cascade, it) for it in TIES}
write(outcomes)
