-- Revision c4: further
-- Downgrade on MySQL, from revision.toml by `aludel render`

-- aludel:step drop table four
DROP TABLE four;
