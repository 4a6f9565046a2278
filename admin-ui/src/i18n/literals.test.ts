import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import zh from './zh-CN';

/** Properties of components and of antd's options that people read or hear. */
const spoken = /^(?:title|label|placeholder|alt|aria-(?:label|description|roledescription|valuetext)|help|extra|lead|hint|empty|message|description|content|text|tooltip|summary|subTitle|prefix|suffix|addonBefore|addonAfter|checkedChildren|unCheckedChildren|children|(?!color|enterKey)\w+(?:Text|Title|Label|Hint|Message))$/;
/** What says something to people by being called. */
const speakers = /^(?:message|notification|modal)\.(?:open|info|success|warning|error|loading|confirm|warn)$/;
const word = /\p{L}{2,}/u;
const han = /\p{Script=Han}/u;

const keys = new Set<string>();
(function collect(messages: object, prefix: string): void {
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'object' && value !== null) collect(value as object, `${prefix}${key}.`);
    else keys.add(prefix + key);
  }
})(zh, '');

/** The text that stands in an expression itself; what a function gives, such as t(), is not looked into. */
function texts(node: ts.Node | undefined): ts.Node[] {
  if (!node) return [];
  if (ts.isStringLiteralLike(node)) return [node];
  if (ts.isTemplateExpression(node)) return [node.head, ...node.templateSpans.flatMap((span) => [...texts(span.expression), span.literal])];
  if (ts.isConditionalExpression(node)) return [...texts(node.whenTrue), ...texts(node.whenFalse)];
  if (ts.isBinaryExpression(node)) return comparison(node.operatorToken.kind) ? [] : [...texts(node.left), ...texts(node.right)];
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node) || ts.isJsxExpression(node)) return texts(node.expression);
  return [];
}

function comparison(kind: ts.SyntaxKind): boolean {
  return [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken, ts.SyntaxKind.LessThanToken, ts.SyntaxKind.GreaterThanToken].includes(kind);
}

/** Literal text that people would read in one language only. */
function literals(tree: ts.SourceFile): string[] {
  const found = new Map<ts.Node, string>();
  const heard = (node: ts.Node, minimum: RegExp) => {
    const text = ts.isJsxText(node) ? node.text : (node as ts.LiteralLikeNode).text;
    if (minimum.test(text) && !keys.has(text)) found.set(node, `${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${text.trim()}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) heard(node, word);
    if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) texts(node).forEach((text) => heard(text, word));
    if (ts.isJsxAttribute(node) && spoken.test(node.name.getText())) texts(node.initializer).forEach((text) => heard(text, word));
    if (ts.isPropertyAssignment(node) && spoken.test(node.name.getText().replaceAll(/['"]/g, ''))) texts(node.initializer).forEach((text) => heard(text, word));
    if (ts.isCallExpression(node) && speakers.test(node.expression.getText())) node.arguments.forEach((argument) => texts(argument).forEach((text) => heard(text, word)));
    if (ts.isBinaryExpression(node) && node.left.getText() === 'document.title') texts(node.right).forEach((text) => heard(text, word));
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) heard(node, han);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return [...found.values()];
}

function parse(source: string): ts.SourceFile {
  return ts.createSourceFile('planted.tsx', source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
}

describe('text in one language only', () => {
  it.each([
    ['text between tags', 'const a = <p>Refund all</p>;'],
    ['a string as a child', 'const a = <p>{ready && "Refund all"}</p>;'],
    ['a template as a child', 'const a = <p>{`Refund ${amount}`}</p>;'],
    ['the end of a template', 'const a = <p>{`${amount} refunded`}</p>;'],
    ['Chinese in the middle of a template', 'const a = `${b}已退款${c}`;'],
    ['a property of an own component', 'const a = <Section title="Refunds" />;'],
    ['a template in a property', 'const a = <EmptyState hint={`Try ${days} days`} />;'],
    ['one side of a choice', 'const a = <Button aria-label={open ? t("common.close") : "Open"} />;'],
    ['the label of an option', 'const options = [{ value: 1, label: "Paid" }];'],
    ['the title of a column', 'const columns = [{ key: "amount", title: "Amount" }];'],
    ['a property named for its text', 'const a = <Modal okText="Yes" />;'],
    ['a message', 'message.success("Saved");'],
    ['a message with a template', 'message.error(`${count} refused`);'],
    ['a notification', 'notification.open({ message: "Saved", description: t("common.done") });'],
    ['the title of the window', 'document.title = `${title} · Zhanggui`;'],
  ])('is found: %s', (_, source) => {
    expect(literals(parse(source))).not.toEqual([]);
  });

  it.each([
    ['words by their keys', 'const a = <Section title={t("common.done")}>{t(`states.payment.${state}`)}</Section>;'],
    ['a key that is looked up later', 'const menu = [{ to: "/", label: "nav.home" }];'],
    ['names of classes, paths and states', 'const a = <Link className={`zg-tile ${tone}`} to={`/orders/${id}`} data-state="open">{state === "open" && <Tag />}</Link>;'],
    ['signs', 'const a = <p>{`${a} · ${b}`} – ¥ %</p>;'],
  ])('is not seen in %s', (_, source) => {
    expect(literals(parse(source))).toEqual([]);
  });

  it('is nowhere in the console', () => {
    const root = join(import.meta.dirname, '..');
    const found = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|\.gen\.ts$|^i18n\/|^test-/.test(file))
      .flatMap((file) => literals(parse(readFileSync(join(root, file), 'utf8'))).map((text) => `${file}:${text}`));
    expect(found).toEqual([]);
  });
});
