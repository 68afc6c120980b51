-- Revision c3: another way
-- Downgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step drop table three
DROP TABLE three;
