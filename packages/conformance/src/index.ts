export { checkPrograms } from './program-checks.js';
export { formatReport, type CaseReport, type ConformanceReport } from './report.js';
export { testBackend, type ConformanceOptions } from './test-backend.js';
