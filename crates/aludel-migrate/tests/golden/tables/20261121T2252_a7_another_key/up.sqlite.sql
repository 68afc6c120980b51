-- Revision a7: another key
-- Upgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step drop primary key pk_pairs on pairs; alter column pairs.amount; create primary key pk_pairs on pairs
-- aludel:rebuild pairs
CREATE TABLE aludel_new_pairs (
  a BIGINT NOT NULL,
  b BIGINT NOT NULL,
  amount NUMERIC(12, 2) NOT NULL,
  about JSON TEXT,
  at DATE,
  token UUID,
  bytes BLOB,
  CONSTRAINT pk_pairs PRIMARY KEY (a),
  CONSTRAINT ck_pairs_a_type CHECK (typeof(a) = 'integer'),
  CONSTRAINT ck_pairs_b_type CHECK (typeof(b) = 'integer'),
  CONSTRAINT ck_pairs_amount_type CHECK (typeof(amount) = 'integer' AND amount BETWEEN -999999999999 AND 999999999999),
  CONSTRAINT ck_pairs_about_type CHECK (about IS NULL OR (typeof(about) = 'text' AND json_valid(about))),
  CONSTRAINT ck_pairs_at_type CHECK (at IS NULL OR (typeof(at) = 'text' AND length(at) = 10)),
  CONSTRAINT ck_pairs_token_type CHECK (token IS NULL OR (typeof(token) = 'text' AND length(token) = 36)),
  CONSTRAINT ck_pairs_bytes_type CHECK (bytes IS NULL OR (typeof(bytes) = 'blob'))
);
INSERT INTO aludel_new_pairs (a, b, amount, about, at, token, bytes)
SELECT a, b, amount, about, at, token, bytes FROM pairs;
DROP TABLE pairs;
PRAGMA legacy_alter_table = ON;
ALTER TABLE aludel_new_pairs RENAME TO pairs;
PRAGMA legacy_alter_table = OFF;
