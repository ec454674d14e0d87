export { AssetFilesError, MissingVariablesError, SessionGraphError, TargetExistsError } from './errors.js';
export { exportModule } from './export-module.js';
