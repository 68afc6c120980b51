-- Revision b3: as each database says it
-- Downgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step a view
DROP VIEW names;
