-- What the hub has of each epoch, and where each day begins in the journal. Rows that no queue command writes.
ALTER TABLE epoch ADD COLUMN generation INTEGER NOT NULL DEFAULT 0; -- of the hub, when it told acked; 0 = never
ALTER TABLE epoch ADD COLUMN acked INTEGER NOT NULL DEFAULT 0;      -- its events up to this seq are there
ALTER TABLE epoch ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;     -- from this seq on none is sent; 0 = all are

ALTER TABLE day ADD COLUMN first_event INTEGER NOT NULL DEFAULT 0; -- its day.started; 0 = not known
UPDATE day SET first_event = s.event
  FROM (SELECT json_extract(text, '$.day.id') AS day, min(id) AS event FROM event
        WHERE text LIKE '%"type":"day.started"%' GROUP BY 1) s
  WHERE s.day = day.id;

-- More of meta: inbox ("GENERATION N", the hub's and its last item that was passed), message, board (keyed hash of the
-- machine's serial number), nightly.
