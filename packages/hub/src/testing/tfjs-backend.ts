import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '@tenon/backend';

const PACKAGE = '@tenon/backend-tfjs';

/** A backend that this package does not know: it is handed in, as users do. */
export async function tfjsBackend(backend: string): Promise<Backend> {
  const { tfjs } = (await import(PACKAGE)) as { tfjs: (options: { backend: string }) => Backend };
  return tfjs({ backend });
}

/** One that runs whole graphs. */
export async function tfjsNodeBackend(): Promise<Backend> {
  const entry = `${PACKAGE}/node`;
  const { tfjsNode } = (await import(entry)) as { tfjsNode: (options: { directory: string }) => Backend };
  return tfjsNode({ directory: join(tmpdir(), 'tenon-derived-by-tests') });
}
