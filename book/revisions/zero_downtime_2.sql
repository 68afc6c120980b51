-- aludel:step new rows of documents have body
ALTER TABLE documents ADD CONSTRAINT aludel_documents_body_not_null CHECK (body IS NOT NULL) NOT VALID;

-- aludel:step check the rows of documents for aludel_documents_body_not_null
-- aludel:tx=none
ALTER TABLE documents VALIDATE CONSTRAINT aludel_documents_body_not_null;

-- aludel:step alter column documents.body
ALTER TABLE documents ALTER COLUMN body SET NOT NULL,
  DROP CONSTRAINT aludel_documents_body_not_null;

-- aludel:step drop column documents.content
ALTER TABLE documents DROP COLUMN content;
