import type { CallableModule, TensorInfo } from '@tenon/hub';
import { UsageError } from './errors.js';
import type { Application } from './application.js';
import { loneOf } from './lone-input.js';

/** Tensors of the graph, fed and fetched by their names. */
export function fetchApplication(module: CallableModule, fetches: readonly string[]): Application {
  const placeholders = module.getPlaceholderInfo(fetches);
  return {
    inputs: new Feeds(module, placeholders),
    loneInput: loneOf(placeholders),
    signature: undefined,
    call: async (values, outputs) => {
      if (outputs) throw new UsageError('--fetch says what to compute; --outputs goes with signatures and functions.');
      return new Map(Object.entries(await module.fetch(fetches, values as ReadonlyMap<string, never>)));
    },
  };
}

/** Placeholders are what is to be fed, but any tensor can be. */
class Feeds extends Map<string, TensorInfo> {
  constructor(
    private readonly module: CallableModule,
    placeholders: ReadonlyMap<string, TensorInfo>,
  ) {
    super(placeholders);
  }

  override get(name: string): TensorInfo | undefined {
    return super.get(name) ?? this.module.getTensorInfo(name);
  }
}
