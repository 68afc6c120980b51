-- Revision c3: another way
-- Upgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step create table three
CREATE TABLE three (
  id INTEGER NOT NULL CONSTRAINT pk_three PRIMARY KEY
);
