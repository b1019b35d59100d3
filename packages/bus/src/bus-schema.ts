/**
 * A message is either ready (`held_until_ms` null: it may be delivered from `due_at_ms` on) or held (delivered,
 * and not yet acknowledged); one partial index each. Its sequence is never given twice, so that a receipt for one
 * message never reaches another. Times are the store's (see `SqliteBus`), but `enqueued_at_ms`, which is wall time.
 *
 * `bus_ids` remembers ids for the deduplication, in the order they were seen. Bodies stand last in their row:
 * whoever reads only what is before them does not read them.
 */
export const BUS_SCHEMA = `
CREATE TABLE IF NOT EXISTS bus_queues (
  queue INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  messages INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS bus_messages (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  queue INTEGER NOT NULL,
  id TEXT NOT NULL,
  enqueued_at_ms REAL NOT NULL,
  delay_ms REAL NOT NULL,
  due_at_ms REAL NOT NULL,
  held_until_ms REAL,
  delivery_count INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS bus_ready ON bus_messages (queue, due_at_ms) WHERE held_until_ms IS NULL;
CREATE INDEX IF NOT EXISTS bus_held ON bus_messages (queue, held_until_ms) WHERE held_until_ms IS NOT NULL;
CREATE INDEX IF NOT EXISTS bus_by_age ON bus_messages (queue, enqueued_at_ms);

CREATE TABLE IF NOT EXISTS bus_ids (
  seen INTEGER PRIMARY KEY,
  queue INTEGER NOT NULL,
  id TEXT NOT NULL,
  seen_at_ms REAL NOT NULL,
  UNIQUE (queue, id)
) STRICT;
`;
