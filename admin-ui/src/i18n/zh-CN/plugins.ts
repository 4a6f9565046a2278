import plugins from './plugins.json';

/** What the pages about plugins say. */
export default { ...plugins };
