-- Revision 3f2a9c1b7d04: create users and documents
-- Upgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step create table users
CREATE TABLE users (
  id INTEGER NOT NULL CONSTRAINT pk_users PRIMARY KEY,
  email VARCHAR(255) NOT NULL,
  name VARCHAR(100),
  CONSTRAINT uq_users_email UNIQUE (email),
  CONSTRAINT ck_users_email_type CHECK (typeof(email) = 'text' AND length(email) <= 255),
  CONSTRAINT ck_users_name_type CHECK (name IS NULL OR (typeof(name) = 'text' AND length(name) <= 100))
);

-- aludel:step create table documents
CREATE TABLE documents (
  id INTEGER NOT NULL CONSTRAINT pk_documents PRIMARY KEY,
  title VARCHAR(200) NOT NULL,
  owner_id BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now') || '000'),
  CONSTRAINT fk_documents_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id),
  CONSTRAINT ck_documents_title_type CHECK (typeof(title) = 'text' AND length(title) <= 200),
  CONSTRAINT ck_documents_owner_id_type CHECK (typeof(owner_id) = 'integer'),
  CONSTRAINT ck_documents_created_at_type CHECK (typeof(created_at) = 'text' AND length(created_at) = 26)
);
