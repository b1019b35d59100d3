import { execFileSync } from 'node:child_process';
import type { Runtime } from '@aws-sdk/client-lambda';

/** The identifier of this machine's Python: Lambent runs exactly what is there and nothing near it. */
export function pythonRuntime(): Runtime {
  const script = 'import sys; print(f"python{sys.version_info.major}.{sys.version_info.minor}")';
  return execFileSync('python3', ['-c', script], { encoding: 'utf8' }).trim() as Runtime;
}
