import palette from './palette.json';

/** What the palette says, which finds numbers and pages. */
export default { ...palette };
