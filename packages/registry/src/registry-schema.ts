/**
 * `registry_changes` is the history: one row for each written key and revision, a null value being a delete. A
 * watch reads it and nothing else, so what is delivered is what is durable. Of the state's one row, `revision` is
 * the last one given and `compacted` the last one no longer in the history. Revision 1 is the empty registry.
 */
export const REGISTRY_SCHEMA = `
CREATE TABLE IF NOT EXISTS registry_state (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  revision INTEGER NOT NULL,
  compacted INTEGER NOT NULL
) STRICT;
INSERT INTO registry_state VALUES (1, 1, 0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS registry_entries (
  key TEXT NOT NULL UNIQUE,
  create_revision INTEGER NOT NULL,
  mod_revision INTEGER NOT NULL,
  lease TEXT,
  value BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS registry_leased ON registry_entries (lease) WHERE lease IS NOT NULL;

CREATE TABLE IF NOT EXISTS registry_changes (
  revision INTEGER NOT NULL,
  key TEXT NOT NULL,
  create_revision INTEGER NOT NULL,
  lease TEXT,
  value BLOB
) STRICT;
CREATE INDEX IF NOT EXISTS registry_by_revision ON registry_changes (revision);
CREATE INDEX IF NOT EXISTS registry_deletes ON registry_changes (key, revision) WHERE value IS NULL;
`;
