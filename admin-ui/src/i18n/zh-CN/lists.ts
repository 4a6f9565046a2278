import lists from './lists.json';

/** What the dialogs around a list say: columns, views, exports and doing the same to several rows. */
export default { ...lists };
