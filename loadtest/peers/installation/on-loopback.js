/** Loaded before peers that cannot be told where to listen and would do so on every interface of the machine. */
const { Server } = require('node:net');

const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  const bare = typeof port === 'number' || typeof port === 'string';
  return listen.call(this, bare ? { port: Number(port), host: '127.0.0.1' } : port, ...rest);
};
