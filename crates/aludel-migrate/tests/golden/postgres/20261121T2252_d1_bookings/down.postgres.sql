-- Revision d1: bookings
-- Downgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step drop table bookings
DROP TABLE bookings;

-- aludel:step drop sequence numbers
DROP SEQUENCE numbers;
