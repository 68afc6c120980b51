-- Revision c1: the first
-- Upgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step create table one
CREATE TABLE one (
  id INTEGER NOT NULL CONSTRAINT pk_one PRIMARY KEY
);
