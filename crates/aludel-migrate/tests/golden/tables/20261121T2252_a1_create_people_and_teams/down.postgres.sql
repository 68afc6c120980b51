-- Revision a1: create people and teams
-- Downgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step drop table people
DROP TABLE people;

-- aludel:step drop table teams
DROP TABLE teams;

-- aludel:step drop enum mood
DROP TYPE mood;
