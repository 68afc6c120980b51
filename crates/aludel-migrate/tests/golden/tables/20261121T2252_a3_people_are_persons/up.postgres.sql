-- Revision a3: people are persons
-- Upgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step rename table people to persons
ALTER TABLE people RENAME TO persons;

-- aludel:step rename column persons.name to full_name
ALTER TABLE persons RENAME COLUMN name TO full_name;

-- aludel:step add value 'happy' to enum mood
-- aludel:tx=none
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'happy' AFTER 'ok';

-- aludel:step rename primary key pk_people on persons to pk_persons
ALTER TABLE persons RENAME CONSTRAINT pk_people TO pk_persons;

-- aludel:step comment on table persons
COMMENT ON TABLE persons IS 'who works here, or did';
