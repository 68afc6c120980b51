-- Revision 99b2d05fd4e6: add shares and chunks
-- Downgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step drop table shares
DROP TABLE shares;

-- aludel:step drop table chunks
DROP TABLE chunks;
