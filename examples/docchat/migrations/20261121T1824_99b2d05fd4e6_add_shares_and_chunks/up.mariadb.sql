-- Revision 99b2d05fd4e6: add shares and chunks
-- Upgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step create table chunks
CREATE TABLE chunks (
  id BIGINT NOT NULL AUTO_INCREMENT,
  document_id BIGINT NOT NULL,
  text LONGTEXT NOT NULL,
  embedding LONGBLOB NOT NULL,
  CONSTRAINT pk_chunks PRIMARY KEY (id),
  CONSTRAINT fk_chunks_document_id_documents FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- aludel:step create table chunks
CREATE INDEX ix_chunks_document_id ON chunks (document_id);

-- aludel:step create table shares
CREATE TABLE shares (
  document_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  added_at DATETIME(6) NOT NULL DEFAULT (utc_timestamp(6)),
  added_by BIGINT NOT NULL,
  CONSTRAINT pk_shares PRIMARY KEY (document_id, user_id),
  CONSTRAINT fk_shares_document_id_documents FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE,
  CONSTRAINT fk_shares_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT fk_shares_added_by_users FOREIGN KEY (added_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
