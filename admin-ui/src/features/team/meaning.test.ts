import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import en from '@/i18n/en/access.json';
import zh from '@/i18n/zh-CN/access.json';
import { byObject } from './meaning';

it('tells what a role does from what it only looks at', () => {
  expect(byObject([{ object: 'payments', action: 'create' }, { object: 'refunds', action: 'read' }, { object: 'payments', action: 'read' }])).toEqual({
    acting: [{ object: 'payments', actions: ['create', 'read'] }],
    reading: ['refunds'],
  });
});

it('has words for every object and action of the policy', () => {
  const rules = readFileSync(join(import.meta.dirname, '../../../../policies/policy.csv'), 'utf8').split('\n').filter((line) => line.startsWith('p,')).map((line) => line.split(',').map((word) => word.trim()));
  expect(rules.length).toBeGreaterThan(100);
  for (const { access } of [zh, en]) {
    expect(rules.map((r) => r[3]!).filter((object) => !(object in access.objects))).toEqual([]);
    expect(rules.flatMap((r) => r[4]!.split('|')).filter((action) => !(action in access.actions))).toEqual([]);
  }
});
