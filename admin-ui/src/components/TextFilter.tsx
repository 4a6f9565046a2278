import { Input } from 'antd';
import { useFilters } from '@/lib/useFilters';

/** One filter that is typed; it holds once Enter or the sign is pressed. */
export function TextFilter({ name, label, maxLength = 64 }: { name: string; label: string; maxLength?: number }) {
  const { search, change } = useFilters();
  const value = search.get(name) ?? '';
  return (
    <Input.Search
      key={value}
      className="zg-filter-wide"
      defaultValue={value}
      placeholder={label}
      aria-label={label}
      onSearch={(typed) => change({ [name]: typed.trim() })}
      maxLength={maxLength}
      allowClear
    />
  );
}
