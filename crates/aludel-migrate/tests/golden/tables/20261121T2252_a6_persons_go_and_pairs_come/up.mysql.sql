-- Revision a6: persons go and pairs come
-- Upgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step drop table persons
DROP TABLE persons;

-- aludel:step create table pairs
CREATE TABLE pairs (
  a BIGINT NOT NULL,
  b BIGINT NOT NULL,
  amount DECIMAL(10, 2) NOT NULL,
  about JSON NULL,
  at DATE NULL,
  token CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  bytes LONGBLOB NULL,
  CONSTRAINT pk_pairs PRIMARY KEY (a, b)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
