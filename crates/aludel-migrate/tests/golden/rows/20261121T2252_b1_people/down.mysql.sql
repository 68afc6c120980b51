-- Revision b1: people
-- Downgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step drop table people
DROP TABLE people;
