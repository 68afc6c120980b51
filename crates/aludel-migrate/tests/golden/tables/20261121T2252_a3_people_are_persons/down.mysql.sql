-- Revision a3: people are persons
-- Downgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step comment on table persons
ALTER TABLE persons COMMENT='who works here';

-- aludel:step alter column persons.mood
ALTER TABLE persons MODIFY COLUMN mood ENUM('sad','ok') NOT NULL DEFAULT 'ok';

-- aludel:step rename column persons.full_name to name
ALTER TABLE persons RENAME COLUMN full_name TO name;

-- aludel:step rename table persons to people
ALTER TABLE persons RENAME TO people;
