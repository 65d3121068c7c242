// The pages of an output folder in a real browser, from `file://`:
//
//   node scripts/browser/test.mjs PRECIS [SCREENSHOTS]
//
// PRECIS is the program. It makes the pages of synthetic summaries in a temporary folder, a small set and
// one of 10,000. SCREENSHOTS is a folder for pictures of them, and of the pages of `corpus/`: `index.png` and
// `article.png`, which the README shows. Needs the packages of package.json beside this file (`npm install`) and a Chromium
// (`CHROMIUM`, else the one on the path). `scripts/browser/run` gets both where it can.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(join(process.env.NODE_MODULES ?? dirname(fileURLToPath(import.meta.url)), 'x.js'));
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const [precis, screenshots] = process.argv.slice(2);
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const fixture = JSON.parse(readFileSync(join(root, 'tests/fixtures/summary.json'), 'utf8'));
const scratch = mkdtempSync(join(tmpdir(), 'precis-pages-'));
const HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>';

function summary(n, changes = {}) {
  const made = structuredClone(fixture);
  Object.assign(made, { id: `article-${n}`, headline: `Headline number ${n}`, ...changes });
  made.source.path = `corpus/paper-${n % 7}/article-${n}.txt`;
  made.source.date = new Date(Date.UTC(2020, 0, 1 + (n % 1500))).toISOString().slice(0, 10);
  made.source.title = `Titre numéro ${n} : l'été à Nîmes`;
  made.abstract.text = `${made.abstract.text} Word${n % 97} and word${n % 89} are what sets this one apart.`;
  made.people[0] = { ...made.people[0], name: `Person ${n % 400}`, source_name: `Personne ${n % 400}` };
  made.trust = { ...made.trust, grade: ['good', 'check', 'bad'][n % 3] };
  // No story: the words differ.
  made.translation.sentences.forEach((sentence, m) => {
    sentence.source = `Phrase ${m} du texte ${n} : ${Array.from({ length: 12 }, (_, k) => `mot${n}x${m}x${k}`).join(' ')}${m === 3 ? ' Sud Fret' : ''}.`;
  });
  return made;
}

