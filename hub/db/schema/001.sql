-- The hub's first schema; later files change it. Times are UTC milliseconds; ids of 16 bytes are random; n is a number of this database only.
-- Personal data is in person.*, in inbox.body (of joins) and in guest.contact, nowhere else.

CREATE TABLE hub (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  generation bigint NOT NULL, -- when this database was created or last restored; see hub/model/generation.h
  place text NOT NULL         -- (location, 002) cluster and database at the last start: in another, it was restored
);

CREATE TABLE hub_key (
  n integer PRIMARY KEY CHECK (n BETWEEN 1 AND 65535),
  sign_public bytea NOT NULL,
  sign_secret bytea NOT NULL,
  open_public bytea NOT NULL,
  open_secret bytea NOT NULL,
  made_at bigint NOT NULL,
  retired_at bigint -- when a newer one replaced it
);

CREATE TABLE booth (
  n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id bytea NOT NULL UNIQUE,
  name text NOT NULL,
  made_at bigint NOT NULL,
  seen_at bigint,            -- the last exchange, direct or by courier
  direct_at bigint,          -- the last direct one
  version text,              -- of the box's program
  exchanges bigint NOT NULL DEFAULT 0,
  epoch bigint,              -- the present one, whose queue is the booth's queue
  -- Of the inbox; see hub/model/inbox.h.
  generation bigint NOT NULL DEFAULT 0,
  inbox_head bigint NOT NULL DEFAULT 0,
  inbox_acked bigint NOT NULL DEFAULT 0,
  -- From the newest event of each type, by (depth, seq) as for tickets.
  settings jsonb, settings_epoch bigint, settings_seq bigint,
  intake jsonb, intake_epoch bigint, intake_seq bigint
);

CREATE TABLE booth_key (
  sign_public bytea PRIMARY KEY,
  booth bigint NOT NULL REFERENCES booth,
  open_public bytea NOT NULL,
  state text NOT NULL CHECK (state IN ('active', 'retired', 'revoked')),
  made_at bigint NOT NULL
);
CREATE INDEX booth_key_booth ON booth_key (booth);

CREATE TABLE enrol_code (
  hash bytea PRIMARY KEY, -- BLAKE2b-256 of the code's first half
  booth bigint NOT NULL REFERENCES booth,
  hub_key integer NOT NULL REFERENCES hub_key, -- whose fingerprint its second half is
  made_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  used_by bytea -- the booth's sign key
);

CREATE TABLE epoch (
  n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  booth bigint NOT NULL REFERENCES booth,
  id bytea NOT NULL,
  parent bigint REFERENCES epoch, -- NULL = none, or not known yet
  parent_seq bigint,
  depth integer NOT NULL DEFAULT 0, -- number of known ancestors: a child's events win over its parent's
  life bigint,                    -- the earliest ancestor; NULL = itself. A box that was wiped begins another
  ordinal bigint,                 -- its number at the booth, known from its calls: ticket.call_event >> 32
  acked bigint NOT NULL DEFAULT 0, -- the end of the unbroken run from 1
  top bigint NOT NULL DEFAULT 0,  -- the highest seq stored
  head bigint NOT NULL DEFAULT 0, -- the highest that the booth has reported
  oldest bigint NOT NULL DEFAULT 1, -- the booth has none below
  seen_at bigint NOT NULL,
  UNIQUE (booth, id)
);

-- Of the seqs of an epoch, beyond the unbroken run: what is stored already (pending_range, 002). And within it: what will
-- never come (gap, 002).
CREATE TABLE island (epoch bigint REFERENCES epoch, first_seq bigint, last_seq bigint NOT NULL, PRIMARY KEY (epoch, first_seq));
CREATE TABLE hole (epoch bigint REFERENCES epoch, first_seq bigint, last_seq bigint NOT NULL, PRIMARY KEY (epoch, first_seq));

