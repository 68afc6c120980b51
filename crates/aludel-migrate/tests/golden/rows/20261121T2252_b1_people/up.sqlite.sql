-- Revision b1: people
-- Upgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step create table people
CREATE TABLE people (
  id INTEGER NOT NULL CONSTRAINT pk_people PRIMARY KEY,
  name VARCHAR(100) NOT NULL,
  CONSTRAINT ck_people_name_type CHECK (typeof(name) = 'text' AND length(name) <= 100)
);
