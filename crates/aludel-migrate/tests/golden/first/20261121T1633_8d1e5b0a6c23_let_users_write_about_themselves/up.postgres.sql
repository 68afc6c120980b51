-- Revision 8d1e5b0a6c23: let users write about themselves
-- Upgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step add column users.bio
ALTER TABLE users ADD COLUMN bio varchar(1000);

-- aludel:step alter column documents.title
ALTER TABLE documents ALTER COLUMN title TYPE varchar(400);

-- aludel:step create index ix_documents_owner_id on documents
CREATE INDEX ix_documents_owner_id ON documents (owner_id);
