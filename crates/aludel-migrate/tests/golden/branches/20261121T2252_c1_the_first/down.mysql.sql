-- Revision c1: the first
-- Downgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step drop table one
DROP TABLE one;
