import { describe, expect, it } from 'vitest';
import { addressOf, isWorthKeeping, keptViews, openedView, viewSearch, withoutView, withView } from './views';

const at = (text: string) => new URLSearchParams(text);
const a = { id: 'a', name: '待确认', search: 'range=7d&unknown=true' };
const b = { id: 'b', name: '大额', search: 'min=1000.00' };

describe('saved views', () => {
  it('keep the address in one order, without the page', () => {
    expect(viewSearch(at('unknown=true&cursor=x&range=7d&saved=a&number='))).toBe(a.search);
    expect(viewSearch(at('state=b&state=a'))).toBe('state=b&state=a');
  });

  it('open by their address, and are known by it until it changes', () => {
    const kept = { views: [a, b] };
    expect(openedView(kept, at(addressOf(a)))).toEqual({ view: a, changed: false });
    expect(openedView(kept, at(`${addressOf(a)}&cursor=x`))).toEqual({ view: a, changed: false });
    expect(openedView(kept, at(`${addressOf(a)}&state=failed`))).toEqual({ view: a, changed: true });
    expect(openedView(kept, at(a.search))).toEqual({ changed: false });
    expect(openedView(kept, at('saved=gone'))).toEqual({ changed: false });
  });

  it('are put in, written over and taken away, with the one that opens first', () => {
    const two = withView(withView({ views: [] }, a, true), b, false);
    expect(two).toEqual({ views: [a, b], first: 'a' });
    const renamed = { ...a, name: '未确认' };
    expect(withView(two, renamed, false)).toEqual({ views: [renamed, b] });
    expect(withView(two, b, true).first).toBe('b');
    expect(withoutView(two, 'a')).toEqual({ views: [b] });
    expect(withoutView(two, 'b')).toEqual({ views: [a], first: 'a' });
  });

  it('come through whatever was kept', () => {
    expect(keptViews(undefined)).toEqual({ views: [] });
    expect(keptViews({ views: [a, null, { id: 1 }, 'x'], first: 'gone' })).toEqual({ views: [a] });
    expect(keptViews({ views: [a], first: 'a' })).toEqual({ views: [a], first: 'a' });
    expect(keptViews([])).toEqual({ views: [] });
  });

  it('are offered where there is something to keep', () => {
    expect(isWorthKeeping(at('cursor=x'))).toBe(false);
    expect(isWorthKeeping(at('cols=number'))).toBe(true);
    expect(isWorthKeeping(at('sort=largest'))).toBe(true);
    expect(isWorthKeeping(at('state=failed'))).toBe(true);
  });
});
