import { z } from 'zod';

/** What a package's signature was found to be when it was uploaded. */
const SignatureSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('broken'), detail: z.string() }),
  z.strictObject({ kind: z.literal('untrusted') }),
  z.strictObject({
    kind: z.literal('signed'),
    profileVersionArn: z.string(),
    jobArn: z.string(),
    expiresMs: z.int(),
  }),
]);

/** A ZIP in Blobs, of a function or of a layer. */
export const CodeReferenceSchema = z.strictObject({
  /** Sha-256, lower-case hexadecimal. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().nonnegative(),
  /** Absent where it was stored before anybody asked. */
  unzippedBytes: z.int().nonnegative().exactOptional(),
  /** Absent where it has none. */
  signature: SignatureSchema.exactOptional(),
});

export type CodeReference = z.infer<typeof CodeReferenceSchema>;
