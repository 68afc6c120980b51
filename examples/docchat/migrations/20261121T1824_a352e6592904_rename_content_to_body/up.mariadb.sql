-- Revision a352e6592904: rename content to body
-- Upgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step rename column documents.content to body
ALTER TABLE documents RENAME COLUMN content TO body;
