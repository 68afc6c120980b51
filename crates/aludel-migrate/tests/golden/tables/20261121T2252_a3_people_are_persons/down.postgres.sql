-- Revision a3: people are persons
-- Downgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step comment on table persons
COMMENT ON TABLE persons IS 'who works here';

-- aludel:step rename primary key pk_persons on persons to pk_people
ALTER TABLE persons RENAME CONSTRAINT pk_persons TO pk_people;

-- aludel:step alter enum mood
CREATE TYPE aludel_new_mood AS ENUM ('sad', 'ok');

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

-- aludel:step rename column persons.full_name to name
ALTER TABLE persons RENAME COLUMN full_name TO name;

-- aludel:step rename table persons to people
ALTER TABLE persons RENAME TO people;
