import common from './common.json';
import errors from './errors.json';
import signin from './signin.json';

/** What is said before somebody has signed in, and on every page. */
export default { ...common, ...errors, ...signin };
