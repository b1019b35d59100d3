import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '@lambent/core';
import { z } from 'zod';
import { IdentitySchema } from './identity.ts';

/** What a session token holds: all that has to be known to verify what is signed with its key. */
const SessionSchema = z.strictObject({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  identity: IdentitySchema,
  expiresMs: z.int(),
});

export type Session = z.infer<typeof SessionSchema>;

const CIPHER = 'aes-256-gcm';
const FORM = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES;
/** A session's names are bounded, so what is longer is no token of ours. */
const TOKEN_LENGTH_MAX = 4_096;

/** Sealed, so that who holds it can neither read nor change it, and nobody else has to keep it. */
export function sealSession(session: Session, key: Uint8Array, random: Random): string {
  const head = Buffer.concat([Buffer.of(FORM), random.bytes(NONCE_BYTES)]);
  const cipher = createCipheriv(CIPHER, key, head.subarray(1), { authTagLength: TAG_BYTES });
  cipher.setAAD(head.subarray(0, 1));
  const sealed = [cipher.update(JSON.stringify(session)), cipher.final()];
  return Buffer.concat([head, cipher.getAuthTag(), ...sealed]).toString('base64');
}

/** Undefined for what was not sealed with this key. */
export function openSession(token: string, key: Uint8Array): Session | undefined {
  const bytes = token.length > TOKEN_LENGTH_MAX ? Buffer.alloc(0) : Buffer.from(token, 'base64');
  if (bytes.length <= HEAD_BYTES + TAG_BYTES || bytes[0] !== FORM) return undefined;
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(1, HEAD_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(bytes.subarray(0, 1)).setAuthTag(bytes.subarray(HEAD_BYTES, HEAD_BYTES + TAG_BYTES));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES + TAG_BYTES)), decipher.final()]);
    return SessionSchema.parse(JSON.parse(text.toString()));
  } catch {
    // Somebody made it up, or another installation sealed it.
    return undefined;
  }
}
