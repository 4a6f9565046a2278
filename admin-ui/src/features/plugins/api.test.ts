import { describe, expect, it } from 'vitest';
import { type Plugin, type Version, versionBefore, waiting, withoutAdditions } from './api';

const text = { zh: '', en: '' };
const version = (sha256: string, more: Partial<Version> = {}): Version => ({
  sha256, files: [sha256], state: 'pending', reason: text, live: false, running: false, adds: [], risks: [], manifest: { version: '1' } as Version['manifest'], ...more,
});
const plugin = (versions: Version[], live_sha256?: string) => ({ id: 'demo', state: 'enabled', reason: text, versions, live_sha256 }) as Plugin;

describe('a version without additions', () => {
  it('asks for nothing new only beside the live version', () => {
    expect(withoutAdditions(plugin([version('a'), version('b')], 'a'))).toBe('addsNothing');
  });
  it('is new altogether where nothing is live', () => {
    expect(withoutAdditions(plugin([version('b')]))).toBe('addsAll');
  });
  it('cannot be told where the live file was replaced', () => {
    expect(withoutAdditions(plugin([version('b', { state: 'modified' })], 'a'))).toBe('addsUnknown');
  });
});

describe('the version to roll back to', () => {
  it('is the one that was live last before', () => {
    const p = plugin([version('a', { live_at: '2026-11-03T00:00:00Z' }), version('b', { live_at: '2026-11-01T00:00:00Z' }), version('c', { live_at: '2026-11-02T00:00:00Z' }), version('d')], 'a');
    expect(versionBefore(p)?.sha256).toBe('c');
  });
  it('is none where none was', () => {
    expect(versionBefore(plugin([version('a', { live_at: '2026-11-03T00:00:00Z' }), version('d')], 'a'))).toBeUndefined();
  });
});

describe('versions that wait', () => {
  it('are those that were read and never approved', () => {
    expect(waiting(plugin([version('a'), version('b', { approved_at: '2026-11-01T00:00:00Z' }), version('c', { manifest: undefined }), version('d', { state: 'enabled' })]))).toBe(1);
  });
});
