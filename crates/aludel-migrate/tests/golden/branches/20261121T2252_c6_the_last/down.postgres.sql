-- Revision c6: the last
-- Downgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step drop column four.note
ALTER TABLE four DROP COLUMN note;
