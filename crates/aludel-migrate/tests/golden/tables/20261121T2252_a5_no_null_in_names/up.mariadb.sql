-- Revision a5: no null in names
-- Upgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step alter column persons.mood
ALTER TABLE persons MODIFY COLUMN mood ENUM('happy','ok') NOT NULL DEFAULT 'ok';

-- aludel:step every row of persons has full_name
-- aludel:check
SELECT count(*) FROM persons WHERE full_name IS NULL;

-- aludel:step alter column persons.full_name
ALTER TABLE persons MODIFY COLUMN full_name VARCHAR(190) NOT NULL;

-- aludel:step alter options of table persons
ALTER TABLE persons ROW_FORMAT=DYNAMIC;
