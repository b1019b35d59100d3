/** The same for workerd, which takes modules only. */
const handler = async event => event;

export default {
  fetch: async request => Response.json(await handler(await request.json())),
};
