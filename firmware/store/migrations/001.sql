-- The schema. Event ids are epoch.ordinal << 32 | seq. Nothing that a queue command writes has a second index: each
-- would cost a page of 1 KB a commit.
PRAGMA application_id = 1651470196; -- 'boot'

CREATE TABLE meta (k TEXT PRIMARY KEY, v) WITHOUT ROWID; -- clean, probe, settings, intake, ticket_floor, open_floor

CREATE TABLE epoch (
  ordinal INTEGER PRIMARY KEY,
  id BLOB NOT NULL,              -- 16 random bytes
  booth BLOB NOT NULL,           -- whose it was
  parent_event INTEGER NOT NULL, -- the last event before it; 0 = none
  started_at INTEGER NOT NULL    -- wall_ms
);

CREATE TABLE boot (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);

-- The journal: append-only, no personal data, each text verbatim what a hub gets.
CREATE TABLE event (id INTEGER PRIMARY KEY, text TEXT NOT NULL);

-- One row for a command that names a ticket or bears a key; its id is that of its answered event. What may change or be
-- erased about a command is here and not in the journal.
CREATE TABLE command (
  id INTEGER PRIMARY KEY,
  key BLOB,        -- Idempotency-Key, keyed hash
  print BLOB,      -- of the request, keyed hash
  actor INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  wall INTEGER NOT NULL,
  ticket INTEGER,
  earlier INTEGER, -- the ticket's command before this one: its history is a list
  undoes INTEGER,  -- the command that this one took back
  class INTEGER,   -- from here on: how to take this one back; NULL = not
  prev INTEGER,
  day INTEGER,
  mono INTEGER,
  boot INTEGER,
  fields INTEGER,
  before TEXT      -- JSON; members that were zero are left out; may hold personal data
);

CREATE TABLE ticket (
  id INTEGER PRIMARY KEY,
  number INTEGER NOT NULL,
  version INTEGER NOT NULL,
  day INTEGER NOT NULL,
  actor INTEGER NOT NULL,
  party_size INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  state INTEGER NOT NULL,
  source INTEGER NOT NULL,
  delivery INTEGER NOT NULL,
  line TEXT NOT NULL,
  label TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  called_at INTEGER NOT NULL,
  closed_at INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  held_at INTEGER NOT NULL,
  call_event INTEGER NOT NULL,
  undo_transition INTEGER NOT NULL,
  undo_phoned INTEGER NOT NULL,
  undo_edit INTEGER NOT NULL,
  token BLOB NOT NULL,
  last INTEGER -- its latest command
);

-- Personal data; the highest version wins at a hub, so a row that was there stays when its members are cleared.
CREATE TABLE person (ticket INTEGER PRIMARY KEY, version INTEGER NOT NULL, name TEXT, phone TEXT, note TEXT);

CREATE TABLE day (
  id INTEGER PRIMARY KEY,
  date INTEGER NOT NULL, -- yyyymmdd
  trusted INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  first_ticket INTEGER NOT NULL -- its tickets have this id or a higher one
);

-- Numbers of a day begin above these in a new epoch; line '*' stands for those not named.
CREATE TABLE line_count (line TEXT PRIMARY KEY, day INTEGER NOT NULL, count INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE device (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: events name it
  manager INTEGER NOT NULL,
  name TEXT NOT NULL,
  token_hash BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
);
