-- Revision a4: other constraints
-- Downgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step drop foreign key fk_people_team_id_teams on persons
ALTER TABLE persons DROP CONSTRAINT fk_people_team_id_teams;

-- aludel:step drop index ix_persons_name on persons
-- aludel:tx=none
DROP INDEX CONCURRENTLY ix_persons_name;

-- aludel:step drop check constraint ck_people_level on persons
ALTER TABLE persons DROP CONSTRAINT ck_people_level;

-- aludel:step drop unique constraint uq_people_email on persons
ALTER TABLE persons DROP CONSTRAINT uq_people_email;

-- aludel:step add column persons.twice
ALTER TABLE persons ADD COLUMN twice bigint GENERATED ALWAYS AS (score * 2) STORED;

-- aludel:step create check constraint ck_people_level on persons
ALTER TABLE persons ADD CONSTRAINT ck_people_level CHECK (level > 0) NOT VALID;

-- aludel:step check the rows of persons for ck_people_level
-- aludel:tx=none
ALTER TABLE persons VALIDATE CONSTRAINT ck_people_level;

-- aludel:step build the index of uq_people_email on persons
-- aludel:tx=none
CREATE UNIQUE INDEX CONCURRENTLY uq_people_email ON persons (email);

-- aludel:step create unique constraint uq_people_email on persons
ALTER TABLE persons ADD CONSTRAINT uq_people_email UNIQUE USING INDEX uq_people_email;

-- aludel:step create foreign key fk_people_team_id_teams on persons
ALTER TABLE persons ADD CONSTRAINT fk_people_team_id_teams FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL NOT VALID;

-- aludel:step check the rows of persons for fk_people_team_id_teams
-- aludel:tx=none
ALTER TABLE persons VALIDATE CONSTRAINT fk_people_team_id_teams;
