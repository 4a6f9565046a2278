import money from './money.json';
import orders from './orders.json';
import merchants from './merchants.json';
import people from './people.json';
import platform from './platform.json';
import approvals from './approvals.json';
import alerts from './alerts.json';
import cases from './cases.json';
import callbacks from './callbacks.json';
import exports from './exports.json';

/** What the pages behind the sign-in say. */
export default { ...money, ...orders, ...merchants, ...people, ...platform, ...approvals, ...alerts, ...cases, ...callbacks, ...exports };
