-- Revision a7: another key
-- Upgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step drop primary key pk_pairs on pairs
ALTER TABLE pairs DROP CONSTRAINT pk_pairs;

-- aludel:step alter column pairs.amount
ALTER TABLE pairs ALTER COLUMN amount TYPE numeric(12, 2) USING amount::text::numeric(12, 2);

-- aludel:step create primary key pk_pairs on pairs
ALTER TABLE pairs ADD CONSTRAINT pk_pairs PRIMARY KEY (a);
