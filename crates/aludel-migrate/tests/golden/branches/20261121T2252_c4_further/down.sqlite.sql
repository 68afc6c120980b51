-- Revision c4: further
-- Downgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step drop table four
DROP TABLE four;
