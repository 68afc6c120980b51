-- Revision 8d1e5b0a6c23: let users write about themselves
-- Downgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step drop index ix_documents_owner_id on documents; alter column documents.title
-- aludel:rebuild documents
CREATE TABLE aludel_new_documents (
  id INTEGER NOT NULL CONSTRAINT pk_documents PRIMARY KEY,
  title VARCHAR(200) NOT NULL,
  owner_id BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now') || '000'),
  CONSTRAINT fk_documents_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id),
  CONSTRAINT ck_documents_title_type CHECK (typeof(title) = 'text' AND length(title) <= 200),
  CONSTRAINT ck_documents_owner_id_type CHECK (typeof(owner_id) = 'integer'),
  CONSTRAINT ck_documents_created_at_type CHECK (typeof(created_at) = 'text' AND length(created_at) = 26)
);
INSERT INTO aludel_new_documents (id, title, owner_id, created_at)
SELECT id, title, owner_id, created_at FROM documents;
DROP TABLE documents;
PRAGMA legacy_alter_table = ON;
ALTER TABLE aludel_new_documents RENAME TO documents;
PRAGMA legacy_alter_table = OFF;

-- aludel:step drop column users.bio
-- aludel:rebuild users
CREATE TABLE aludel_new_users (
  id INTEGER NOT NULL CONSTRAINT pk_users PRIMARY KEY,
  email VARCHAR(255) NOT NULL,
  name VARCHAR(100),
  CONSTRAINT uq_users_email UNIQUE (email),
  CONSTRAINT ck_users_email_type CHECK (typeof(email) = 'text' AND length(email) <= 255),
  CONSTRAINT ck_users_name_type CHECK (name IS NULL OR (typeof(name) = 'text' AND length(name) <= 100))
);
INSERT INTO aludel_new_users (id, email, name)
SELECT id, email, name FROM users;
DROP TABLE users;
PRAGMA legacy_alter_table = ON;
ALTER TABLE aludel_new_users RENAME TO users;
PRAGMA legacy_alter_table = OFF;
