/** How much a ZIP may make us do, beside what it unpacks to: they keep a small upload from costing a lot. */
export const ZIP_BOUNDS = {
  /** Large node_modules folders hold some 40,000 files; each entry costs us an inode and a few syscalls. */
  entries: 100_000,
  /** Code packs 3 to 10 times smaller; deflate's own limit is about 1,030. */
  ratio: 200,
  /** Below this much the ratio is not looked at: a small file of zeros harms nobody. */
  ratioFreeBytes: 16 * 1024 * 1024,
  /** What one path may take, and one of its parts (Linux's NAME_MAX). */
  pathBytes: 1_024,
  partBytes: 255,
  /** A symbolic link's content is its target. */
  linkTargetBytes: 1_024,
} as const;
