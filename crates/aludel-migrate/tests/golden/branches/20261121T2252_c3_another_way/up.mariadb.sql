-- Revision c3: another way
-- Upgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step create table three
CREATE TABLE three (
  id BIGINT NOT NULL AUTO_INCREMENT,
  CONSTRAINT pk_three PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
