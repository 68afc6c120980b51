-- Revision a1: create people and teams
-- Upgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step create table teams
CREATE TABLE teams (
  id INTEGER NOT NULL CONSTRAINT pk_teams PRIMARY KEY,
  name VARCHAR(50) NOT NULL,
  CONSTRAINT uq_teams_name UNIQUE (name),
  CONSTRAINT ck_teams_name_type CHECK (typeof(name) = 'text' AND length(name) <= 50)
);

-- aludel:step create table people
CREATE TABLE people (
  id INTEGER NOT NULL CONSTRAINT pk_people PRIMARY KEY,
  email VARCHAR(255) NOT NULL,
  name VARCHAR(100),
  level INTEGER NOT NULL DEFAULT 1,
  score INTEGER NOT NULL DEFAULT 0,
  mood TEXT NOT NULL DEFAULT 'ok',
  team_id BIGINT,
  active BOOLEAN NOT NULL DEFAULT TRUE,
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now') || '000'),
  CONSTRAINT uq_people_email UNIQUE (email),
  CONSTRAINT fk_people_team_id_teams FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL,
  CONSTRAINT ck_people_level CHECK (level > 0),
  CONSTRAINT ck_people_email_type CHECK (typeof(email) = 'text' AND length(email) <= 255),
  CONSTRAINT ck_people_name_type CHECK (name IS NULL OR (typeof(name) = 'text' AND length(name) <= 100)),
  CONSTRAINT ck_people_level_type CHECK (typeof(level) = 'integer' AND level BETWEEN -2147483648 AND 2147483647),
  CONSTRAINT ck_people_score_type CHECK (typeof(score) = 'integer' AND score BETWEEN -2147483648 AND 2147483647),
  CONSTRAINT ck_people_mood_type CHECK (mood IN ('sad', 'ok')),
  CONSTRAINT ck_people_team_id_type CHECK (team_id IS NULL OR (typeof(team_id) = 'integer')),
  CONSTRAINT ck_people_active_type CHECK (active IN (0, 1)),
  CONSTRAINT ck_people_created_at_type CHECK (typeof(created_at) = 'text' AND length(created_at) = 26)
);

-- aludel:step create table people
CREATE INDEX ix_people_team_id ON people (team_id);
