-- Revision eacdf596cabf: index the words of documents
-- Upgrade on SQLite, from revision.toml by `aludel render`

-- aludel:step index the words of documents
CREATE VIRTUAL TABLE documents_words USING fts5 (title, body, content='documents', content_rowid='id', tokenize='porter unicode61');

-- aludel:step index the words of documents
INSERT INTO documents_words (documents_words) VALUES ('rebuild');

-- aludel:step index the words of documents
CREATE TRIGGER documents_words_insert AFTER INSERT ON documents BEGIN
  INSERT INTO documents_words (rowid, title, body) VALUES (new.id, new.title, new.body);
END;

-- aludel:step index the words of documents
CREATE TRIGGER documents_words_delete AFTER DELETE ON documents BEGIN
  INSERT INTO documents_words (documents_words, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
END;

-- aludel:step index the words of documents
CREATE TRIGGER documents_words_update AFTER UPDATE OF title, body ON documents BEGIN
  INSERT INTO documents_words (documents_words, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
  INSERT INTO documents_words (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
