-- Revision b1: people
-- Upgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step create table people
CREATE TABLE people (
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL,
  CONSTRAINT pk_people PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
