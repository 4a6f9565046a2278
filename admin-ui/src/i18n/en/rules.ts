import rules from './rules.json';

/** What the pages of limits, freezes, fees and working days say. */
export default { ...rules };
