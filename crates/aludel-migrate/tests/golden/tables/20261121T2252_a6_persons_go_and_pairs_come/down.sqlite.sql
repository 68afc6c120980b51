-- Revision a6: persons go and pairs come
-- Downgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step drop table pairs
DROP TABLE pairs;

-- aludel:step create table persons
CREATE TABLE persons (
  id INTEGER NOT NULL CONSTRAINT pk_persons PRIMARY KEY AUTOINCREMENT,
  email VARCHAR(255) NOT NULL,
  full_name VARCHAR(190) NOT NULL,
  level BIGINT NOT NULL DEFAULT 2,
  score INTEGER NOT NULL DEFAULT 0,
  mood TEXT NOT NULL DEFAULT 'ok',
  team_id BIGINT,
  active BOOLEAN NOT NULL DEFAULT TRUE,
  created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now') || '000'),
  age INTEGER NOT NULL,
  CONSTRAINT uq_people_email UNIQUE (email, team_id),
  CONSTRAINT fk_people_team_id_teams FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE CASCADE,
  CONSTRAINT ck_people_level CHECK (level >= 0),
  CONSTRAINT ck_persons_email_type CHECK (typeof(email) = 'text' AND length(email) <= 255),
  CONSTRAINT ck_persons_full_name_type CHECK (typeof(full_name) = 'text' AND length(full_name) <= 190),
  CONSTRAINT ck_persons_level_type CHECK (typeof(level) = 'integer'),
  CONSTRAINT ck_persons_score_type CHECK (typeof(score) = 'integer' AND score BETWEEN -2147483648 AND 2147483647),
  CONSTRAINT ck_persons_mood_type CHECK (mood IN ('happy', 'ok')),
  CONSTRAINT ck_persons_team_id_type CHECK (team_id IS NULL OR (typeof(team_id) = 'integer')),
  CONSTRAINT ck_persons_active_type CHECK (active IN (0, 1)),
  CONSTRAINT ck_persons_created_at_type CHECK (typeof(created_at) = 'text' AND length(created_at) = 26),
  CONSTRAINT ck_persons_age_type CHECK (typeof(age) = 'integer' AND age BETWEEN -2147483648 AND 2147483647)
);

-- aludel:step create table persons
CREATE INDEX ix_people_team_id ON persons (team_id);

-- aludel:step create table persons
CREATE INDEX ix_persons_name ON persons (full_name DESC);
