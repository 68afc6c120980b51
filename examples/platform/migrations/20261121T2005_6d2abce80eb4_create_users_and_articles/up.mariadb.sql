-- Revision 6d2abce80eb4: create users and articles
-- Upgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step create table users
CREATE TABLE users (
  id BIGINT NOT NULL AUTO_INCREMENT,
  email VARCHAR(255) NOT NULL,
  hashed_password VARCHAR(255) NOT NULL,
  is_active TINYINT(1) NOT NULL DEFAULT TRUE,
  created_at DATETIME(6) NOT NULL DEFAULT (utc_timestamp(6)),
  updated_at DATETIME(6) NOT NULL DEFAULT (utc_timestamp(6)),
  CONSTRAINT pk_users PRIMARY KEY (id),
  CONSTRAINT uq_users_email UNIQUE (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- aludel:step create table articles
CREATE TABLE articles (
  id BIGINT NOT NULL AUTO_INCREMENT,
  title VARCHAR(200) NOT NULL,
  content LONGTEXT NOT NULL,
  is_published TINYINT(1) NOT NULL DEFAULT FALSE,
  owner_id BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT (utc_timestamp(6)),
  updated_at DATETIME(6) NOT NULL DEFAULT (utc_timestamp(6)),
  deleted_at DATETIME(6) NULL,
  CONSTRAINT pk_articles PRIMARY KEY (id),
  CONSTRAINT fk_articles_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- aludel:step create table articles
CREATE INDEX ix_articles_owner_id ON articles (owner_id);
