-- Revision 8d1e5b0a6c23: let users write about themselves
-- Upgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step add column users.bio
ALTER TABLE users ADD COLUMN bio VARCHAR(1000) NULL;

-- aludel:step alter column documents.title
ALTER TABLE documents MODIFY COLUMN title VARCHAR(400) NOT NULL;

-- aludel:step create index ix_documents_owner_id on documents
CREATE INDEX ix_documents_owner_id ON documents (owner_id);
