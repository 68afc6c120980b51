-- Revision a4: other constraints
-- Upgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step no two rows of persons have the same email and team_id
-- aludel:check
SELECT count(*) FROM (SELECT 1 AS one FROM persons WHERE email IS NOT NULL AND team_id IS NOT NULL GROUP BY email, team_id HAVING count(*) > 1) AS twice;

-- aludel:step every row of persons satisfies ck_people_level
-- aludel:check
SELECT count(*) FROM persons WHERE NOT (level >= 0);

-- aludel:step every persons has its row of teams
-- aludel:check
SELECT count(*) FROM persons AS child WHERE child.team_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM teams AS parent WHERE parent.id = child.team_id);

-- aludel:step drop foreign key fk_people_team_id_teams on persons
ALTER TABLE persons DROP CONSTRAINT fk_people_team_id_teams;

-- aludel:step drop unique constraint uq_people_email on persons
ALTER TABLE persons DROP CONSTRAINT uq_people_email;

-- aludel:step drop check constraint ck_people_level on persons
ALTER TABLE persons DROP CONSTRAINT ck_people_level;

-- aludel:step drop column persons.twice
ALTER TABLE persons DROP COLUMN twice;

-- aludel:step build the index of uq_people_email on persons
-- aludel:tx=none
CREATE UNIQUE INDEX CONCURRENTLY uq_people_email ON persons (email, team_id);

-- aludel:step create unique constraint uq_people_email on persons
ALTER TABLE persons ADD CONSTRAINT uq_people_email UNIQUE USING INDEX uq_people_email;

-- aludel:step create check constraint ck_people_level on persons
ALTER TABLE persons ADD CONSTRAINT ck_people_level CHECK (level >= 0) NOT VALID;

-- aludel:step check the rows of persons for ck_people_level
-- aludel:tx=none
ALTER TABLE persons VALIDATE CONSTRAINT ck_people_level;

-- aludel:step create index ix_persons_name on persons
-- aludel:tx=none
CREATE INDEX CONCURRENTLY ix_persons_name ON persons (full_name DESC);

-- aludel:step create foreign key fk_people_team_id_teams on persons
ALTER TABLE persons ADD CONSTRAINT fk_people_team_id_teams FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE CASCADE NOT VALID;

-- aludel:step check the rows of persons for fk_people_team_id_teams
-- aludel:tx=none
ALTER TABLE persons VALIDATE CONSTRAINT fk_people_team_id_teams;
