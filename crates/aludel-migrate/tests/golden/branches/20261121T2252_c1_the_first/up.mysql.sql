-- Revision c1: the first
-- Upgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step create table one
CREATE TABLE one (
  id BIGINT NOT NULL AUTO_INCREMENT,
  CONSTRAINT pk_one PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;
