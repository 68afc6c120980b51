-- Revision c6: the last
-- Downgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step drop column four.note
-- aludel:rebuild four
CREATE TABLE aludel_new_four (
  id INTEGER NOT NULL CONSTRAINT pk_four PRIMARY KEY
);
INSERT INTO aludel_new_four (id)
SELECT id FROM four;
DROP TABLE four;
PRAGMA legacy_alter_table = ON;
ALTER TABLE aludel_new_four RENAME TO four;
PRAGMA legacy_alter_table = OFF;
