-- Revision 7cf05154a6d0: create users, documents, chunks and tags
-- Downgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step drop table document_tag
DROP TABLE document_tag;

-- aludel:step drop table chunks
DROP TABLE chunks;

-- aludel:step drop table documents
DROP TABLE documents;

-- aludel:step drop table users
DROP TABLE users;

-- aludel:step drop table tags
DROP TABLE tags;
