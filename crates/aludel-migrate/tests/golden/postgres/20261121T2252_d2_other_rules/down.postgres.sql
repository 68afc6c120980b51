-- Revision d2: other rules
-- Downgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step drop index ix_bookings_lower on bookings
-- aludel:tx=none
DROP INDEX CONCURRENTLY ix_bookings_lower;

-- aludel:step drop exclusion constraint ex_bookings_room on bookings
ALTER TABLE bookings DROP CONSTRAINT ex_bookings_room;

-- aludel:step drop unique constraint uq_bookings_code on bookings
ALTER TABLE bookings DROP CONSTRAINT uq_bookings_code;

-- aludel:step alter column bookings.id
ALTER TABLE bookings ALTER COLUMN id DROP IDENTITY,
  ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (START WITH 100);

-- aludel:step create exclusion constraint ex_bookings_room on bookings
ALTER TABLE bookings ADD CONSTRAINT ex_bookings_room EXCLUDE USING btree (room WITH =);

-- aludel:step build the index of uq_bookings_code on bookings
-- aludel:tx=none
CREATE UNIQUE INDEX CONCURRENTLY uq_bookings_code ON bookings (code);

-- aludel:step create unique constraint uq_bookings_code on bookings
ALTER TABLE bookings ADD CONSTRAINT uq_bookings_code UNIQUE USING INDEX uq_bookings_code DEFERRABLE INITIALLY DEFERRED;

-- aludel:step create index ix_bookings_lower on bookings
-- aludel:tx=none
CREATE INDEX CONCURRENTLY ix_bookings_lower ON bookings ((lower(code))) WHERE room > 0;

-- aludel:step alter sequence numbers
ALTER SEQUENCE numbers INCREMENT BY 1 NO MINVALUE NO MAXVALUE START WITH 10 CACHE 1 NO CYCLE;
