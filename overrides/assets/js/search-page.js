/**
 * The search page: search.html#q=…&p=2&sort=order&f.period=明. All state is in the hash, so that a result list can
 * be shared, reloaded and gone back to. Needs loader.js, filters.js and search-box.js, which brings the engine.
 */
(function () {
  'use strict';

  /** @typedef {{q: string, p: number, sort: string, filters: {[facet: string]: string[]}}} State what the hash says */

  var PAGE = 10;
  /** Characters of a query that are repeated above its results. */
  var SHOWN = 40;
  var root = /** @type {HTMLElement} */ (document.querySelector('[data-search-page]'));
  if (!root || root.hasAttribute('data-bound')) return;
  root.setAttribute('data-bound', '');

  var archive = window.archive;
  var loader = archive.loader;
  var filters = archive.filters;
  var make = filters.make;
  /** @type {Record<string, string>} */
  var labels = JSON.parse(root.getAttribute('data-labels') || '{}');
  var turn = 0;

  /** @param {string} name */
  function part(name) { return /** @type {HTMLElement} */ (root.querySelector('[data-search-' + name + ']')); }

  var input = /** @type {HTMLInputElement} */ (root.querySelector('input[type=search]'));
  var status = /** @type {HTMLElement} */ (root.querySelector('[role=status]'));
  var sort = /** @type {HTMLSelectElement} */ (part('sort'));
  var results = /** @type {HTMLOListElement} */ (part('results'));

  /** @param {string} value */
  function label(value) { return Object.prototype.hasOwnProperty.call(labels, value) ? labels[value] : value; }

  // ---- state ---------------------------------------------------------------------------------------------

  /** @returns {State} */
  function read() {
    var hash = new URLSearchParams(location.hash.slice(1));
    // A form sent without JavaScript, or before it ran, arrives as ?q=.
    var query = hash.get('q') || new URLSearchParams(location.search).get('q') || '';
    /** @type {{[facet: string]: string[]}} */
    var filters = {};
    hash.forEach(function (value, name) {
      if (name.indexOf('f.') === 0) (filters[name.slice(2)] = filters[name.slice(2)] || []).push(value);
    });
    return { q: query, p: Math.max(1, parseInt(hash.get('p') || '1', 10) || 1), sort: hash.get('sort') || 'score', filters: filters };
  }

  /** @param {State} state */
  function address(state) {
    var hash = new URLSearchParams();
    hash.set('q', state.q);
    if (state.p > 1) hash.set('p', String(state.p));
    if (state.sort !== 'score') hash.set('sort', state.sort);
    Object.keys(state.filters).forEach(function (name) {
      state.filters[name].forEach(function (value) { hash.append('f.' + name, value); });
    });
    return '#' + hash;
  }

  /** The state with changes, at its first page. @param {State} state @param {Partial<State>} changes @returns {State} */
  function change(state, changes) { return Object.assign({}, state, { p: 1 }, changes); }

  // ---- parts ---------------------------------------------------------------------------------------------

  /** @param {Search.Part[]} parts */
  function marked(parts) {
    return parts.map(function (piece) { return piece[1] ? make('mark', {}, [piece[0]]) : piece[0]; });
  }

  /** @param {number} seconds */
  function time(seconds) {
    var s = Math.floor(seconds);
    return Math.floor(s / 60) + ':' + ('0' + (s % 60)).slice(-2);
  }

  /** @param {Search.Hit} hit */
  function hitItem(hit) {
    var notes = [make('span', { class: 'search-hit__kind' }, [label(hit.kind)])];
    if (hit.time !== undefined) notes.push(make('span', { class: 'search-hit__time' }, ['从 ' + time(hit.time) + ' 播放']));
    return make('li', { class: 'search-hit' }, [
      make('a', { class: 'search-hit__title', href: loader.base + hit.link }, marked(hit.titleParts || [])),
      make('p', { class: 'search-hit__notes' }, notes),
      make('p', { class: 'search-hit__text' }, marked(hit.excerpt || []))
    ]);
  }

  /** @param {Search.Result} result @param {State} state */
  function showFacets(result, state) {
    var groups = result.facets.map(function (facet) {
      var values = facet.values.filter(function (item) { return item.count || item.chosen; }).map(function (item) {
        return { value: item.value, label: label(item.value), count: item.count, chosen: item.chosen };
      });
      return { name: facet.name, label: label(facet.name), shut: false, values: values };
    }).filter(function (group) {
      return group.values.length > 1 || group.values.some(function (value) { return value.chosen; });
    });
    filters.show(part('facets'), groups, function (name, value, on) { location.hash = without(state, name, value, on); });
    /** @type {ChosenValue[]} */
    var chosen = [];
    Object.keys(state.filters).forEach(function (name) {
      state.filters[name].forEach(function (value) { chosen.push({ label: label(value), without: without(state, name, value, false) }); });
    });
    filters.say(part('chosen'), chosen, address(change(state, { filters: {} })));
  }

  /** The address of the results with a value of a filter more, or less. @param {State} state @param {string} name @param {string} value @param {boolean} on */
  function without(state, name, value, on) {
    var rest = (state.filters[name] || []).filter(function (each) { return each !== value; });
    var next = Object.assign({}, state.filters);
    next[name] = on ? rest.concat(value) : rest;
    return address(change(state, { filters: next }));
  }

  /** @param {Search.Result} result @param {State} state */
  function showPages(result, state) {
    var nav = part('pages');
    nav.textContent = '';
    var last = Math.ceil(result.total / PAGE);
    nav.hidden = last < 2;
    if (last < 2) return;
    var numbers = [1, state.p - 1, state.p, state.p + 1, last].filter(function (n, i, all) {
      return n >= 1 && n <= last && all.indexOf(n) === i;
    }).sort(function (a, b) { return a - b; });
    /** @param {number} n @param {string} text @param {boolean} [current] */
    function link(n, text, current) {
      return make('a', { href: address(Object.assign({}, state, { p: n })), 'aria-current': current ? 'page' : null }, [text]);
    }
    if (state.p > 1) nav.append(link(state.p - 1, '上一页'));
    numbers.forEach(function (n, i) {
      if (i && n > numbers[i - 1] + 1) nav.append(make('span', {}, ['…']));
      nav.append(link(n, String(n), n === state.p));
    });
    if (state.p < last) nav.append(link(state.p + 1, '下一页'));
  }

  /** Links to other words, in place of results or above them. @param {HTMLElement} box @param {string} lead @param {string[]} words @param {State} state */
  function showWords(box, lead, words, state) {
    box.textContent = '';
    box.hidden = !words.length;
    if (!words.length) return;
    box.append(lead);
    words.forEach(function (word) {
      box.append(' ', make('a', { href: address(change(state, { q: word, filters: {} })) }, [word]));
    });
  }

  /** Entries with part of the words, apart from the exact results. @param {Search.Hit[]} hits @param {number} total */
  function showNear(hits, total) {
    var box = part('near');
    /** @type {HTMLElement} */ (box.querySelector('h2')).textContent = total ? '另有下面这些，含其中一部分' : '没有整句，下面含其中一部分';
    var list = /** @type {HTMLElement} */ (box.querySelector('ol'));
    box.hidden = !hits.length;
    list.textContent = '';
    hits.forEach(function (hit) { list.append(hitItem(hit)); });
  }

  /** The page of a person, place, virtue… that is called like the query: 学校 is found in few texts but has many entries. @param {string} word */
  function showDoors(word) {
    var box = part('door');
    var mine = turn;
    box.hidden = true;
    box.textContent = '';
    if (!word) return;
    loader.load('browse/doors.js').then(function (found) {
      var doors = /** @type {{[word: string]: [string, string, number][]}} */ (found);
      if (mine !== turn || !Object.prototype.hasOwnProperty.call(doors, word)) return;
      doors[word].forEach(function (door) {
        box.append(make('a', { href: loader.base + door[1] }, [make('span', {}, [door[0]]), make('b', {}, [word]), '全部 ' + door[2] + ' 条']));
      });
      box.hidden = false;
    }, function () { /* the results are there all the same */ });
  }

  /** @param {Search.Result} result */
  function showFaults(result) {
    var box = part('faults');
    box.hidden = !result.faults.length;
    box.textContent = '';
    if (box.hidden) return;
    var retry = make('button', { type: 'button' }, ['再试一次']);
    retry.addEventListener('click', run);
    box.append('有 ' + result.faults.length + ' 个检索文件读不到或已损坏，下面的结果可能不全。请重新拷贝整个文件夹再试。',
      ' ', retry, make('small', {}, [result.faults.slice(0, 3).join('、') + (result.faults.length > 3 ? ' 等' : '')]));
  }

  /** @param {Search.Result} result @param {State} state */
  function sayTotal(result, state) {
    var shown = Array.from(state.q);
    var short = shown.length > SHOWN ? shown.slice(0, SHOWN).join('') + '…' : state.q;
    var words = /["“”「」]/.test(short) ? short : '“' + short + '”';
    var cut = shown.length > 200 ? '（太长，只查前 200 字）' : '';
    var filtered = Object.keys(state.filters).some(function (name) { return state.filters[name].length > 0; });
    if (!/[^\s"“”「」『』\-－，。、；：？！,.;:?!]/.test(state.q.replace(/(^|\s)[-－]\S+/g, ''))) return '还要写一个要找的词；减号后面的词只表示不要它。';
    if (result.via.length) return '没有直接含 ' + words + ' 的内容；按拼音找到 ' + result.total + ' 条' + (result.viaMore ? '，另有 ' + result.viaMore + ' 个同音的词没有列出，请再多打几个字母' : '');
    if (result.faults.length) return result.total ? words + ' 至少有 ' + result.total + ' 条，有文件读不到，结果不全' : words + ' 查不了：有文件读不到';
    return words + cut + (filtered ? ' 合乎筛选的' : '') + ' 共 ' + result.total + ' 条' + (state.p > 1 ? '，第 ' + state.p + ' 页' : '');
  }

  // ---- run -----------------------------------------------------------------------------------------------

  /** @param {Search.Result} result @param {State} state */
  function show(result, state) {
    results.textContent = '';
    results.start = (state.p - 1) * PAGE + 1;
    result.hits.forEach(function (hit) { results.append(hitItem(hit)); });
    status.textContent = sayTotal(result, state);
    part('tools').hidden = !result.total;
    showFaults(result);
    showFacets(result, state);
    showPages(result, state);
    showWords(part('via'), '按拼音查的是：', result.via, state);
    showWords(part('nearest'), '您要找的是不是：', result.nearest, state);
    showNear(result.near, result.total);
    showDoors(state.q.trim());
    part('empty').hidden = result.total > 0;
    results.removeAttribute('aria-busy');
  }

  /** A result without hits. @param {State} state @param {string[]} faults @returns {Search.Result} */
  function nothing(state, faults) {
    return { query: state.q, total: 0, hits: [], facets: [], faults: faults, via: [], viaMore: 0, nearest: [], near: [] };
  }

  function run() {
    var state = read();
    var mine = ++turn;
    if (document.activeElement !== input) input.value = Array.from(state.q).slice(0, 200).join('');
    sort.value = state.sort;
    if (sort.selectedIndex < 0) sort.value = 'score';
    document.title = (state.q ? '检索：' + state.q : '检索') + document.title.replace(/^[^·]*(?=·|$)/, ' ').replace(/\s+$/, '');
    if (!state.q.trim()) {
      show(nothing(state, []), state);
      status.textContent = '输入人名、篇名、词句或拼音首字母，例如 cyk。';
      return;
    }
    results.setAttribute('aria-busy', 'true');
    archive.searchBox.engine().then(function (search) {
      return search.find(state.q, {
        limit: PAGE, offset: (state.p - 1) * PAGE, sort: state.sort, filters: state.filters, facets: true
      });
    }).then(function (result) {
      if (mine !== turn) return;
      // A shared link may point past the last page.
      if (result.total && !result.hits.length && state.p > 1 && !result.faults.length) {
        location.replace(address(Object.assign({}, state, { p: 1 })));
        return;
      }
      show(result, state);
    }, function () {
      if (mine === turn) show(nothing(state, ['assets/js/search-engine.js']), state);
    });
  }

  sort.addEventListener('change', function () {
    location.hash = address(change(read(), { sort: sort.value }));
  });
  part('pages').addEventListener('click', function (event) {
    // The list has changed below the reader: begin again at its top.
    if (/** @type {Element} */ (event.target).closest('a')) { status.focus(); root.scrollIntoView(); }
  });
  window.addEventListener('hashchange', run);
  run();
})();
