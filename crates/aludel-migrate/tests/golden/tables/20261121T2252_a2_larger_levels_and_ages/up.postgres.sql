-- Revision a2: larger levels and ages
-- Upgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step add column people.age
ALTER TABLE people ADD COLUMN age integer;

-- aludel:step fill people.age
UPDATE people SET age = 18;

-- aludel:step new rows of people have age
ALTER TABLE people ADD CONSTRAINT aludel_people_age_not_null CHECK (age IS NOT NULL) NOT VALID;

-- aludel:step check the rows of people for aludel_people_age_not_null
-- aludel:tx=none
ALTER TABLE people VALIDATE CONSTRAINT aludel_people_age_not_null;

-- aludel:step every row of people has age
ALTER TABLE people ALTER COLUMN age SET NOT NULL,
  DROP CONSTRAINT aludel_people_age_not_null;

-- aludel:step add column people.twice
ALTER TABLE people ADD COLUMN twice bigint GENERATED ALWAYS AS (score * 2) STORED;

-- aludel:step alter column people.name
ALTER TABLE people ALTER COLUMN name TYPE varchar(200);

-- aludel:step comment on column people.name
COMMENT ON COLUMN people.name IS 'as it is spoken';

-- aludel:step alter column people.level
ALTER TABLE people ALTER COLUMN level DROP DEFAULT,
  ALTER COLUMN level TYPE bigint,
  ALTER COLUMN level SET DEFAULT 2;
