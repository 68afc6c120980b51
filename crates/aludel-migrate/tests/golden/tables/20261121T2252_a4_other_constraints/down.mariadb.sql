-- Revision a4: other constraints
-- Downgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step drop foreign key fk_people_team_id_teams on persons
ALTER TABLE persons DROP FOREIGN KEY fk_people_team_id_teams, DROP INDEX IF EXISTS fk_people_team_id_teams;

-- aludel:step drop index ix_persons_name on persons
ALTER TABLE persons DROP INDEX ix_persons_name, ALGORITHM=INPLACE, LOCK=NONE;

-- aludel:step drop check constraint ck_people_level on persons
ALTER TABLE persons DROP CONSTRAINT ck_people_level;

-- aludel:step drop unique constraint uq_people_email on persons
ALTER TABLE persons DROP INDEX uq_people_email;

-- aludel:step add column persons.twice
ALTER TABLE persons ADD COLUMN twice BIGINT GENERATED ALWAYS AS (score * 2) STORED;

-- aludel:step create check constraint ck_people_level on persons
ALTER TABLE persons ADD CONSTRAINT ck_people_level CHECK (level > 0);

-- aludel:step create unique constraint uq_people_email on persons
ALTER TABLE persons ADD CONSTRAINT uq_people_email UNIQUE (email);

-- aludel:step create foreign key fk_people_team_id_teams on persons
ALTER TABLE persons ADD CONSTRAINT fk_people_team_id_teams FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL;
