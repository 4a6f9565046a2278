import first from './first';
import pages from './pages';
import books from './books';

export default { ...first, ...pages, ...books };
