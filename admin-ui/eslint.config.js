import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/lib/api/schema.gen.ts', 'e2e/screenshots'] },
  ...tseslint.configs.recommended,
  hooks.configs.flat['recommended'],
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      // Money is counted in whole fen with string and bigint arithmetic (lib/money.ts).
      'no-restricted-globals': ['error', { name: 'parseFloat', message: 'Money and counts never pass through a float: see lib/money.ts.' }],
    },
  },
  {
    // shared (lib, i18n) → components → features → app; features do not know each other.
    files: ['src/lib/**', 'src/i18n/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['@/components/*', '@/features/*', '@/app/*'] }] },
  },
  {
    files: ['src/components/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['@/features/*', '@/app/*'] }] },
  },
  {
    files: ['src/features/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['@/features/*', '@/app/*', '../*/**'] }] },
  },
);
