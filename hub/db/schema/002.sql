-- Names as the program has them.

ALTER TABLE island RENAME TO pending_range;
ALTER TABLE hole RENAME TO gap;
ALTER TABLE once RENAME TO idempotency_key;
ALTER TABLE idempotency_key RENAME COLUMN print TO fingerprint;
ALTER TABLE hub RENAME COLUMN place TO location;
