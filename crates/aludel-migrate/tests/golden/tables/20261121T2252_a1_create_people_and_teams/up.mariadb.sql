-- Revision a1: create people and teams
-- Upgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step create table teams
CREATE TABLE teams (
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(50) NOT NULL,
  CONSTRAINT pk_teams PRIMARY KEY (id),
  CONSTRAINT uq_teams_name UNIQUE (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

-- aludel:step create table people
CREATE TABLE people (
  id BIGINT NOT NULL AUTO_INCREMENT,
  email VARCHAR(255) NOT NULL,
  name VARCHAR(100) NULL,
  level INT NOT NULL DEFAULT 1,
  score INT NOT NULL DEFAULT 0,
  mood ENUM('sad','ok') NOT NULL DEFAULT 'ok',
  team_id BIGINT NULL,
  active TINYINT(1) NOT NULL DEFAULT TRUE,
  created_at DATETIME(6) NOT NULL DEFAULT (utc_timestamp(6)),
  CONSTRAINT pk_people PRIMARY KEY (id),
  CONSTRAINT uq_people_email UNIQUE (email),
  CONSTRAINT fk_people_team_id_teams FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL,
  CONSTRAINT ck_people_level CHECK (level > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='who works here';

-- aludel:step create table people
CREATE INDEX ix_people_team_id ON people (team_id);
