-- Revision 3f2a9c1b7d04: create users and documents
-- Downgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step drop table documents
DROP TABLE documents;

-- aludel:step drop table users
DROP TABLE users;
