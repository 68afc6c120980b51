-- Revision 6d2abce80eb4: create users and articles
-- Upgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step create table users
CREATE TABLE users (
  id INTEGER NOT NULL CONSTRAINT pk_users PRIMARY KEY,
  email VARCHAR(255) NOT NULL,
  hashed_password VARCHAR(255) NOT NULL,
  is_active BOOLEAN NOT NULL DEFAULT TRUE,
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now') || '000'),
  updated_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now') || '000'),
  CONSTRAINT uq_users_email UNIQUE (email),
  CONSTRAINT ck_users_email_type CHECK (typeof(email) = 'text' AND length(email) <= 255),
  CONSTRAINT ck_users_hashed_password_type CHECK (typeof(hashed_password) = 'text' AND length(hashed_password) <= 255),
  CONSTRAINT ck_users_is_active_type CHECK (is_active IN (0, 1)),
  CONSTRAINT ck_users_created_at_type CHECK (typeof(created_at) = 'text' AND length(created_at) = 26),
  CONSTRAINT ck_users_updated_at_type CHECK (typeof(updated_at) = 'text' AND length(updated_at) = 26)
);

-- aludel:step create table articles
CREATE TABLE articles (
  id INTEGER NOT NULL CONSTRAINT pk_articles PRIMARY KEY,
  title VARCHAR(200) NOT NULL,
  content TEXT NOT NULL,
  is_published BOOLEAN NOT NULL DEFAULT FALSE,
  owner_id BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now') || '000'),
  updated_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now') || '000'),
  deleted_at TIMESTAMP,
  CONSTRAINT fk_articles_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id),
  CONSTRAINT ck_articles_title_type CHECK (typeof(title) = 'text' AND length(title) <= 200),
  CONSTRAINT ck_articles_content_type CHECK (typeof(content) = 'text'),
  CONSTRAINT ck_articles_is_published_type CHECK (is_published IN (0, 1)),
  CONSTRAINT ck_articles_owner_id_type CHECK (typeof(owner_id) = 'integer'),
  CONSTRAINT ck_articles_created_at_type CHECK (typeof(created_at) = 'text' AND length(created_at) = 26),
  CONSTRAINT ck_articles_updated_at_type CHECK (typeof(updated_at) = 'text' AND length(updated_at) = 26),
  CONSTRAINT ck_articles_deleted_at_type CHECK (deleted_at IS NULL OR (typeof(deleted_at) = 'text' AND length(deleted_at) = 26))
);

-- aludel:step create table articles
CREATE INDEX ix_articles_owner_id ON articles (owner_id);
