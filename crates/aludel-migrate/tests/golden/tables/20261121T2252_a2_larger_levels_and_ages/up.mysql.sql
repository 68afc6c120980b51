-- Revision a2: larger levels and ages
-- Upgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step add column people.age
ALTER TABLE people ADD COLUMN age INT NULL;

-- aludel:step fill people.age
UPDATE people SET age = 18;

-- aludel:step alter column people.age
ALTER TABLE people MODIFY COLUMN age INT NOT NULL;

-- aludel:step add column people.twice
ALTER TABLE people ADD COLUMN twice BIGINT GENERATED ALWAYS AS (score * 2) STORED;

-- aludel:step alter column people.name
ALTER TABLE people MODIFY COLUMN name VARCHAR(200) NULL COMMENT 'as it is spoken';

-- aludel:step alter column people.level
ALTER TABLE people MODIFY COLUMN level BIGINT NOT NULL DEFAULT 2;
