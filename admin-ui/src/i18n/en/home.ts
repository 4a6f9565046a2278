import home from './home.json';

/** What the home page says. */
export default { ...home };
