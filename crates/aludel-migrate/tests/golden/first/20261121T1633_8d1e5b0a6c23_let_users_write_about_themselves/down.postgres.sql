-- Revision 8d1e5b0a6c23: let users write about themselves
-- Downgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step drop index ix_documents_owner_id on documents
DROP INDEX ix_documents_owner_id;

-- aludel:step alter column documents.title
ALTER TABLE documents ALTER COLUMN title TYPE varchar(200);

-- aludel:step drop column users.bio
ALTER TABLE users DROP COLUMN bio;
