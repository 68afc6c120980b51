-- Revision eacdf596cabf: index the words of documents
-- Downgrade on MariaDB, from revision.toml by `aludel render`

-- aludel:step index the words of documents
DROP INDEX documents_words ON documents;
