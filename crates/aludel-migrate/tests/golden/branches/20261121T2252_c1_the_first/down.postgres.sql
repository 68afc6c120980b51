-- Revision c1: the first
-- Downgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step drop table one
DROP TABLE one;
