-- Revision b1: people
-- Downgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step drop table people
DROP TABLE people;
