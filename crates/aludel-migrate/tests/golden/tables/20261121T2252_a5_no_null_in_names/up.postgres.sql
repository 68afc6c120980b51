-- Revision a5: no null in names
-- Upgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step alter enum mood
CREATE TYPE aludel_new_mood AS ENUM ('happy', 'ok');

-- aludel:step alter enum mood
ALTER TABLE persons ALTER COLUMN mood DROP DEFAULT;

-- aludel:step alter enum mood
ALTER TABLE persons ALTER COLUMN mood TYPE aludel_new_mood USING mood::text::aludel_new_mood;

-- aludel:step alter enum mood
DROP TYPE mood;

-- aludel:step alter enum mood
ALTER TYPE aludel_new_mood RENAME TO mood;

-- aludel:step alter enum mood
ALTER TABLE persons ALTER COLUMN mood SET DEFAULT 'ok';

-- aludel:step every row of persons has full_name
-- aludel:check
SELECT count(*) FROM persons WHERE full_name IS NULL;

-- aludel:step alter column persons.full_name
ALTER TABLE persons ALTER COLUMN full_name TYPE varchar(190),
  ALTER COLUMN full_name SET NOT NULL;

-- aludel:step comment on column persons.full_name
COMMENT ON COLUMN persons.full_name IS NULL;

-- aludel:step alter options of table persons
ALTER TABLE persons SET (fillfactor=80);
