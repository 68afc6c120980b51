-- Revision c2: one way
-- Upgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step create table two
CREATE TABLE two (
  id INTEGER NOT NULL CONSTRAINT pk_two PRIMARY KEY
);
