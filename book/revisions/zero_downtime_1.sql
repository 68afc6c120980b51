-- aludel:step add column documents.body
ALTER TABLE documents ADD COLUMN body text;

-- aludel:step fill rows of documents
-- aludel:tx=none
-- aludel:backfill pause=0
SELECT count(*) FROM documents WHERE body IS NULL;
SELECT max(id), count(*) FROM (SELECT id FROM documents WHERE (:after IS NULL OR id > :after) AND (body IS NULL) ORDER BY id LIMIT 1000) AS batch;
UPDATE documents SET body = content WHERE (:after IS NULL OR id > :after) AND id <= :upto AND (body IS NULL);
