-- What a careful PostgreSQL service would keep: tickets by number, one live claim for each address, and the free ones found by a partial
-- index.
CREATE TABLE tickets (
  number     bigint PRIMARY KEY,
  email      text,
  claim      uuid,
  expires_at timestamptz
);
CREATE UNIQUE INDEX one_claim_for_an_address ON tickets (email) WHERE email IS NOT NULL;
CREATE INDEX free_tickets ON tickets (number) WHERE email IS NULL;
CREATE SEQUENCE addresses CACHE 1000;

INSERT INTO tickets (number) SELECT generate_series(1, 3000000);
VACUUM (FREEZE, ANALYZE) tickets;
CHECKPOINT;
