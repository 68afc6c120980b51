-- Revision 8d1e5b0a6c23: let users write about themselves
-- Upgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step add column users.bio
ALTER TABLE users ADD COLUMN bio VARCHAR(1000) CONSTRAINT ck_users_bio_type CHECK (bio IS NULL OR (typeof(bio) = 'text' AND length(bio) <= 1000));

-- aludel:step alter column documents.title; create index ix_documents_owner_id on documents
-- aludel:rebuild documents
CREATE TABLE aludel_new_documents (
  id INTEGER NOT NULL CONSTRAINT pk_documents PRIMARY KEY,
  title VARCHAR(400) NOT NULL,
  owner_id BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now') || '000'),
  CONSTRAINT fk_documents_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id),
  CONSTRAINT ck_documents_title_type CHECK (typeof(title) = 'text' AND length(title) <= 400),
  CONSTRAINT ck_documents_owner_id_type CHECK (typeof(owner_id) = 'integer'),
  CONSTRAINT ck_documents_created_at_type CHECK (typeof(created_at) = 'text' AND length(created_at) = 26)
);
INSERT INTO aludel_new_documents (id, title, owner_id, created_at)
SELECT id, title, owner_id, created_at FROM documents;
DROP TABLE documents;
PRAGMA legacy_alter_table = ON;
ALTER TABLE aludel_new_documents RENAME TO documents;
PRAGMA legacy_alter_table = OFF;
CREATE INDEX ix_documents_owner_id ON documents (owner_id);
