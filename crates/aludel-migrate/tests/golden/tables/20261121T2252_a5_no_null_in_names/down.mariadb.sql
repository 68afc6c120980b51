-- Revision a5: no null in names
-- Downgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step alter options of table persons
ALTER TABLE persons ROW_FORMAT=DEFAULT;

-- aludel:step alter column persons.full_name
ALTER TABLE persons MODIFY COLUMN full_name VARCHAR(200) NULL COMMENT 'as it is spoken';

-- aludel:step alter column persons.mood
ALTER TABLE persons MODIFY COLUMN mood ENUM('sad','ok','happy') NOT NULL DEFAULT 'ok';
