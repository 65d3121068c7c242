// The search of index.html. Rows come from index-data-1.js and so on, which are added as scripts,
// because browsers refuse other ways to read files beside a page that is itself a file. Texts are only
// ever put in as text.
(() => {
  'use strict';
  const PAGE = 100;
  const GRADES = ['good', 'check', 'bad'];
  const form = document.getElementById('search');
  const fields = form.elements;
  const count = document.getElementById('count');
  const body = document.getElementById('rows');
  const more = document.getElementById('more');
  const shards = Number(form.dataset.shards);

  const articles = [];
  const byId = new Map();
  let loaded = 0;
  let fresh = new Set();
  let altered = new Set();
  let stories = [];
  let sort = { key: 'date', down: true };
  let found = [];
  let shown = 0;
  // Whether the rows on the page are still those it came with.
  let untouched = true;

  // Lower case without accents, words with a blank before each. Lines stay apart.
  const fold = (text) =>
    (' ' + text.replace(/\n/g, '\n ')).replace(/[œŒ]/g, 'oe').replace(/[æÆ]/g, 'ae')
      .normalize('NFD').replace(/\p{M}+/gu, '').toLowerCase().replace(/[^\p{L}\p{N}\n]+/gu, ' ');
  const words = (text) => fold(text).split(/\s+/).filter(Boolean);
  const flat = (text) => (text || '').replace(/\s+/g, ' ');

  window.precis = {
    about(json) {
      const about = JSON.parse(json);
      fresh = new Set(about.new);
      altered = new Set(about.changed);
      stories = about.stories;
      next();
    },
    add(json) {
      const rows = JSON.parse(json);
      const lines = [];
      for (const row of rows) {
        const [id, date, headline, title, source, sentences, grade, abstract, names] = row;
        const [people, organisations, places] = names;
        const article = { id, date: date || '', headline, title, source, sentences, grade,
          names: { person: people, organisation: organisations, place: places }, others: 0, first: true };
        articles.push(article);
        byId.set(id, article);
        // Folded all at once, which is several times as fast.
        lines.push(flat(headline), flat(title) + ' ' + flat(names.flat().join(' ')), flat(abstract));
      }
      const folded = fold(lines.join('\n')).split('\n');
      for (let n = 0; n < rows.length; n++) {
        const article = articles[articles.length - rows.length + n];
        [article.inHeadline, article.inNames, article.inAbstract] = folded.slice(3 * n, 3 * n + 3);
      }
      next();
    },
  };

  function load(number) {
    const script = document.createElement('script');
    script.src = 'index-data-' + number + '.js';
    script.onerror = () => say('Some of the index cannot be read: ' + script.src);
    document.head.append(script);
  }

  function next() {
    loaded += 1;
    if (loaded <= shards) {
      load(loaded);
      // What was asked for is answered as far as is known.
      if (!untouched) update();
      return;
    }
    for (const story of stories) {
      const members = story.map((id) => byId.get(id)).filter(Boolean);
      members.forEach((article, n) => {
        article.others = members.length - 1;
        article.first = n === 0;
      });
    }
    fillChoices();
    read();
    document.documentElement.dataset.ready = '';
  }

  function fillChoices() {
    const counted = (values) => {
      const counts = new Map();
      for (const value of values) counts.set(value, (counts.get(value) || 0) + 1);
      return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([value]) => value);
    };
    const option = (value) => {
      const option = document.createElement('option');
      option.value = value;
      option.textContent = value;
      return option;
    };
    const sources = counted(articles.map((article) => article.source).filter(Boolean)).slice(0, 300);
    fields.source.append(...sources.sort().map(option));
    for (const kind of ['person', 'organisation', 'place']) {
      const names = counted(articles.flatMap((article) => article.names[kind])).slice(0, 200);
      document.getElementById(kind + '-names').replaceChildren(...names.map(option));
    }
  }

  function wanted() {
    const state = Object.fromEntries(new FormData(form));
    const query = words(state.q || '');
    const inName = ['person', 'organisation', 'place']
      .map((kind) => [kind, words(state[kind] || '')])
      .filter(([, parts]) => parts.length > 0);
    return { state, query, inName };
  }

  function matches(article, { state, query, inName }) {
    if (state.from && article.date.slice(0, 10) < state.from) return false;
    if (state.to && (!article.date || article.date.slice(0, 10) > state.to)) return false;
    if (state.source && article.source !== state.source) return false;
    if (state.grade && article.grade !== state.grade) return false;
    if (state.new && !fresh.has(article.id) && !altered.has(article.id)) return false;
    if (state.once && !article.first) return false;
    let rank = 0;
    for (const word of query) {
      const part = ' ' + word;
      if (article.inHeadline.includes(part)) continue;
      if (article.inNames.includes(part)) rank = Math.max(rank, 1);
      else if (article.inAbstract.includes(part)) rank = 2;
      else return false;
    }
    article.rank = rank;
    return inName.every(([kind, parts]) =>
      article.names[kind].some((name) => {
        const folded = fold(name);
        return parts.every((part) => folded.includes(' ' + part));
      }));
  }

  function compare(a, b) {
    let order = 0;
    if (sort.key === 'rank') order = a.rank - b.rank;
    else if (sort.key === 'sentences') order = a.sentences - b.sentences;
    else if (sort.key === 'grade') order = GRADES.indexOf(a.grade) - GRADES.indexOf(b.grade);
    else order = a[sort.key] < b[sort.key] ? -1 : a[sort.key] > b[sort.key] ? 1 : 0;
    if (sort.down) order = -order;
    return order || (a.date < b.date ? 1 : a.date > b.date ? -1 : 0) || (a.id < b.id ? -1 : 1);
  }

  function update() {
    const want = wanted();
    // The best first, as long as no column was chosen.
    if (want.query.length > 0 && !sort.chosen) sort = { key: 'rank', down: false };
    if (want.query.length === 0 && sort.key === 'rank') sort = { key: 'date', down: true };
    found = articles.filter((article) => matches(article, want)).sort(compare);
    untouched = false;
    shown = 0;
    body.replaceChildren();
    show();
    mark();
    const pending = loaded <= shards ? ', still reading …' : '';
    say(found.length === articles.length
      ? articles.length + ' articles' + pending
      : found.length + ' of ' + articles.length + ' articles' + pending);
  }

  function show() {
    body.append(...found.slice(shown, shown + PAGE).map(row));
    shown = Math.min(found.length, shown + PAGE);
    more.hidden = shown >= found.length;
  }

  function say(text) {
    if (count.textContent !== text) count.textContent = text;
  }

  function make(tag, properties, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function row(article) {
    const address = encodeURIComponent(article.id) + '.html';
    const head = make('th', { scope: 'row' }, make('a', { class: 'headline', href: address }, article.headline));
    if (fresh.has(article.id) && fresh.size < articles.length) head.append(' ', make('span', { class: 'tag' }, 'new'));
    if (altered.has(article.id)) head.append(' ', make('span', { class: 'tag' }, 'changed'));
    if (article.title) head.append(make('span', { class: 'original', lang: 'fr' }, article.title));
    if (article.others > 0) {
      const others = article.others === 1 ? '1 other article' : article.others + ' other articles';
      head.append(make('span', { class: 'copies' }, 'same story in ' + others));
    }
    const date = make('td', { class: 'date' });
    if (article.date) date.append(make('time', { datetime: article.date }, article.date.slice(0, 10)));
    const sign = { good: '●', check: '◐', bad: '○' }[article.grade];
    const grade = make('span', { class: 'grade ' + article.grade },
      make('span', { 'aria-hidden': 'true' }, sign), ' ' + article.grade);
    return make('tr', {}, date, head, make('td', { class: 'source' }, article.source),
      make('td', { class: 'number' }, String(article.sentences)), make('td', {}, grade));
  }

  // The state is in the address, so that it can be kept and sent.
  function write() {
    const state = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) state.append(name, value);
    if (sort.chosen) state.append('sort', (sort.down ? '-' : '') + sort.key);
    const hash = '#' + state;
    if (hash === location.hash || (hash === '#' && !location.hash)) return;
    try {
      history.replaceState(null, '', hash);
    } catch {
      location.replace(hash);
    }
  }

  function read() {
    // A link to a part of the page is no state.
    if (location.hash && document.getElementById(location.hash.slice(1))) return;
    const state = new URLSearchParams(location.hash.slice(1));
    for (const field of fields) {
      if (!field.name) continue;
      if (field.type === 'checkbox') field.checked = state.has(field.name);
      else field.value = state.get(field.name) || '';
    }
    const key = state.get('sort') || '';
    const known = [...document.querySelectorAll('th[data-key]')].map((th) => th.dataset.key);
    if (known.includes(key.replace(/^-/, ''))) {
      sort = { key: key.replace(/^-/, ''), down: key.startsWith('-'), chosen: true };
    }
    if ([...state].length > 0 || !untouched) update();
    else say(articles.length + ' articles');
    if (untouched && articles.length > body.rows.length) update();
  }

  function mark() {
    for (const th of document.querySelectorAll('th[data-key]')) {
      if (th.dataset.key === sort.key) {
        th.setAttribute('aria-sort', sort.down ? 'descending' : 'ascending');
      } else {
        th.removeAttribute('aria-sort');
      }
    }
  }

  for (const th of document.querySelectorAll('th[data-key]')) {
    const button = make('button', { type: 'button' }, th.textContent);
    button.addEventListener('click', () => {
      const key = th.dataset.key;
      const down = sort.key === key ? !sort.down : ['date', 'sentences', 'grade'].includes(key);
      sort = { key, down, chosen: true };
      update();
      write();
    });
    th.replaceChildren(button);
  }
  const changed = () => {
    update();
    write();
  };
  form.addEventListener('input', changed);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => {
    sort = { key: 'date', down: true };
    // After the fields are empty.
    setTimeout(changed);
  });
  more.addEventListener('click', show);
  addEventListener('hashchange', read);
  addEventListener('keydown', (event) => {
    const typing = event.target.matches && event.target.matches('input, select, textarea');
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      fields.q.focus();
    }
  });
  form.hidden = false;
  mark();
  load(0);
})();
