-- Revision c3: another way
-- Downgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step drop table three
DROP TABLE three;
