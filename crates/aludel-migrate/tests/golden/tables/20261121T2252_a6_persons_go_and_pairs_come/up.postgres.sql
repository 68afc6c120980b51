-- Revision a6: persons go and pairs come
-- Upgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step drop table persons
DROP TABLE persons;

-- aludel:step create table pairs
CREATE TABLE pairs (
  a bigint NOT NULL,
  b bigint NOT NULL,
  amount numeric(10, 2) NOT NULL,
  about jsonb,
  at date,
  token uuid,
  bytes bytea,
  CONSTRAINT pk_pairs PRIMARY KEY (a, b)
);

-- aludel:step drop enum mood
DROP TYPE mood;
