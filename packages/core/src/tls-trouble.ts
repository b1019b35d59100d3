/** Node's words for why a peer's certificate was not believed, as they begin, and what they mean among members. */
const WORDS: readonly (readonly [string, string])[] = [
  ['certificate has expired', 'the certificate that it shows has expired'],
  ['certificate is not yet valid', 'the certificate that it shows is not valid yet'],
  [
    'unable to verify the first certificate',
    'the authority of this cluster did not sign the certificate that it shows',
  ],
  ['self-signed certificate', 'the authority of this cluster did not sign the certificate that it shows'],
  ['Hostname/IP does not match', 'the certificate that it shows is for another address'],
];

/** Why TLS to a peer failed, in words that name the certificate; other messages stay what they are. */
export function tlsTrouble(message: string): string {
  return WORDS.find(([beginning]) => message.startsWith(beginning))?.[1] ?? message;
}
