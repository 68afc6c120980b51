-- Revision b3: as each database says it
-- Upgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step a view
CREATE VIEW names AS SELECT concat(first, '!') AS name FROM people;
