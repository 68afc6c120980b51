-- Revision a5: no null in names
-- Downgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step alter options of table persons
ALTER TABLE persons RESET (fillfactor);

-- aludel:step alter column persons.full_name
ALTER TABLE persons ALTER COLUMN full_name TYPE varchar(200),
  ALTER COLUMN full_name DROP NOT NULL;

-- aludel:step comment on column persons.full_name
COMMENT ON COLUMN persons.full_name IS 'as it is spoken';

-- aludel:step alter enum mood
CREATE TYPE aludel_new_mood AS ENUM ('sad', 'ok', 'happy');

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
