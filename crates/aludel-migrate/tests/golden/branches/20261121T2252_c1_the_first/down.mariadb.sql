-- Revision c1: the first
-- Downgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step drop table one
DROP TABLE one;
