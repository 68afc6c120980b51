-- Revision d3: one more index
-- Upgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step alter column bookings.about
ALTER TABLE bookings ALTER COLUMN about TYPE jsonb USING about::text::jsonb;

-- aludel:step create index ix_bookings_room on bookings
-- aludel:tx=none
CREATE INDEX CONCURRENTLY ix_bookings_room ON bookings (room) INCLUDE (code);
