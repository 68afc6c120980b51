"""Asks SQLAlchemy what becomes of rows, for each setting of a relationship and each operation.

Run by hand when the scenarios change, in an environment that has SQLAlchemy:

    python record.py > outcomes.json

The answers are kept with the versions that gave them; `tests/oracle/unit_of_work.rs` asks Aludel the same and compares.
"""

import pathlib
import sys

from sqlalchemy import Column, ForeignKey, Integer, String, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, declarative_base, relationship

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from scenarios import engine_of, parents_and_children, write

SETTINGS = {
    # name: (cascade, the key may be NULL, passive_deletes and ON DELETE CASCADE)
    "plain": ("save-update, merge", True, False),
    "required": ("save-update, merge", False, False),
    "all": ("all", True, False),
    "all_required": ("all", False, False),
    "orphan": ("all, delete-orphan", True, False),
    "orphan_required": ("all, delete-orphan", False, False),
    "passive": ("all, delete-orphan", False, True),
}


def models(cascade, nullable, passive):
    base = declarative_base()

    class Parent(base):
        __tablename__ = "parents"
        id = Column(Integer, primary_key=True)
        name = Column(String(20), nullable=False)
        children = relationship("Child", back_populates="parent", cascade=cascade, passive_deletes=passive)

    class Child(base):
        __tablename__ = "children"
        id = Column(Integer, primary_key=True)
        name = Column(String(20), nullable=False)
        on_delete = "CASCADE" if passive else None
        parent_id = Column(Integer, ForeignKey("parents.id", ondelete=on_delete), nullable=nullable)
        parent = relationship("Parent", back_populates="children")

    return base, Parent, Child


def load(it):
    it.children


def delete_parent(s, a, b, a1, a2, Child, Parent):
    s.delete(a)


def delete_loaded_parent(s, a, b, a1, a2, Child, Parent):
    load(a)
    s.delete(a)


def delete_parent_and_child(s, a, b, a1, a2, Child, Parent):
    s.delete(a1)
    s.delete(a)


def delete_both_parents(s, a, b, a1, a2, Child, Parent):
    s.delete(b)
    s.delete(a)


def delete_child(s, a, b, a1, a2, Child, Parent):
    s.delete(a1)


def delete_child_of_loaded_parent(s, a, b, a1, a2, Child, Parent):
    load(a)
    s.delete(a1)


def remove_child(s, a, b, a1, a2, Child, Parent):
    load(a)
    a.children.remove(a1)


def remove_all_children(s, a, b, a1, a2, Child, Parent):
    load(a)
    a.children.remove(a1)
    a.children.remove(a2)


def clear_parent(s, a, b, a1, a2, Child, Parent):
    load(a)
    a1.parent = None


def move_to_collection(s, a, b, a1, a2, Child, Parent):
    load(a)
    load(b)
    b.children.append(a1)


def move_from_collection_to_collection(s, a, b, a1, a2, Child, Parent):
    load(a)
    load(b)
    a.children.remove(a1)
    b.children.append(a1)


def move_to_parent(s, a, b, a1, a2, Child, Parent):
    load(a)
    a1.parent = b


def move_by_key(s, a, b, a1, a2, Child, Parent):
    a1.parent_id = b.id


def move_and_delete_old_parent(s, a, b, a1, a2, Child, Parent):
    load(a)
    load(b)
    a.children.remove(a1)
    b.children.append(a1)
    s.delete(a)


def move_by_key_and_delete_old_parent(s, a, b, a1, a2, Child, Parent):
    a1.parent_id = b.id
    s.delete(a)


def remove_and_delete_parent(s, a, b, a1, a2, Child, Parent):
    load(a)
    a.children.remove(a1)
    s.delete(a)


def remove_and_put_back(s, a, b, a1, a2, Child, Parent):
    load(a)
    a.children.remove(a1)
    a.children.append(a1)


def add_parent_with_children(s, a, b, a1, a2, Child, Parent):
    s.add(Parent(name="c", children=[Child(name="c1"), Child(name="c2")]))


def add_parent_with_a_child_of_another(s, a, b, a1, a2, Child, Parent):
    load(a)
    s.add(Parent(name="c", children=[a1]))


def add_child_to_collection(s, a, b, a1, a2, Child, Parent):
    load(a)
    new = Child(name="n")
    a.children.append(new)


def add_child_with_parent(s, a, b, a1, a2, Child, Parent):
    s.add(Child(name="n", parent=a))


def add_child_without_parent(s, a, b, a1, a2, Child, Parent):
    s.add(Child(name="n"))


def add_child_and_take_it_out_again(s, a, b, a1, a2, Child, Parent):
    load(a)
    new = Child(name="n")
    a.children.append(new)
    a.children.remove(new)


def add_child_to_a_deleted_parent(s, a, b, a1, a2, Child, Parent):
    load(a)
    a.children.append(Child(name="n"))
    s.delete(a)


def replace_a_child(s, a, b, a1, a2, Child, Parent):
    load(a)
    a.children.remove(a1)
    a.children.append(Child(name="n"))


def swap_children(s, a, b, a1, a2, Child, Parent):
    load(a)
    load(b)
    b1 = b.children[0]
    a.children.remove(a1)
    b.children.remove(b1)
    a.children.append(b1)
    b.children.append(a1)


OPERATIONS = [
    delete_parent,
    delete_loaded_parent,
    delete_parent_and_child,
    delete_both_parents,
    delete_child,
    delete_child_of_loaded_parent,
    remove_child,
    remove_all_children,
    clear_parent,
    move_to_collection,
    move_from_collection_to_collection,
    move_to_parent,
    move_by_key,
    move_and_delete_old_parent,
    move_by_key_and_delete_old_parent,
    remove_and_delete_parent,
    remove_and_put_back,
    add_parent_with_children,
    add_parent_with_a_child_of_another,
    add_child_to_collection,
    add_child_with_parent,
    add_child_without_parent,
    add_child_and_take_it_out_again,
    add_child_to_a_deleted_parent,
    replace_a_child,
    swap_children,
]


def outcome(setting, operation):
    base, Parent, Child = models(*SETTINGS[setting])
    engine = engine_of(base)
    with Session(engine) as s:
        s.add(Parent(name="a", children=[Child(name="a1"), Child(name="a2")]))
        s.add(Parent(name="b", children=[Child(name="b1")]))
        s.commit()
    with Session(engine) as s:
        a, b = (s.scalars(select(Parent).where(Parent.name == it)).one() for it in "ab")
        a1, a2 = (s.scalars(select(Child).where(Child.name == it)).one() for it in ("a1", "a2"))
        try:
            operation(s, a, b, a1, a2, Child, Parent)
            s.commit()
        except (SQLAlchemyError, AssertionError):
            return "refused"
    return parents_and_children(engine)


outcomes = {s: {o.__name__: outcome(s, o) for o in OPERATIONS} for s in SETTINGS}
write(outcomes)
