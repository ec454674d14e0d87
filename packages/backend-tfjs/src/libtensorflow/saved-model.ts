import {
  create,
  dtypeToProto,
  SavedModelSchema,
  serialize,
  shapeToProto,
  type Init,
  type TensorInfo,
} from '@tenon/format';
import type { DerivedGraph, Port } from './derived-graph.js';
import { carriedType } from './tensorflow-session.js';

/** What a derived model is tagged with. */
export const TAG = 'serve';

/** A derived graph as a `saved_model.pb`, with a signature that calls it as a whole. */
export function writeSavedModel({ graphDef, inputs, outputs }: DerivedGraph): Uint8Array {
  const signature = { inputs: infos(inputs), outputs: infos(outputs), methodName: 'tensorflow/serving/predict' };
  return serialize(
    SavedModelSchema,
    create(SavedModelSchema, {
      savedModelSchemaVersion: 1n,
      metaGraphs: [
        {
          metaInfoDef: { tags: [TAG] },
          graphDef,
          signatureDef: outputs.length > 0 ? { serving_default: signature } : {},
        },
      ],
    }),
  );
}

function infos(ports: readonly Port[]): Record<string, Init<TensorInfo>> {
  return Object.fromEntries(ports.map((port, index) => [String(index), infoOf(port)]));
}

function infoOf(port: Port): Init<TensorInfo> {
  const { dtype, shape } = carriedType(port);
  return {
    encoding: { case: 'name', value: `${port.name}:0` },
    dtype: dtypeToProto(dtype),
    tensorShape: shapeToProto(shape),
  };
}
