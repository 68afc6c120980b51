-- Revision d3: one more index
-- Downgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step drop index ix_bookings_room on bookings
-- aludel:tx=none
DROP INDEX CONCURRENTLY ix_bookings_room;

-- aludel:step alter column bookings.about
ALTER TABLE bookings ALTER COLUMN about TYPE jsonb USING about::text::jsonb;
