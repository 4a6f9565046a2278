import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import en from './en';
import first from './en/first';
import zh from './zh-CN';

type Messages = { [key: string]: string | Messages };

function flatten(messages: Messages, prefix = ''): Map<string, string> {
  const out = new Map<string, string>();
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'string') out.set(prefix + key, value);
    else flatten(value, `${prefix}${key}.`).forEach((v, k) => out.set(k, v));
  }
  return out;
}

const chinese = flatten(zh as Messages);
const english = flatten(en as Messages);
const root = join(import.meta.dirname, '..');
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|\.gen\.ts$|^i18n\//.test(file))
  .map((file) => ({ file, tree: ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX) }));

function walk(visit: (node: ts.Node, file: string) => void): void {
  for (const { file, tree } of sources) {
    const go = (node: ts.Node): void => {
      visit(node, file);
      ts.forEachChild(node, go);
    };
    go(tree);
  }
}

describe('the two languages', () => {
  it('have the same keys', () => {
    expect([...chinese.keys()].filter((key) => !english.has(key))).toEqual([]);
    expect([...english.keys()].filter((key) => !chinese.has(key))).toEqual([]);
  });

  it('say something for each, with the same places to fill', () => {
    const places = (text: string) => [...text.matchAll(/{{\s*(\w+)/g)].map((m) => m[1]).sort();
    for (const [key, text] of chinese) {
      expect(text.trim(), key).not.toBe('');
      expect(places(english.get(key)!), key).toEqual(places(text));
    }
  });

  it('are Chinese and English', () => {
    const han = /\p{Script=Han}/u;
    expect([...english].filter(([, text]) => han.test(text))).toEqual([]);
    const plain = new Set(['SHA-256']);
    expect([...chinese].filter(([, text]) => !han.test(text) && !plain.has(text))).toEqual([]);
  });

  it('use Chinese punctuation in Chinese sentences', () => {
    expect([...chinese].filter(([, text]) => /\p{Script=Han}[,;:?!]|[,;:?!]\p{Script=Han}/u.test(text))).toEqual([]);
  });

  it('have a sentence for every error code the server may answer with', () => {
    const codes = [...readFileSync(join(root, '../../core/error.go'), 'utf8').matchAll(/Code\w+\s+Code\s*=\s*"(\w+)"/g)].map((m) => m[1]!);
    expect(codes.length).toBeGreaterThan(30);
    expect(codes.filter((code) => !chinese.has(`errors.${code}`))).toEqual([]);
  });
});

describe('the code', () => {
  it('asks for keys that exist', () => {
    const missing: string[] = [];
    const known = (key: string) => chinese.has(key);
    const begins = (prefix: string) => [...chinese.keys()].some((key) => key.startsWith(prefix));
    walk((node, file) => {
      if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression) || node.expression.text !== 't') return;
      check(node.arguments[0], file);
    });
    function check(argument: ts.Expression | undefined, file: string): void {
      if (!argument) return;
      if (ts.isStringLiteralLike(argument) && !known(argument.text)) missing.push(`${file}: ${argument.text}`);
      if (ts.isTemplateExpression(argument) && !begins(argument.head.text)) missing.push(`${file}: ${argument.head.text}…`);
      if (ts.isConditionalExpression(argument)) [argument.whenTrue, argument.whenFalse].forEach((side) => check(side, file));
    }
    expect(missing).toEqual([]);
  });

  it('says on the sign-in page only what has been loaded there', () => {
    const loaded = flatten(first as Messages);
    const late: string[] = [];
    walk((node, file) => {
      if (!file.startsWith('features/signin/') || !ts.isCallExpression(node) || node.expression.getText() !== 't') return;
      const key = node.arguments[0];
      if (key && ts.isStringLiteralLike(key) && !loaded.has(key.text)) late.push(`${file}: ${key.text}`);
    });
    expect(late).toEqual([]);
  });

  it('uses every key', () => {
    const whole = sources.map(({ tree }) => tree.text).join('\n');
    const prefixes = [...whole.matchAll(/`([\w.]+\.)\$\{/g)].map((m) => m[1]!);
    const unused = [...chinese.keys()].filter((key) => !whole.includes(`'${key}'`) && !prefixes.some((prefix) => key.startsWith(prefix)));
    expect(unused).toEqual([]);
  });
});
