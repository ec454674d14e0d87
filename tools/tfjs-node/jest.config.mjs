// The tests that need the binding of tfjs-node.
import config from '../../jest.config.mjs';

export default {
  projects: config.projects.map((project) => ({
    ...project,
    testMatch: ['**/*.tfjs-node.test.ts'],
    testPathIgnorePatterns: ['/node_modules/'],
  })),
};