-- A boot of a booth, and what is known of its clock: wall = mono + offset.
CREATE TABLE boot (
  n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  booth bigint NOT NULL REFERENCES booth,
  id text NOT NULL,
  trusted_offset bigint, -- by an event whose clock was trusted
  heard_offset bigint,   -- by direct exchanges: the least of (arrival by the hub's clock - sending by the booth's)
  UNIQUE (booth, id)
);

-- The journal, verbatim. The other columns are read from the text, NULL where it was not understood.
CREATE TABLE event (
  epoch bigint NOT NULL,
  seq bigint NOT NULL,
  text text NOT NULL,
  type text,
  ticket bigint,
  boot bigint,
  mono_ms bigint,
  wall_ms bigint,
  trusted boolean,
  PRIMARY KEY (epoch, seq)
);

-- Ranges of events in the order in which they became visible. A reader of all booths goes by (generation, xid, n) and
-- reads only rows with xid < pg_snapshot_xmin(pg_current_snapshot()) or of an earlier generation, so that it misses no
-- transaction that commits late. The generation, because transaction ids start anew in a restored database.
CREATE TABLE arrival (
  generation bigint NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  n bigint GENERATED ALWAYS AS IDENTITY,
  booth bigint NOT NULL,
  epoch bigint NOT NULL,
  first_seq bigint NOT NULL,
  last_seq bigint NOT NULL,
  received_at bigint NOT NULL,
  PRIMARY KEY (generation, xid, n)
);
CREATE INDEX arrival_epoch ON arrival (epoch, first_seq);

-- Stored events that were not understood or not projected, and events that contradict a stored one.
CREATE TABLE quarantine (
  epoch bigint NOT NULL REFERENCES epoch,
  seq bigint NOT NULL,
  why text NOT NULL,
  text text NOT NULL, -- of the event, as it came this time
  at bigint NOT NULL,
  PRIMARY KEY (epoch, seq, why)
);

-- The queues, built from the events. A ticket is (booth, the epoch that issued it, id); (epoch, seq) is the event of the
-- row, and the event with the higher (epoch.depth, seq) wins, in whatever order they arrive.
CREATE TABLE ticket (
  booth bigint NOT NULL REFERENCES booth,
  origin bigint NOT NULL,
  id bigint NOT NULL,
  epoch bigint NOT NULL,
  seq bigint NOT NULL,
  version bigint NOT NULL,
  day bigint NOT NULL, -- the booth's number of it: day.id
  number text NOT NULL,
  line text NOT NULL,
  state text NOT NULL,
  party_size bigint NOT NULL,
  source text NOT NULL,
  calls bigint NOT NULL,
  delivery text,
  issued_at bigint, called_at bigint, closed_at bigint, -- by the booth's clock
  rank bigint NOT NULL,       -- the order within its line
  held_at bigint NOT NULL,
  call_event bigint NOT NULL, -- epoch.ordinal << 32 | seq of its latest call, 0 = none
  PRIMARY KEY (booth, origin, id)
) WITH (fillfactor = 80);
CREATE INDEX ticket_active ON ticket (booth) WHERE state IN ('waiting', 'called');
CREATE INDEX ticket_day ON ticket (booth, day);

-- What only the event of a ticket's issue has.
CREATE TABLE ticket_issue (
  booth bigint NOT NULL,
  origin bigint NOT NULL,
  id bigint NOT NULL,
  token bytea,  -- of the guest's link
  remote bytea, -- the inbox item that requested it
  PRIMARY KEY (booth, origin, id)
);
CREATE INDEX ticket_issue_token ON ticket_issue (token);
CREATE INDEX ticket_issue_remote ON ticket_issue (booth, remote) WHERE remote IS NOT NULL;

-- Tickets that an epoch took over from its parent, with the epoch that issued them.
CREATE TABLE carried (epoch bigint NOT NULL, id bigint NOT NULL, origin bigint NOT NULL, PRIMARY KEY (epoch, id));

