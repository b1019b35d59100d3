import { z } from 'zod';

/** A ZIP in Blobs, of a function or of a layer. */
export const CodeReferenceSchema = z.strictObject({
  /** Sha-256, lower-case hexadecimal. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().nonnegative(),
  /** Absent where it was stored before anybody asked. */
  unzippedBytes: z.int().nonnegative().exactOptional(),
});

export type CodeReference = z.infer<typeof CodeReferenceSchema>;
