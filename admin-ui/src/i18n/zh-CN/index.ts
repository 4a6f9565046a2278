import first from './first';
import pages from './pages';
import books from './books';
import plugins from './plugins';
import access from './access';
import rules from './rules';

export default { ...first, ...pages, ...books, ...plugins, ...access, ...rules };
