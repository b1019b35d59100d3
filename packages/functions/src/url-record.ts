import { z } from 'zod';

/** The URL of a function or of one of its aliases, under which anybody who may invokes it over plain HTTP. */
export const UrlRecordSchema = z.strictObject({
  schema: z.literal(1),
  /** "$LATEST" or an alias. */
  qualifier: z.string(),
  /** The first part of its host: 32 lower-case letters and digits. */
  urlId: z.string().regex(/^[a-z0-9]{32}$/),
  authType: z.enum(['NONE', 'AWS_IAM']),
  invokeMode: z.enum(['BUFFERED', 'RESPONSE_STREAM']),
  cors: z
    .strictObject({
      allowCredentials: z.boolean().exactOptional(),
      allowHeaders: z.array(z.string()).exactOptional(),
      allowMethods: z.array(z.string()).exactOptional(),
      allowOrigins: z.array(z.string()).exactOptional(),
      exposeHeaders: z.array(z.string()).exactOptional(),
      maxAgeSeconds: z.int().exactOptional(),
    })
    .exactOptional(),
  createdMs: z.int(),
  modifiedMs: z.int(),
});

export type UrlRecord = z.infer<typeof UrlRecordSchema>;

/** Whose URL one is, by its id. What it was when it was made: whoever follows it looks whether that still holds. */
export const UrlOwnerSchema = z.strictObject({
  schema: z.literal(1),
  functionName: z.string(),
  functionId: z.string(),
  qualifier: z.string(),
});

export type UrlOwner = z.infer<typeof UrlOwnerSchema>;
