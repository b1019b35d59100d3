/** What whoever called a URL is answered. */
export interface UrlAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Uint8Array;
}

export const INTERNAL_SERVER_ERROR: UrlAnswer = {
  statusCode: 502,
  headers: { 'content-type': 'application/json' },
  cookies: [],
  body: Buffer.from('Internal Server Error'),
};

/** The answer that a function's result describes, or is; a result that describes none is a failure of the function. */
export function urlAnswer(payload: Uint8Array): UrlAnswer {
  const text = Buffer.from(payload).toString();
  let result: unknown;
  try {
    result = JSON.parse(text);
  } catch {
    return INTERNAL_SERVER_ERROR;
  }
  if (typeof result === 'string') return json(result);
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) return json(text);
  const prelude = readPrelude(result);
  if (!prelude) return INTERNAL_SERVER_ERROR;
  const { body = '', isBase64Encoded = false } = result as { body?: unknown; isBase64Encoded?: unknown };
  const content = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    ...prelude,
    headers: { 'content-type': 'application/json', ...prelude.headers },
    body: Buffer.from(content, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** Status, headers and cookies; undefined where they are none. */
export function readPrelude(given: object): Omit<UrlAnswer, 'body'> | undefined {
  const { statusCode = 200, headers = {}, cookies = [] } = given as Record<string, unknown>;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  if (typeof headers !== 'object' || headers === null || !Array.isArray(cookies)) return undefined;
  const shown = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  if (!shown.every(([name, value]) => NAME.test(name) && VALUE.test(value))) return undefined;
  if (!cookies.every(cookie => VALUE.test(String(cookie)))) return undefined;
  return { statusCode: status, headers: Object.fromEntries(shown), cookies: cookies.map(String) };
}

function json(text: string): UrlAnswer {
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: Buffer.from(text),
  };
}

/** What may stand in a header. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
