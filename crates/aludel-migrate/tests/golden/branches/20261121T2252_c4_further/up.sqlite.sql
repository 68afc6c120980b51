-- Revision c4: further
-- Upgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step create table four
CREATE TABLE four (
  id INTEGER NOT NULL CONSTRAINT pk_four PRIMARY KEY
);
