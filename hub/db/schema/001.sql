-- The hub's schema. Instants are UTC milliseconds; ids of 16 bytes are random; n is a number of this database only.
-- Personal data is in person.*, in inbox.body (of joins) and in guest.contact, nowhere else.

CREATE TABLE hub (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  generation bigint NOT NULL, -- when this database was created, or last restored
  place text NOT NULL         -- which cluster and database it was in when last seen: elsewhere means restored
);

CREATE TABLE hub_key (
  n integer PRIMARY KEY CHECK (n BETWEEN 1 AND 65535),
  sign_public bytea NOT NULL,
  sign_secret bytea NOT NULL,
  open_public bytea NOT NULL,
  open_secret bytea NOT NULL,
  made_at bigint NOT NULL,
  retired_at bigint -- a newer one took its place
);

CREATE TABLE booth (
  n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id bytea NOT NULL UNIQUE,
  name text NOT NULL,
  made_at bigint NOT NULL,
  seen_at bigint,            -- the last exchange, whatever carried it
  direct_at bigint,          -- the last that the booth made itself
  version text,              -- of its program, as it says
  exchanges bigint NOT NULL DEFAULT 0,
  epoch bigint,              -- the newest: whose queue is the booth's queue now
  -- The inbox: items bear 1, 2, 3… within a generation. See inbox_settle in hub/model/inbox.c.
  generation bigint NOT NULL DEFAULT 0,
  inbox_head bigint NOT NULL DEFAULT 0,
  inbox_acked bigint NOT NULL DEFAULT 0,
  -- As the newest event of each kind says; (depth, seq) as for tickets.
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
  hash bytea PRIMARY KEY, -- BLAKE2b-256 of the code's first part
  booth bigint NOT NULL REFERENCES booth,
  hub_key integer NOT NULL REFERENCES hub_key, -- whose fingerprint its second part is
  made_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  used_by bytea -- the booth's sign key
);

CREATE TABLE epoch (
  n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  booth bigint NOT NULL REFERENCES booth,
  id bytea NOT NULL,
  parent bigint REFERENCES epoch, -- as its first event says, once that is here
  parent_seq bigint,
  depth integer NOT NULL DEFAULT 0, -- generations of parents that are known: what a child says goes before
  life bigint,                    -- the epoch that they go back to; NULL = itself. A box that was wiped begins another
  ordinal bigint,                 -- at the booth, known from its calls: ticket.call_event >> 32
  acked bigint NOT NULL DEFAULT 0, -- the end of the unbroken run from 1
  top bigint NOT NULL DEFAULT 0,  -- the highest seq that is here
  head bigint NOT NULL DEFAULT 0, -- the highest that the booth spoke of
  oldest bigint NOT NULL DEFAULT 1, -- below, the booth has none any more
  seen_at bigint NOT NULL,
  UNIQUE (booth, id)
);

-- Beyond the unbroken run: what is here already. And within it: what will never come.
CREATE TABLE island (epoch bigint REFERENCES epoch, first_seq bigint, last_seq bigint NOT NULL, PRIMARY KEY (epoch, first_seq));
CREATE TABLE hole (epoch bigint REFERENCES epoch, first_seq bigint, last_seq bigint NOT NULL, PRIMARY KEY (epoch, first_seq));

-- A boot of a booth, and what is known of its time: wall = mono + offset.
CREATE TABLE boot (
  n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  booth bigint NOT NULL REFERENCES booth,
  id text NOT NULL,
  trusted_offset bigint, -- by an event that was written under a trusted clock
  heard_offset bigint,   -- by a direct exchange: the least of (our time of arrival - its time of sending)
  UNIQUE (booth, id)
);

-- The journal as it came, verbatim. The columns beside the text are read from it, NULL where it could not be understood.
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

-- Runs of events in the order in which they became visible: a reader of all booths goes by (generation, xid, n) and
-- reads only rows with xid < pg_snapshot_xmin(pg_current_snapshot()) or of an earlier generation, so that what commits
-- late is never passed over. Transaction ids start anew where a database is restored to: hence the generation.
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

-- Events that are here and that the projection could not digest, or that contradict one that is.
CREATE TABLE quarantine (
  epoch bigint NOT NULL REFERENCES epoch,
  seq bigint NOT NULL,
  why text NOT NULL,
  text text NOT NULL, -- of the event, as it came this time
  at bigint NOT NULL,
  PRIMARY KEY (epoch, seq, why)
);

-- The queues, as the events tell. A ticket is (booth, the epoch that issued it, id); (epoch, seq) is the event that the
-- row is from, and the one with the higher (epoch.depth, seq) wins, in whatever order they come.
CREATE TABLE ticket (
  booth bigint NOT NULL REFERENCES booth,
  origin bigint NOT NULL,
  id bigint NOT NULL,
  epoch bigint NOT NULL,
  seq bigint NOT NULL,
  version bigint NOT NULL,
  day bigint NOT NULL, -- a number of the booth's: see day
  number text NOT NULL,
  line text NOT NULL,
  state text NOT NULL,
  party_size bigint NOT NULL,
  source text NOT NULL,
  calls bigint NOT NULL,
  delivery text,
  issued_at bigint, called_at bigint, closed_at bigint, -- as the booth's clock had it
  rank bigint NOT NULL,       -- the order within its line
  held_at bigint NOT NULL,
  call_event bigint NOT NULL, -- epoch.ordinal << 32 | seq of its latest call, 0 = none
  PRIMARY KEY (booth, origin, id)
) WITH (fillfactor = 80);
CREATE INDEX ticket_active ON ticket (booth) WHERE state IN ('waiting', 'called');
CREATE INDEX ticket_day ON ticket (booth, day);

-- What only the event of its issue says.
CREATE TABLE ticket_issue (
  booth bigint NOT NULL,
  origin bigint NOT NULL,
  id bigint NOT NULL,
  token bytea,  -- of the guest's link
  remote bytea, -- the inbox item that asked for it
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
  epoch bigint NOT NULL, -- that told; with version, the higher (epoch.depth, version) wins
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

-- What a booth is to do, in order. An item keeps its id for ever; n is anew in each generation.
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

CREATE INDEX inbox_join ON inbox (booth, (body ->> 'join')) WHERE body ? 'join'; -- what a guest wished since

-- How the booth answered an item: remote.refused. (A ticket is the other answer: ticket_issue.remote.)
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

-- Idempotency-Keys of callers, and the item that each led to.
CREATE TABLE once (
  hash bytea PRIMARY KEY, -- BLAKE2b-256 of it, keyed by the caller's API key
  print bytea NOT NULL,   -- and of the request
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

-- Who waits or is called now. What an older epoch held and the present one did not take over is no longer there.
CREATE VIEW queue AS
  SELECT t.* FROM ticket t JOIN booth b ON b.n = t.booth AND b.epoch = t.epoch WHERE t.state IN ('waiting', 'called');
