-- Revision c6: the last
-- Upgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step add column four.note
ALTER TABLE four ADD COLUMN note LONGTEXT NULL, ALGORITHM=INPLACE, LOCK=NONE;