CREATE TABLE person (
  booth bigint NOT NULL,
  origin bigint NOT NULL,
  ticket bigint NOT NULL,
  epoch bigint NOT NULL, -- the row's; the higher (epoch.depth, version) wins
  version bigint NOT NULL,
  name text, phone text, note text,
  PRIMARY KEY (booth, origin, ticket)
);

CREATE FUNCTION life(epoch bigint) RETURNS bigint LANGUAGE sql STABLE
  RETURN (SELECT coalesce(e.life, e.n) FROM epoch e WHERE e.n = $1);

-- A life counts its days from 1.
CREATE TABLE day (
  booth bigint NOT NULL,
  life bigint NOT NULL,
  id bigint NOT NULL,
  epoch bigint NOT NULL,
  seq bigint NOT NULL,
  date text, -- "2026-09-11"
  trusted boolean NOT NULL,
  PRIMARY KEY (life, id)
);
CREATE TABLE erased_day (life bigint NOT NULL, id bigint NOT NULL, at bigint NOT NULL, PRIMARY KEY (life, id));

-- What a booth is to process, in order. An item keeps its id for ever; n is new in each generation.
CREATE TABLE inbox (
  booth bigint NOT NULL REFERENCES booth,
  id bytea NOT NULL,
  generation bigint NOT NULL,
  n bigint NOT NULL,
  type text NOT NULL,
  body jsonb NOT NULL, -- its own members; without name, phone and note once they are erased
  valid_until bigint,
  made_at bigint NOT NULL,
  acked_at bigint,
  PRIMARY KEY (booth, id),
  UNIQUE (booth, generation, n)
);

CREATE INDEX inbox_join ON inbox (booth, (body ->> 'join')) WHERE body ? 'join'; -- a guest's later requests

-- Items that the booth refused (remote.refused). The other answer is a ticket: ticket_issue.remote.
CREATE TABLE refusal (booth bigint NOT NULL, item bytea NOT NULL, type text, code text, at bigint NOT NULL, PRIMARY KEY (booth, item));

-- Guests who joined through the hub.
CREATE TABLE guest (
  ref text PRIMARY KEY,
  booth bigint NOT NULL REFERENCES booth,
  item bytea NOT NULL, -- the inbox item; ticket_issue.remote leads to the ticket
  token text NOT NULL UNIQUE, -- of the guest's page
  contact jsonb,
  made_at bigint NOT NULL
);
CREATE UNIQUE INDEX guest_item ON guest (booth, item);

CREATE TABLE api_key (
  hash bytea PRIMARY KEY, -- BLAKE2b-256
  name text NOT NULL,
  scopes integer NOT NULL, -- bits: 1 read, 2 guests, 4 admin
  made_at bigint NOT NULL,
  used_at bigint
);

-- Idempotency-Keys of callers, and the inbox item of each (idempotency_key, 002).
CREATE TABLE once (
  hash bytea PRIMARY KEY, -- BLAKE2b-256 of the key, keyed by the caller's API key
  print bytea NOT NULL,   -- of the request, likewise
  item bytea NOT NULL,
  made_at bigint NOT NULL
);
CREATE INDEX once_made ON once (made_at);

-- An event with the best time that is known for it.
CREATE VIEW event_time AS
  SELECT e.epoch, e.seq,
         CASE WHEN e.trusted OR coalesce(b.trusted_offset, b.heard_offset) IS NULL THEN e.wall_ms
              ELSE e.mono_ms + coalesce(b.trusted_offset, b.heard_offset) END AS at_ms,
         e.trusted OR coalesce(b.trusted_offset, b.heard_offset) IS NOT NULL AS known
    FROM event e LEFT JOIN boot b ON b.n = e.boot;

-- Tickets that are waiting or called. Those of an earlier epoch that the present one did not take over are gone.
CREATE VIEW queue AS
  SELECT t.* FROM ticket t JOIN booth b ON b.n = t.booth AND b.epoch = t.epoch WHERE t.state IN ('waiting', 'called');
