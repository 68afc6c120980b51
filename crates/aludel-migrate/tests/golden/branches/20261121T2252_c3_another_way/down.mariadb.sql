-- Revision c3: another way
-- Downgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step drop table three
DROP TABLE three;
