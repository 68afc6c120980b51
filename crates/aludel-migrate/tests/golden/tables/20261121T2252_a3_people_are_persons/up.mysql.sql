-- Revision a3: people are persons
-- Upgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step rename table people to persons
ALTER TABLE people RENAME TO persons;

-- aludel:step rename column persons.name to full_name
ALTER TABLE persons RENAME COLUMN name TO full_name;

-- aludel:step alter column persons.mood
ALTER TABLE persons MODIFY COLUMN mood ENUM('sad','ok','happy') NOT NULL DEFAULT 'ok';

-- aludel:step comment on table persons
ALTER TABLE persons COMMENT='who works here, or did';
