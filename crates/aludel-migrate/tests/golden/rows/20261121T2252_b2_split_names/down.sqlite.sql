-- Revision b2: split names
-- Downgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step drop column people.first
-- aludel:rebuild people
CREATE TABLE aludel_new_people (
  id INTEGER NOT NULL CONSTRAINT pk_people PRIMARY KEY,
  name VARCHAR(100) NOT NULL,
  CONSTRAINT ck_people_name_type CHECK (typeof(name) = 'text' AND length(name) <= 100)
);
INSERT INTO aludel_new_people (id, name)
SELECT id, name FROM people;
DROP TABLE people;
PRAGMA legacy_alter_table = ON;
ALTER TABLE aludel_new_people RENAME TO people;
PRAGMA legacy_alter_table = OFF;

-- aludel:step two people
DELETE FROM people;
