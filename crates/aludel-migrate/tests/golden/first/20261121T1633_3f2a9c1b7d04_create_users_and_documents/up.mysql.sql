-- Revision 3f2a9c1b7d04: create users and documents
-- Upgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step create table users
CREATE TABLE users (
  id BIGINT NOT NULL AUTO_INCREMENT,
  email VARCHAR(255) NOT NULL,
  name VARCHAR(100) NULL,
  CONSTRAINT pk_users PRIMARY KEY (id),
  CONSTRAINT uq_users_email UNIQUE (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;

-- aludel:step create table documents
CREATE TABLE documents (
  id BIGINT NOT NULL AUTO_INCREMENT,
  title VARCHAR(200) NOT NULL,
  owner_id BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT (utc_timestamp(6)),
  CONSTRAINT pk_documents PRIMARY KEY (id),
  CONSTRAINT fk_documents_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
