-- Revision b1: people
-- Downgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step drop table people
DROP TABLE people;
