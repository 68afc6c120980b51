-- Revision 325aebc7a2e1: create users, documents and tags
-- Downgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step drop table document_tag
DROP TABLE document_tag;

-- aludel:step drop table documents
DROP TABLE documents;

-- aludel:step drop table users
DROP TABLE users;

-- aludel:step drop table tags
DROP TABLE tags;
