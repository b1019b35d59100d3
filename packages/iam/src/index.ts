export {
  type AccessRequest,
  type Decision,
  evaluate,
  type Principal,
} from './evaluate.ts';
export {
  type ParsedPolicy,
  type PolicyDocument,
  parsePolicy,
  type Statement,
} from './policy-document.ts';
