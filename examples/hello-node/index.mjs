/**
 * Greets whoever the event names, in their language, and keeps a structured record of it.
 *
 * Event: { "name": "Ada", "language": "fr" }, both optional.
 */
const GREETINGS = { de: 'Guten Tag', en: 'Hello', es: 'Hola', fr: 'Bonjour' };

/** Outside the handler, so once for each environment: where connections and caches belong. */
const startedAt = new Date().toISOString();
let greeted = 0;

export const handler = async (event, context) => {
  const { name = 'world', language = 'en' } = event;
  const greeting = GREETINGS[language];
  if (!greeting) throw new RangeError(`no greeting in "${language}"; there are ${Object.keys(GREETINGS)}`);
  greeted += 1;
  console.log(JSON.stringify({ level: 'info', event: 'greeted', language, requestId: context.awsRequestId }));
  return {
    message: `${greeting}, ${name}!`,
    environment: { startedAt, greeted },
    remainingMs: context.getRemainingTimeInMillis(),
  };
};
