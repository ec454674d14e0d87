import type { Operation } from '@tenon/graph';

/** What an operation touches beyond the values and the state of its program. */
export type Touch = 'read-files' | 'write-files' | 'this-process' | 'other-processes' | 'other-code';

/** What the owner of a session can allow its programs beyond the files of their modules. */
export type Permission = Extract<Touch, 'read-files' | 'write-files'>;

/** How an operation touches something. */
export interface TouchRule {
  readonly touch: Touch;
  /** Which input is the path of the file, where the operation reads or writes one and there is a kernel for it. */
  readonly path?: number;
  /** Whether this operation does what those of its type can; left out, all of them do. */
  readonly applies?: (operation: Operation) => boolean;
}

/** Files whose paths are attributes. */
const namesFile = (attribute: string) => (operation: Operation) => operation.string(attribute) !== '';

/** Other streams are the terminal's, or a log. */
const printsToFile = (operation: Operation): boolean => operation.string('output_stream').startsWith('file:');

/** Descriptors of messages are linked in, or in the attribute itself, or in a file. */
const namesDescriptorFile = (operation: Operation): boolean =>
  !/^(local:\/\/|bytes:\/\/|$)/.test(operation.string('descriptor_source'));

const all = (touch: Touch, types: string): [string, TouchRule][] =>
  types
    .trim()
    .split(/\s+/)
    .map((type) => [type, { touch }]);

const RULES: ReadonlyMap<string, TouchRule> = new Map<string, TouchRule>([
  ['ReadFile', { touch: 'read-files', path: 0 }],
  ['InitializeTableFromTextFile', { touch: 'read-files', path: 1 }],
  ['InitializeTableFromTextFileV2', { touch: 'read-files', path: 1 }],
  ['WriteFile', { touch: 'write-files', path: 0 }],
  ['DecodeProtoV2', { touch: 'read-files', applies: namesDescriptorFile }],
  ['EncodeProto', { touch: 'read-files', applies: namesDescriptorFile }],
  ['RecordInput', { touch: 'read-files', applies: namesFile('file_pattern') }],
  ['PrintV2', { touch: 'write-files', applies: printsToFile }],
  ['FixedUnigramCandidateSampler', { touch: 'read-files', applies: namesFile('vocab_file') }],
  ...all(
    'read-files',
    `MatchingFiles WholeFileReader WholeFileReaderV2 TextLineReader TextLineReaderV2 FixedLengthRecordReader
     FixedLengthRecordReaderV2 TFRecordReader TFRecordReaderV2 LMDBReader Restore RestoreSlice RestoreV2 DTensorRestoreV2
     LoadAndRemapMatrix GenerateVocabRemapping ImmutableConst Skipgram ImportEvent
     TextLineDataset TFRecordDataset TFRecordDatasetV2 FixedLengthRecordDataset FixedLengthRecordDatasetV2 CSVDataset CSVDatasetV2
     ExperimentalCSVDataset LMDBDataset ExperimentalLMDBDataset MatchingFilesDataset ExperimentalMatchingFilesDataset
     SqlDataset ExperimentalSqlDataset LoadDataset ListSnapshotChunksDataset SnapshotChunkDataset SnapshotDatasetReader
     SnapshotNestedDatasetReader`,
  ),
  ...all(
    'write-files',
    `Save SaveV2 SaveSlices MergeV2Checkpoints SaveDataset SaveDatasetV2 SnapshotDataset SnapshotDatasetV2 CacheDataset
     CacheDatasetV2 ExperimentalDatasetToTFRecord DistributedSave DumpTensor CalibrationStatisticsSaver
     CreateSummaryFileWriter CreateSummaryDbWriter WriteAudioSummary WriteGraphSummary WriteHistogramSummary WriteImageSummary
     WriteRawProtoSummary WriteScalarSummary WriteSummary DebugIdentity DebugIdentityV2 DebugIdentityV3 DebugNanCount
     DebugNumericSummary DebugNumericSummaryV2 DebugGradientIdentity DebugGradientRefIdentity`,
  ),
  ...all(
    'other-processes',
    `Send Recv _Send _Recv _HostSend _HostRecv RemoteCall RpcCall RpcCheckStatus RpcClient RpcGetValue RpcServer RpcServerRegister
     RpcServerStart 
     DataServiceDataset DataServiceDatasetV2 DataServiceDatasetV3 DataServiceDatasetV4
     RegisterDataset RegisterDatasetV2 FileSystemSetConfiguration 
     CollectiveAllToAllV2 CollectiveAllToAllV3 CollectiveAssignGroupV2 CollectiveBcastRecv CollectiveBcastRecvV2 CollectiveBcastSend
     CollectiveBcastSendV2 CollectiveGather CollectiveGatherV2 CollectiveInitializeCommunicator CollectivePermute CollectiveReduce
     CollectiveReduceScatterV2 CollectiveReduceV2 CollectiveReduceV3 NcclAllReduce NcclBroadcast NcclReduce _NcclBroadcastRecv
     _NcclBroadcastSend _NcclReduceRecv _NcclReduceSend XlaAllReduce XlaRecv XlaSend XlaRecvFromHost XlaSendToHost XlaHostCompute
     InfeedEnqueue InfeedEnqueueTuple InfeedEnqueuePrelinearizedBuffer InfeedDequeue InfeedDequeueTuple OutfeedEnqueue
     OutfeedEnqueueTuple OutfeedDequeue OutfeedDequeueTuple OutfeedDequeueV2 OutfeedDequeueTupleV2 ConfigureDistributedTPU
     _ConfigureDistributedTPU ConfigureAndInitializeGlobalTPU ShutdownDistributedTPU ShutdownTPUSystem`,
  ),
  ...all('this-process', 'Abort'),
  ...all('other-code', 'PyFunc PyFuncStateless EagerPyFunc XlaCustomCall XlaCustomCallV2'),
]);

/** How an operation touches what is outside of its program; `undefined` if it does not. */
export function touchOf(operation: Operation): TouchRule | undefined {
  const rule = RULES.get(operation.type);
  return rule && (rule.applies?.(operation) ?? true) ? rule : undefined;
}

/** Every op of which some operations touch what is outside of their program. */
export const TOUCHING_TYPES: readonly string[] = [...RULES.keys()];
