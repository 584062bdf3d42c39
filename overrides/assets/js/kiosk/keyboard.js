/**
 * Search by touch: 26 letters and ten digits over the dictionary's pinyin, no input method needed. Words it may mean
 * stand above the keys, what they find beside them as cards, a dozen at a time.
 */
(function () {
  'use strict';

  var WAIT = 120;
  var CARDS = 12;
  var WORDS = 8;
  /** A word still being typed finds nothing yet; one left standing has found nothing. */
  var SETTLED = 2500;

  var box = /** @type {HTMLElement} */ (document.querySelector('[data-touch-search]'));
  var shown = /** @type {HTMLInputElement} */ (box.querySelector('input'));
  var words = /** @type {HTMLElement} */ (box.querySelector('[data-words]'));
  var status = /** @type {HTMLElement} */ (box.querySelector('[role=status]'));
  var more = /** @type {HTMLElement} */ (box.querySelector('.touch-search__more'));
  var list = /** @type {HTMLElement} */ (box.querySelector('ol'));
  var labels = JSON.parse(box.getAttribute('data-labels') || '{}');
  var archive = window.archive;
  var base = archive.loader.base;
  var make = archive.filters.make;
  var timer = 0;
  var settled = 0;
  var turn = 0;
  /** How many of what is found are shown, and of which query. */
  var many = CARDS;
  var asked = '';

  /** Text with what was found marked. @param {Search.Part[]} parts */
  function marked(parts) {
    return parts.map(function (part) { return part[1] ? make('mark', {}, [part[0]]) : part[0]; });
  }

  /** @param {Search.Hit} hit */
  function card(hit) {
    return make('li', {}, [make('a', { href: base + hit.link }, [
      make('small', {}, [labels[hit.kind] || hit.kind]),
      make('strong', {}, marked(hit.titleParts || [[hit.title, false]])),
      make('span', {}, marked(hit.excerpt || []))
    ])]);
  }

  /** @param {Search.Result} result */
  function show(result) {
    var hits = result.hits.concat(result.near);
    var had = result.query === asked ? list.children.length : 0;
    asked = result.query;
    list.textContent = '';
    hits.forEach(function (hit) { list.append(card(hit)); });
    if (result.faults.length) status.textContent = '检索文件不全，请告诉工作人员。';
    else if (result.total) status.textContent = '找到 ' + result.total + ' 条' + (result.total > result.hits.length ? '，先看前 ' + result.hits.length + ' 条' : '');
    else status.textContent = hits.length ? '没有完全一样的，看看这些' : '没有找到，换一个词试试';
    more.hidden = result.total <= result.hits.length;
    // The next dozen begins where the eye and the finger are.
    if (had && had < hits.length) /** @type {HTMLElement} */ (list.children[had].firstElementChild).focus({ preventScroll: true });
    clearTimeout(settled);
    if (!result.total && !result.faults.length) settled = setTimeout(function () { archive.kioskPage.say('miss', { term: result.query }); }, SETTLED);
  }

  function run() {
    var query = shown.value;
    var mine = ++turn;
    clearTimeout(settled);
    if (!query) {
      list.textContent = words.textContent = '';
      more.hidden = true;
      status.textContent = '点字母，打拼音或拼音的头一个字母，例如 yz 是杨震。';
      return;
    }
    archive.search.suggest(query, WORDS).then(function (terms) {
      if (mine !== turn) return;
      words.textContent = '';
      terms.forEach(function (term) { words.append(make('button', { type: 'button', 'data-word': term.text }, [term.text])); });
    });
    archive.search.find(query, { limit: many }).then(function (result) { if (mine === turn) show(result); });
  }

  /** @param {string} value */
  function write(value) {
    shown.value = Array.from(value).slice(0, 20).join('');
    many = CARDS;
    window.scrollTo(0, 0); // other words, other results: from the first
    archive.kioskPage.keep(shown.value, many);
    clearTimeout(timer);
    timer = setTimeout(run, WAIT);
  }

  box.addEventListener('click', function (event) {
    var key = event.target instanceof Element ? event.target.closest('button') : null;
    if (!key) return;
    if (key.hasAttribute('data-more')) { many += CARDS; archive.kioskPage.keep(shown.value, many); run(); }
    else if (key.hasAttribute('data-word')) write(key.getAttribute('data-word') || '');
    else if (key.hasAttribute('data-delete')) write(Array.from(shown.value).slice(0, -1).join(''));
    else if (key.hasAttribute('data-clear')) write('');
    else if (key.hasAttribute('data-key')) write(shown.value + key.getAttribute('data-key'));
  });
  shown.addEventListener('input', function () { write(shown.value); }); // a hall with a real keyboard
  document.addEventListener('kiosk:words', function (event) {
    shown.value = event.detail.words;
    many = event.detail.many || CARDS;
    run();
  });
  archive.search.warm();
  run();
})();
