-- Revision a6: persons go and pairs come
-- Downgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step drop table pairs
DROP TABLE pairs;

-- aludel:step create table persons
CREATE TABLE persons (
  id BIGINT NOT NULL AUTO_INCREMENT,
  email VARCHAR(255) NOT NULL,
  full_name VARCHAR(190) NOT NULL,
  level BIGINT NOT NULL DEFAULT 2,
  score INT NOT NULL DEFAULT 0,
  mood ENUM('happy','ok') NOT NULL DEFAULT 'ok',
  team_id BIGINT NULL,
  active TINYINT(1) NOT NULL DEFAULT TRUE,
  created_at DATETIME(6) NOT NULL DEFAULT (utc_timestamp(6)),
  age INT NOT NULL,
  CONSTRAINT pk_persons PRIMARY KEY (id),
  CONSTRAINT uq_people_email UNIQUE (email, team_id),
  CONSTRAINT fk_people_team_id_teams FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE CASCADE,
  CONSTRAINT ck_people_level CHECK (level >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin ROW_FORMAT=DYNAMIC COMMENT='who works here, or did';

-- aludel:step create table persons
CREATE INDEX ix_people_team_id ON persons (team_id);

-- aludel:step create table persons
CREATE INDEX ix_persons_name ON persons (full_name DESC);
