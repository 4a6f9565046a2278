import first from './first';
import pages from './pages';
import books from './books';
import payouts from './payouts';
import home from './home';
import reports from './reports';
import plugins from './plugins';
import access from './access';
import rules from './rules';
import till from './till';
import developers from './developers';
import lists from './lists';
import palette from './palette';

export default { ...first, ...pages, ...books, ...payouts, ...home, ...reports, ...plugins, ...access, ...rules, ...till, ...developers, ...lists, ...palette };
