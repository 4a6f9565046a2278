import developers from './developers.json';

/** What the pages for developers say: keys, webhooks, the request log and the reference. */
export default developers;
