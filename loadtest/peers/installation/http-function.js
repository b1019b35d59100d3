/** The same for Google's framework, whose functions take requests. */
const { handler } = require('./function.js');

exports.handler = async (request, response) => response.send(await handler(request.body));
