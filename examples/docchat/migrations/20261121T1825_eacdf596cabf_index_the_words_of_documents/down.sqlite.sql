-- Revision eacdf596cabf: index the words of documents
-- Downgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step index the words of documents
DROP TRIGGER documents_words_update;

-- aludel:step index the words of documents
DROP TRIGGER documents_words_delete;

-- aludel:step index the words of documents
DROP TRIGGER documents_words_insert;

-- aludel:step index the words of documents
DROP TABLE documents_words;
