import common from './common.json';
import errors from './errors.json';
import signin from './signin.json';
import money from './money.json';
import orders from './orders.json';
import till from './till.json';
import merchants from './merchants.json';
import people from './people.json';
import platform from './platform.json';
import alerts from './alerts.json';
import callbacks from './callbacks.json';

export default { ...common, ...errors, ...signin, ...money, ...orders, ...till, ...merchants, ...people, ...platform, ...alerts, ...callbacks };
