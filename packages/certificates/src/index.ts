export { type Authority, createAuthority } from './authority.ts';
export { readAuthority, writeAuthority } from './authority-directory.ts';
export { CurrentMaterial, type CurrentMaterialOptions } from './current-material.ts';
export { type IssueOptions, issue, ROLES, type Role } from './issue.ts';
export { type CertificateStanding, certificateStanding, readMaterial, writeMaterial } from './material.ts';
