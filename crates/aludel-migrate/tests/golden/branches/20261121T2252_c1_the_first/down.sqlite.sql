-- Revision c1: the first
-- Downgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step drop table one
DROP TABLE one;
