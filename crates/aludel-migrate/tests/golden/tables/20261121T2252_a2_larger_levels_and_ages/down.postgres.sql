-- Revision a2: larger levels and ages
-- Downgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step alter column people.level
ALTER TABLE people ALTER COLUMN level DROP DEFAULT,
  ALTER COLUMN level TYPE integer,
  ALTER COLUMN level SET DEFAULT 1;

-- aludel:step alter column people.name
ALTER TABLE people ALTER COLUMN name TYPE varchar(100);

-- aludel:step comment on column people.name
COMMENT ON COLUMN people.name IS NULL;

-- aludel:step drop column people.twice
ALTER TABLE people DROP COLUMN twice;

-- aludel:step drop column people.age
ALTER TABLE people DROP COLUMN age;
