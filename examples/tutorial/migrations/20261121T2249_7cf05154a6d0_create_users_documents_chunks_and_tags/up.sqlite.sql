-- Revision 7cf05154a6d0: create users, documents, chunks and tags
-- Upgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step create table tags
CREATE TABLE tags (
  id INTEGER NOT NULL CONSTRAINT pk_tags PRIMARY KEY,
  name VARCHAR(50) NOT NULL,
  CONSTRAINT uq_tags_name UNIQUE (name),
  CONSTRAINT ck_tags_name_type CHECK (typeof(name) = 'text' AND length(name) <= 50)
);

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
  body TEXT NOT NULL,
  owner_id BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now') || '000'),
  CONSTRAINT fk_documents_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id),
  CONSTRAINT ck_documents_title_type CHECK (typeof(title) = 'text' AND length(title) <= 200),
  CONSTRAINT ck_documents_body_type CHECK (typeof(body) = 'text'),
  CONSTRAINT ck_documents_owner_id_type CHECK (typeof(owner_id) = 'integer'),
  CONSTRAINT ck_documents_created_at_type CHECK (typeof(created_at) = 'text' AND length(created_at) = 26)
);

-- aludel:step create table chunks
CREATE TABLE chunks (
  id INTEGER NOT NULL CONSTRAINT pk_chunks PRIMARY KEY,
  document_id BIGINT NOT NULL,
  text TEXT NOT NULL,
  CONSTRAINT fk_chunks_document_id_documents FOREIGN KEY (document_id) REFERENCES documents (id),
  CONSTRAINT ck_chunks_document_id_type CHECK (typeof(document_id) = 'integer'),
  CONSTRAINT ck_chunks_text_type CHECK (typeof(text) = 'text')
);

-- aludel:step create table document_tag
CREATE TABLE document_tag (
  document_id BIGINT NOT NULL,
  tag_id BIGINT NOT NULL,
  CONSTRAINT pk_document_tag PRIMARY KEY (document_id, tag_id),
  CONSTRAINT fk_document_tag_document_id_documents FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT fk_document_tag_tag_id_tags FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT ck_document_tag_document_id_type CHECK (typeof(document_id) = 'integer'),
  CONSTRAINT ck_document_tag_tag_id_type CHECK (typeof(tag_id) = 'integer')
);
