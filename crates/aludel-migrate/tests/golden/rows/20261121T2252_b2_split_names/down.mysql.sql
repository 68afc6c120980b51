-- Revision b2: split names
-- Downgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step drop column people.first
ALTER TABLE people DROP COLUMN `first`;

-- aludel:step two people
DELETE FROM people;
