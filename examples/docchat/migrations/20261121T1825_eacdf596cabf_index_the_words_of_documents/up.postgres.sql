-- Revision eacdf596cabf: index the words of documents
-- Upgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step index the words of documents
CREATE INDEX documents_words ON documents USING gin (to_tsvector('english', title || ' ' || body));
