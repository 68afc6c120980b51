-- Revision c2: one way
-- Upgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step create table two
CREATE TABLE two (
  id BIGINT NOT NULL AUTO_INCREMENT,
  CONSTRAINT pk_two PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
