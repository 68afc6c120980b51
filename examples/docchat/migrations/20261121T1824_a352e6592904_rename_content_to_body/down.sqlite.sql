-- Revision a352e6592904: rename content to body
-- Downgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step rename column documents.body to content
ALTER TABLE documents RENAME COLUMN body TO content;
