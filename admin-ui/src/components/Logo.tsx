/** The mark: an abacus, the shopkeeper's tool. Decorative beside the name. */
export function Logo({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#0e6655" />
      <g stroke="#fff" strokeOpacity=".55" strokeWidth="1.5" strokeLinecap="round">
        <path d="M9.5 6.5v19M16 6.5v19M22.5 6.5v19" />
      </g>
      <path d="M6 13h20" stroke="#fff" strokeWidth="2" strokeLinecap="round" />
      <g fill="#fff">
        <rect x="6.5" y="7.6" width="6" height="3.4" rx="1.7" />
        <rect x="13" y="16" width="6" height="3.4" rx="1.7" />
        <rect x="13" y="20.6" width="6" height="3.4" rx="1.7" />
        <rect x="6.5" y="20.6" width="6" height="3.4" rx="1.7" />
        <rect x="19.5" y="16" width="6" height="3.4" rx="1.7" />
      </g>
    </svg>
  );
}