function site(name, summaries) {
  const folder = join(scratch, name);
  mkdirSync(folder, { recursive: true });
  for (const one of summaries) writeFileSync(join(folder, `${one.id}.json`), JSON.stringify(one));
  mkdirSync(join(folder, 'run'), { recursive: true });
  const ids = [summaries[0].id];
  const changes = { tool: 'precis 0', new: ids, removed: [], changed: [{
    id: summaries[1].id, headline: summaries[1].headline, title: null, edited: [], added: [], removed: ['Une phrase.'],
    figures: [{ before: '12 morts', after: '15 morts', what: 'deaths', sentence: 1 }],
  }] };
  writeFileSync(join(folder, 'run/changes.json'), JSON.stringify(changes));
  const clock = performance.now();
  execFileSync(precis, ['report', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  console.log(`${name}: pages of ${summaries.length} articles in ${((performance.now() - clock) / 1000).toFixed(1)} s`);
  return folder;
}

const address = (folder, page) => pathToFileURL(join(folder, page)).href;

/** Opens a page on which any error, dialog or request beyond its folder is a failure. */
async function open(context, folder, page) {
  const tab = await context.newPage();
  const problems = [];
  tab.on('console', (message) => ['error', 'warning'].includes(message.type()) && problems.push(message.text()));
  tab.on('pageerror', (error) => problems.push(String(error)));
  tab.on('dialog', (dialog) => { problems.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  tab.on('request', (request) => request.url().startsWith(pathToFileURL(folder).href) || problems.push(request.url()));
  await tab.goto(address(folder, page));
  tab.problems = problems;
  return tab;
}

async function ready(tab) {
  await tab.waitForFunction(() => 'ready' in document.documentElement.dataset);
}

async function axe(tab, what) {
  // The page's own policy allows no script, so it is put in by the debugger.
  await tab.evaluate(AXE);
  const { violations } = await tab.evaluate(() =>
    axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
  const told = violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
  assert.deepEqual(told, [], `${what}: axe`);
}

const rows = (tab) => tab.locator('#rows tr').count();
const headlines = (tab) => tab.locator('#rows a.headline').allTextContents();
const shot = async (tab, name) => {
  if (screenshots) {
    mkdirSync(screenshots, { recursive: true });
    await tab.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
  }
};

async function searching(context, folder) {
  const tab = await open(context, folder, 'index.html');
  await ready(tab);
  const all = await rows(tab);
  await tab.keyboard.press('/');
  assert.equal(await tab.evaluate(() => document.activeElement.id), 'q');
  for (const [query, expected] of [
    ['headline number 12', ['Headline number 12']],
    // Accents, capitals, beginnings of words, in any order, over title and headline together.
    ['NIMES titr headli', null],
    ['numeró 12', ['Headline number 12']],
    ['umber', []],
    ['word12 apart', ['Headline number 12']],
    ['personne 12', ['Headline number 12']],
  ]) {
    await tab.fill('#q', query);
    const found = await headlines(tab);
    if (expected) assert.deepEqual(found, expected, query);
    else assert.equal(found.length, all - 3, query);
  }
  assert.match(tab.url(), /#q=personne\+12/);
  await tab.click('#reset');
  await tab.waitForFunction((all) => document.querySelectorAll('#rows tr').length === all, all);
  await tab.fill('#person', 'pers 12');
  assert.deepEqual(await headlines(tab), ['Headline number 12']);
  await tab.fill('#person', '');
  await tab.selectOption('#grade', 'bad');
  assert.ok((await rows(tab)) > 0);
  assert.deepEqual([...new Set(await tab.locator('#rows .grade').allTextContents())], ['○ bad']);
  await tab.selectOption('#source', 'paper-3');
  assert.deepEqual([...new Set(await tab.locator('#rows td.source').allTextContents())], ['paper-3']);
  await tab.click('#reset');
  await tab.fill('#from', '2020-01-10');
  await tab.fill('#to', '2020-01-12');
  assert.equal(await rows(tab), 3);
  await tab.click('#reset');
  await tab.check('[name=new]');
  assert.deepEqual((await headlines(tab)).sort(), ['Headline number 0', 'Headline number 1']);
  await tab.click('#reset');
  await tab.waitForFunction((all) => document.querySelectorAll('#rows tr').length === all, all);
  // Sorting is by button, and said.
  await tab.click('th[data-key=date] button');
  assert.equal(await tab.getAttribute('th[data-key=date]', 'aria-sort'), 'ascending');
  const dates = await tab.locator('#rows time').allTextContents();
  assert.deepEqual(dates, [...dates].sort());
  // The state is in the address.
  const again = await context.newPage();
  await again.goto(address(folder, 'index.html') + '#q=headline+number+7&grade=check');
  await ready(again);
  assert.deepEqual(await headlines(again), ['Headline number 7']);
  assert.equal(await again.inputValue('#q'), 'headline number 7');
  // Same story, once or as often as it was printed.
  await tab.fill('#q', 'dispatch');
  assert.equal(await rows(tab), 2);
  await tab.check('[name=once]');
  assert.equal(await rows(tab), 1);
  assert.match(await tab.textContent('#rows'), /same story in 1 other article/);
  assert.deepEqual(tab.problems, []);
  await again.close();
  await tab.close();
}

async function reading(context, folder) {
  const tab = await open(context, folder, 'article-2.html');
  const evidence = tab.locator('.evidence').first();
  assert.ok(!(await evidence.locator('.pair').first().isVisible()));
  await evidence.locator('summary').focus();
  await tab.keyboard.press('Enter');
  assert.ok(await evidence.locator('[lang=fr]').first().isVisible(), 'the evidence opens in place, by keyboard');
  const paper = (locator) => locator.evaluate((node) => getComputedStyle(node).backgroundColor);
  const lit = tab.locator('#s0');
  const before = await paper(lit);
  await tab.locator('.abstract a.mark').first().click();
  assert.match(tab.url(), /#s0$/);
  assert.notEqual(await paper(lit), before, 'the target is lit');
  const other = tab.locator('#s3');
  await other.hover();
  assert.notEqual(await paper(other), before, 'what the pointer is at is lit');
  await tab.locator('label[for=only-en]').click();
  assert.ok(!(await lit.locator('[lang=fr]').isVisible()) && (await lit.locator('p[lang=en]').isVisible()));
  assert.equal(await tab.locator('mark').first().textContent(), 'Sud Fret');
  assert.deepEqual(tab.problems, []);
  await tab.close();

  const hostile = await open(context, folder, 'hostile.html');
  assert.equal(await hostile.textContent('h1'), HOSTILE);
  assert.equal(await hostile.locator('script, img').count(), 0);
  assert.deepEqual(hostile.problems, []);
  await hostile.close();
  const index = await open(context, folder, 'index.html');
  await ready(index);
  await index.fill('#q', 'script alert');
  assert.deepEqual(await headlines(index), [HOSTILE]);
  await index.click('#rows a.headline');
  assert.equal(await index.textContent('h1'), HOSTILE);
  assert.deepEqual(index.problems, []);
  await index.close();
}

async function looking(browser, folder) {
  for (const [name, options] of [
    ['light', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
    ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 900 } }],
    ['narrow', { colorScheme: 'light', viewport: { width: 360, height: 740 } }],
  ]) {
    const context = await browser.newContext({ ...options, reducedMotion: 'reduce' });
    for (const page of ['index.html', 'article-2.html', 'people.html', 'timeline.html']) {
      const tab = await open(context, folder, page);
      if (page === 'index.html') await ready(tab);
      await tab.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
      const wide = await tab.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.ok(!wide, `${page}, ${name}: nothing sticks out`);
      await shot(tab, `${page}-${name}`);
      await axe(tab, `${page}, ${name}`);
      assert.deepEqual(tab.problems, [], page);
      await tab.close();
    }
    await context.close();
  }
  const plain = await browser.newContext({ javaScriptEnabled: false });
  const tab = await plain.newPage();
  await tab.goto(address(folder, 'index.html'));
  assert.ok((await rows(tab)) > 10 && !(await tab.locator('#search').isVisible()), 'there is a list without scripts');
  await plain.close();
  const paper = await browser.newContext();
  const printed = await open(paper, folder, 'article-2.html');
  await printed.emulateMedia({ media: 'print' });
  assert.ok(await printed.locator('.pair').first().isVisible(), 'evidence is printed');
  await shot(printed, 'print');
  await paper.close();
}

async function large(context, folder) {
  const bytes = statSync(join(folder, 'index.html')).size;
  assert.ok(bytes < 3e6, `index.html has ${bytes} bytes`);
  const tab = await open(context, folder, 'index.html');
  const clock = performance.now();
  await ready(tab);
  const loading = performance.now() - clock;
  const times = await tab.evaluate(async () => {
    const q = document.getElementById('q');
    const times = [];
    for (const query of ['h', 'word12 person', 'headline number 99']) {
      const clock = performance.now();
      q.value = query;
      q.dispatchEvent(new Event('input', { bubbles: true }));
      // Until it is on the screen.
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      times.push(performance.now() - clock);
    }
    return times;
  });
  const told = times.map((time) => `${time.toFixed(0)} ms`).join(', ');
  console.log(`10,000 articles: index.html ${(bytes / 1e6).toFixed(2)} MB, read in ${loading.toFixed(0)} ms, searches ${told}`);
  assert.ok(times[0] < 200, `first search: ${told}`);
  assert.ok((await rows(tab)) <= 100);
  assert.deepEqual(tab.problems, []);
  await tab.close();
}

/** The pages of the example corpus as a reader sees them first. */
async function picturing(browser) {
  const folder = join(scratch, 'corpus');
  execFileSync(precis, ['run', join(root, 'corpus'), '--out', folder, '--no-progress'], { stdio: 'ignore' });
  const context = await browser.newContext({ colorScheme: 'light', deviceScaleFactor: 0.75 });
  for (const [page, name, height] of [['index.html', 'index', 760], ['belarus.html', 'article', 1560]]) {
    const tab = await open(context, folder, page);
    await tab.setViewportSize({ width: 1120, height });
    await tab.waitForLoadState();
    mkdirSync(screenshots, { recursive: true });
    await tab.screenshot({ path: join(screenshots, `${name}.png`) });
    assert.deepEqual(tab.problems, []);
  }
  await context.close();
}

const small = Array.from({ length: 40 }, (_, n) => summary(n));
small.push(summary(90, { id: 'hostile', headline: HOSTILE }));
for (const n of [91, 92]) {
  const copy = summary(n, { headline: `Dispatch in paper ${n}` });
  copy.translation.sentences = structuredClone(small[5].translation.sentences);
  copy.translation.sentences.forEach((sentence) => { sentence.source = sentence.source.replaceAll('5x', '500x'); });
  small.push(copy);
}

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const folder = site('small', small);
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  await searching(context, folder);
  await reading(context, folder);
  await looking(browser, folder);
  const many = Array.from({ length: 10_000 }, (_, n) => {
    const made = summary(n);
    // Their pages are not looked at.
    made.translation.sentences = [];
    return made;
  });
  await large(context, site('large', many));
  if (screenshots) await picturing(browser);
  console.log('the pages are well');
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true, force: true });
}
