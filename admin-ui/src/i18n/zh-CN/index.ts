import first from './first';
import pages from './pages';

export default { ...first, ...pages };
