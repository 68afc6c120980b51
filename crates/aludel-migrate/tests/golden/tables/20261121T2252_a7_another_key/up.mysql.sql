-- Revision a7: another key
-- Upgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step drop primary key pk_pairs on pairs
ALTER TABLE pairs DROP PRIMARY KEY;

-- aludel:step alter column pairs.amount
ALTER TABLE pairs MODIFY COLUMN amount DECIMAL(12, 2) NOT NULL;

-- aludel:step create primary key pk_pairs on pairs
ALTER TABLE pairs ADD CONSTRAINT pk_pairs PRIMARY KEY (a);
