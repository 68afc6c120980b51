-- Revision 6d2abce80eb4: create users and articles
-- Downgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step drop table articles
DROP TABLE articles;

-- aludel:step drop table users
DROP TABLE users;
