import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HandlerNotFound, ImportModuleError, MalformedHandlerName, UserCodeSyntaxError } from './faults.mjs';

/** In the order in which Lambda looks for them. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs'];

/** Finds the function that `dir/module.name` (or `module.object.name`) names below the code's directory. */
export async function loadHandler(taskRoot, handler) {
  if (handler.includes('..'))
    throw new MalformedHandlerName(
      `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  const file = basename(handler);
  const directory = handler.slice(0, handler.indexOf(file));
  const dot = file.indexOf('.');
  if (dot < 0) throw new MalformedHandlerName('Bad handler');
  const loaded = await loadModule(taskRoot, directory, file.slice(0, dot));
  const path = file.slice(dot + 1).split('.');
  const found = follow(loaded, path) ?? follow(loaded?.default, path);
  if (!found) throw new HandlerNotFound(`${handler} is undefined or not exported`);
  if (typeof found !== 'function') throw new HandlerNotFound(`${handler} is not a function`);
  return found;
}

async function loadModule(taskRoot, directory, name) {
  const path = resolve(taskRoot, directory, name);
  try {
    const extension = EXTENSIONS.find(candidate => isFile(path + candidate));
    if (extension !== undefined) return await import(pathToFileURL(path + extension).href);
    // Shown in the error as who asked for it, by the name that AWS's runtime has.
    const require = createRequire(join(dirname(process.argv[1]), 'index.mjs'));
    return require(require.resolve(name, { paths: [taskRoot, join(taskRoot, directory)] }));
  } catch (error) {
    throw toFault(error);
  }
}

function toFault(error) {
  if (error instanceof SyntaxError) {
    const fault = new UserCodeSyntaxError(String(error), { cause: error });
    // Where the function's own mistake is, not where the runtime noticed it.
    fault.stack = error.stack;
    return fault;
  }
  if (error?.code === 'MODULE_NOT_FOUND') return new ImportModuleError(String(error));
  return error;
}

function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function follow(start, path) {
  return path.reduce((value, key) => (isObject(value) ? value[key] : undefined), start);
}

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
