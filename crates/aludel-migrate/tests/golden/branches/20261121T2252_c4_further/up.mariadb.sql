-- Revision c4: further
-- Upgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step create table four
CREATE TABLE four (
  id BIGINT NOT NULL AUTO_INCREMENT,
  CONSTRAINT pk_four PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
