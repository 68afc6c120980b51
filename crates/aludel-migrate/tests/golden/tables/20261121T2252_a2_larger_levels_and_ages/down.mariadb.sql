-- Revision a2: larger levels and ages
-- Downgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step alter column people.level
ALTER TABLE people MODIFY COLUMN level INT NOT NULL DEFAULT 1;

-- aludel:step alter column people.name
ALTER TABLE people MODIFY COLUMN name VARCHAR(100) NULL;

-- aludel:step drop column people.twice
ALTER TABLE people DROP COLUMN twice;

-- aludel:step drop column people.age
ALTER TABLE people DROP COLUMN age;
