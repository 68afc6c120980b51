-- Revision b2: split names
-- Upgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step two people
INSERT INTO people (name) VALUES ('Ada Lovelace');

-- aludel:step two people
INSERT INTO people (name) VALUES ('Grace Hopper');

-- aludel:step add column people.first
ALTER TABLE people ADD COLUMN `first` VARCHAR(100) NULL, ALGORITHM=INPLACE, LOCK=NONE;

-- aludel:step fill rows of people
-- aludel:tx=none
-- aludel:backfill pause=0
SELECT count(*) FROM people WHERE first IS NULL;
SELECT max(id), count(*) FROM (SELECT id FROM people WHERE (:after IS NULL OR id > :after) AND (first IS NULL) ORDER BY id LIMIT 1) AS batch;
UPDATE people SET first = substr(name, 1, 3) WHERE (:after IS NULL OR id > :after) AND id <= :upto AND (first IS NULL);

-- aludel:step everybody has a first name
-- aludel:check
SELECT count(*) FROM people WHERE first IS NULL;
