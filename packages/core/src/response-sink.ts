/**
 * Who takes a response while the function still writes it.
 *
 * Promises: `begin` comes once and before any part, and only when the function writes its response in parts; one that
 * gives it whole never calls. Parts come in order. `part` gives back nothing while more may follow at once, or a promise
 * that resolves when it may: what was on its way is still delivered. It never throws and never rejects; who has lost
 * interest takes everything and keeps nothing.
 */
export interface ResponseSink {
  begin(contentType: string): void;
  part(bytes: Uint8Array): Promise<void> | undefined;
}
