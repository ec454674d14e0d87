import type { CallableModule } from '@tenon/hub';
import { functionType, objectCallType } from './function-types.js';
import { stringLiteral } from './source-text.js';
import { EMPTY_OBJECT, formatComment, inputType, membersOf, objectType, outputType } from './type-expressions.js';

const CALL = '__call__';

/**
 * A TypeScript declaration of a module, for `load<Name>(handle)`.
 *
 * @param name Of the interface.
 * @returns The text of a file.
 */
export async function writeDeclaration(module: CallableModule, handle: string, name: string): Promise<string> {
  const { functions } = await module.spec.variant(module.tags).load();
  const callable = [...functions].filter(([, { traces }]) => traces.length > 0);
  const called = functions.get(CALL);
  const signatures = module.getSignatureNames();
  const variants = module.getTags().map((tags) => `[${tags.join(', ')}]`);
  const tags = `readonly ${arrayOf(module.tags)}`;
  const type = objectType([
    {
      name: 'tags',
      type: isDefault(module) ? `${tags} | undefined` : tags,
      comment: `Of this variant, among ${variants.join(', ')}.`,
    },
    {
      name: 'signatures',
      type: objectType(signatures.map((signature) => ({ name: signature, type: signatureType(module, signature) }))),
    },
    {
      name: 'call',
      type: called ? objectCallType(called) : defaultCallType(module, name),
      comment: 'What calling the module does where no signature is named.',
    },
    {
      name: 'functions',
      type: objectType(callable.map(([name, saved]) => ({ name, type: functionType(saved) }))),
    },
  ]);
  const options = isDefault(module) ? '' : `, { tags: ${arrayOf(module.tags)} }`;
  const comment = formatComment(
    `The module ${handle}, as the compiler knows it:`,
    '',
    `    const module = await hub.load<${name}>(${stringLiteral(handle)}${options});`,
    '',
    'Shapes stand in comments: they are only checked when the module is called.',
  );
  const lines = [
    '// Written by: tenon types',
    "import type * as hub from '@tenon/hub';",
    '',
    ...comment,
    `export interface ${name} ${type}`,
  ];
  return `${lines.join('\n')}\n`;
}

function signatureType(module: CallableModule, signature: string): string {
  const inputs = module.getInputInfo(signature);
  const outputs = module.getOutputInfo(signature);
  const [only, ...others] = inputs.values();
  const named = objectType(membersOf(inputs, inputType), { empty: `${EMPTY_OBJECT} | undefined` });
  // A TF1 Hub module's output is not the default one because it is alone; that of a SavedModel is.
  const isLone = outputs.size === 1 && module.spec.format !== 'hub-module';
  const result = isLone ? [...outputs.values()][0] : outputs.get('default');
  return objectType([
    { name: 'takes', type: only && others.length === 0 ? `${inputType(only)} | ${named}` : named },
    { name: 'gives', type: objectType(membersOf(outputs, outputType)) },
    { name: 'result', type: result ? outputType(result) : 'unknown' },
  ]);
}

function defaultCallType(module: CallableModule, name: string): string {
  const { defaultSignature } = module;
  const isThere = module.getSignatureNames().includes(defaultSignature);
  return isThere ? `${name}['signatures'][${stringLiteral(defaultSignature)}]` : 'undefined';
}

function arrayOf(tags: readonly string[]): string {
  return `[${tags.map(stringLiteral).join(', ')}]`;
}

/** Whether the variant is the one that is loaded where no tags are given. */
function isDefault({ spec, tags }: CallableModule): boolean {
  try {
    return spec.variant() === spec.variant(tags);
  } catch (error) {
    if (error instanceof Error && error.name === 'VariantNotFoundError') return false;
    throw error;
  }
}
