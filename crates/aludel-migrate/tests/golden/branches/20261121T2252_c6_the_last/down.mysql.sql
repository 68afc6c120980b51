-- Revision c6: the last
-- Downgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step drop column four.note
ALTER TABLE four DROP COLUMN note;
