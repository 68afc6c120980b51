-- Revision c6: the last
-- Upgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step add column four.note
ALTER TABLE four ADD COLUMN note TEXT CONSTRAINT ck_four_note_type CHECK (note IS NULL OR (typeof(note) = 'text'));
