-- Revision b3: as each database says it
-- Upgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step a view
CREATE VIEW names AS SELECT first || '!' AS name FROM people;
