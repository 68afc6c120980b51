-- Revision c2: one way
-- Downgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step drop table two
DROP TABLE two;
