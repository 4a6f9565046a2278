import first from './first';
import pages from './pages';
import books from './books';
import plugins from './plugins';
import access from './access';

export default { ...first, ...pages, ...books, ...plugins, ...access };
