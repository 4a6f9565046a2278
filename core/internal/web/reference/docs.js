// Hides what does not hold the words that were typed.
const filter = document.getElementById('filter');
filter.addEventListener('input', () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const el of document.querySelectorAll('[data-find]')) {
    const text = el.dataset.find.toLowerCase();
    el.hidden = !words.every((w) => text.includes(w));
  }
});
