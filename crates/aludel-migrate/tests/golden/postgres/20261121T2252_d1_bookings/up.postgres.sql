-- Revision d1: bookings
-- Upgrade on PostgreSQL, from revision.toml by `aludel render`

-- aludel:step create sequence numbers
CREATE SEQUENCE numbers START WITH 10;

-- aludel:step create table bookings
CREATE TABLE bookings (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY (START WITH 100),
  room integer NOT NULL,
  code varchar(20),
  tags text[],
  about jsonb,
  at timestamptz,
  CONSTRAINT pk_bookings PRIMARY KEY (id),
  CONSTRAINT uq_bookings_code UNIQUE (code) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ex_bookings_room EXCLUDE USING btree (room WITH =)
);

-- aludel:step create table bookings
CREATE INDEX ix_bookings_lower ON bookings ((lower(code))) WHERE room > 0;

-- aludel:step create table bookings
CREATE INDEX ix_bookings_tags ON bookings USING gin (tags);
