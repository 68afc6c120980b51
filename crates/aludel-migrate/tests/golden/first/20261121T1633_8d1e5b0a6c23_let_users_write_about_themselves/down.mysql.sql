-- Revision 8d1e5b0a6c23: let users write about themselves
-- Downgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step drop index ix_documents_owner_id on documents
ALTER TABLE documents DROP INDEX ix_documents_owner_id, ADD INDEX fk_documents_owner_id_users (owner_id);

-- aludel:step alter column documents.title
ALTER TABLE documents MODIFY COLUMN title VARCHAR(200) NOT NULL;

-- aludel:step drop column users.bio
ALTER TABLE users DROP COLUMN bio;
