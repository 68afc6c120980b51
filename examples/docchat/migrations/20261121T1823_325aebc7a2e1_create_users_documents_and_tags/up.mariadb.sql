-- Revision 325aebc7a2e1: create users, documents and tags
-- Upgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step create table tags
CREATE TABLE tags (
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(50) NOT NULL,
  CONSTRAINT pk_tags PRIMARY KEY (id),
  CONSTRAINT uq_tags_name UNIQUE (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- aludel:step create table users
CREATE TABLE users (
  id BIGINT NOT NULL AUTO_INCREMENT,
  email VARCHAR(255) NOT NULL,
  name VARCHAR(100) NULL,
  CONSTRAINT pk_users PRIMARY KEY (id),
  CONSTRAINT uq_users_email UNIQUE (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- aludel:step create table documents
CREATE TABLE documents (
  id BIGINT NOT NULL AUTO_INCREMENT,
  title VARCHAR(200) NOT NULL,
  content LONGTEXT NOT NULL,
  owner_id BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT (utc_timestamp(6)),
  CONSTRAINT pk_documents PRIMARY KEY (id),
  CONSTRAINT fk_documents_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- aludel:step create table documents
CREATE INDEX ix_documents_owner_id ON documents (owner_id);

-- aludel:step create table document_tag
CREATE TABLE document_tag (
  document_id BIGINT NOT NULL,
  tag_id BIGINT NOT NULL,
  CONSTRAINT pk_document_tag PRIMARY KEY (document_id, tag_id),
  CONSTRAINT fk_document_tag_document_id_documents FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT fk_document_tag_tag_id_tags FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
