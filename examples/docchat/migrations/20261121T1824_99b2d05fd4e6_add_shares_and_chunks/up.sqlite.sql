-- Revision 99b2d05fd4e6: add shares and chunks
-- Upgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step create table chunks
CREATE TABLE chunks (
  id INTEGER NOT NULL CONSTRAINT pk_chunks PRIMARY KEY,
  document_id BIGINT NOT NULL,
  text TEXT NOT NULL,
  embedding BLOB NOT NULL,
  CONSTRAINT fk_chunks_document_id_documents FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE,
  CONSTRAINT ck_chunks_document_id_type CHECK (typeof(document_id) = 'integer'),
  CONSTRAINT ck_chunks_text_type CHECK (typeof(text) = 'text'),
  CONSTRAINT ck_chunks_embedding_type CHECK (typeof(embedding) = 'blob')
);

-- aludel:step create table chunks
CREATE INDEX ix_chunks_document_id ON chunks (document_id);

-- aludel:step create table shares
CREATE TABLE shares (
  document_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  added_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now') || '000'),
  added_by BIGINT NOT NULL,
  CONSTRAINT pk_shares PRIMARY KEY (document_id, user_id),
  CONSTRAINT fk_shares_document_id_documents FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE,
  CONSTRAINT fk_shares_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT fk_shares_added_by_users FOREIGN KEY (added_by) REFERENCES users (id),
  CONSTRAINT ck_shares_document_id_type CHECK (typeof(document_id) = 'integer'),
  CONSTRAINT ck_shares_user_id_type CHECK (typeof(user_id) = 'integer'),
  CONSTRAINT ck_shares_added_at_type CHECK (typeof(added_at) = 'text' AND length(added_at) = 26),
  CONSTRAINT ck_shares_added_by_type CHECK (typeof(added_by) = 'integer')
);
