-- Revision eacdf596cabf: index the words of documents
-- Upgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step index the words of documents
CREATE FULLTEXT INDEX documents_words ON documents (title, body);
