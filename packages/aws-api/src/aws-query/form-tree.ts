import { isUtf8 } from 'node:buffer';
import { AwsError } from '../aws-error.ts';

/** More than any operation of IAM's can make use of; each costs a node or several. */
const PARAMETERS_MAX = 4_096;
/** Far deeper than any input of AWS's. */
const DEPTH_MAX = 16;

/** A form whose keys are paths, `Tags.member.1.Key`, as the tree they describe. */
export interface FormNode {
  text: string | undefined;
  readonly children: Map<string, FormNode>;
}

/** `target` may carry the form in its query, as a GET does. */
export function parseForm(target: string, body: Buffer): FormNode {
  if (!isUtf8(body)) throw new AwsError('SerializationException', 'The form is not UTF-8');
  const mark = target.indexOf('?');
  const root = createNode();
  let parameters = 0;
  for (const text of [mark < 0 ? '' : target.slice(mark + 1), body.toString('utf8')])
    for (const [key, value] of new URLSearchParams(text)) {
      parameters += 1;
      if (parameters > PARAMETERS_MAX)
        throw new AwsError('SerializationException', `More than ${PARAMETERS_MAX} parameters`);
      plant(root, key, value);
    }
  return root;
}

function plant(root: FormNode, key: string, value: string): void {
  const path = key.split('.', DEPTH_MAX + 1);
  if (path.length > DEPTH_MAX) throw new AwsError('SerializationException', 'A parameter is nested too deep');
  let node = root;
  for (const step of path) {
    const child = node.children.get(step) ?? createNode();
    node.children.set(step, child);
    node = child;
  }
  node.text ??= value;
}

function createNode(): FormNode {
  return { text: undefined, children: new Map() };
}
